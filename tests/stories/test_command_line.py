"""The words of the command line: beside a running bot, without one, and when something is wrong."""

import csv
import io
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from bot import app
from tests.stories import estate
from tests.stories.asking import approve, ask_patches, card
from tests.stories.programs import BOT, environment, word
from tests.stories.record import carried_out, ended, events
from tests.stories.world import World

#: Sooner than draining gives up.
STOP_WITHIN_S = 19
WORDS = (
    ("run",),
    ("check",),
    ("scan",),
    ("digest",),
    ("freeze",),
    ("prove",),
    ("manifest",),
    ("sandbox",),
    ("demo",),
    ("audit", "verify"),
    ("audit", "export"),
)


def one_sentence(text: str) -> bool:
    lines = text.strip().splitlines()
    return len(lines) == 1 and lines[0].endswith(".") and "Traceback" not in text


def keep_clients(config: Path, *keys: str) -> None:
    """Leave only these clients in the configuration."""
    head, *clients = config.read_text(encoding="utf-8").split("\n[[clients]]\n")
    last, people, rest = clients[-1].partition("\n[[people]]\n")
    kept = [c for c in (*clients[:-1], last) if any(f'key = "{key}"' in c for key in keys)]
    config.write_text("\n[[clients]]\n".join([head, *kept]) + people + rest, encoding="utf-8")


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_word_has_an_example_in_its_help(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*words, "--help"])
    assert said.exit_code == 0
    assert f"Example: python bot.py {' '.join(words)}" in " ".join(said.output.split())


@pytest.mark.parametrize("word", ["sandbox", "demo"])
def test_a_port_that_there_is_not_is_refused_before_anything_starts(word: str) -> None:
    said = CliRunner().invoke(app, [word, "--port", "99999"])
    assert said.exit_code == 2
    assert "less than or equal to 65535" in " ".join(said.output.replace("│", " ").split())


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_every_example_can_be_typed_as_it_stands(words: tuple[str, ...]) -> None:
    command = get_command(app)
    for name in words:
        assert isinstance(command, TyperGroup)
        command = command.commands[name]
    assert command.epilog is not None
    typed = command.epilog.split("`")[1].split(" > ")[0]
    left = shlex.split(typed)[2 + len(words) :]

    made = command.make_context(words[-1], left)  # raises where something required is missing

    assert not made.args


def test_the_manifest_names_every_command(tmp_path: Path) -> None:
    said = word(tmp_path, "manifest")
    commands = json.loads(said.stdout)["features"]["slash_commands"]
    assert [command["command"] for command in commands] == ["/mfa", "/patch", "/gatehouse"]


def test_check_shows_what_is_wrong_and_is_content_when_nothing_is(shared_world: World) -> None:
    said = shared_world.word("check", "--json")
    assert said.returncode == 1, said.stderr
    rows = {row["what"]: row for row in json.loads(said.stdout)["rows"]}
    assert rows["Acme Dental Group"]["ok"]
    orchard = rows["Orchard Primary Care"]
    assert not orchard["ok"]
    assert any("The write app is not installed" in p["what"] for p in orchard["problems"])
    assert all(p["remedy"] for row in rows.values() for p in row["problems"])
    datto = rows["Datto RMM account datto"]
    assert [p["what"] for p in datto["unproved"]] == ["run quick jobs"]
    assert any("docs/vendors/datto.md" in fact for fact in datto["facts"])
    assert datto["doubts"]["The log's words"] == "look"
    assert datto["doubts"]["Forms of times"] == "yes"
    assert datto["ok"], "what only shows when it is used is no finding"

    sound = shared_world.folder / "sound.toml"
    sound.write_bytes(shared_world.config.read_bytes())
    keep_clients(sound, "harbor", "acme-dental")
    text = sound.read_text(encoding="utf-8")
    only_ninja = re.sub(r"(?m)^\[rmm\.(?!ninja\])\w+\]\n(?:[^\[\n].*\n|\n)*", "", text)
    sound.write_text(only_ninja, encoding="utf-8")
    content = word(shared_world.folder, "check", "--config", str(sound))
    assert content.returncode == 0, content.stdout + content.stderr
    assert "✓ Acme Dental Group" in content.stdout
    assert "✗" not in content.stdout


def test_a_digest_is_printed_without_being_posted(shared_world: World) -> None:
    before = len(shared_world.messages("tech", "blue-river-law"))
    printed = shared_world.word("digest", "--channel", "blue-river-law", "--print")
    assert printed.returncode == 0, printed.stderr
    assert "Blue River Law" in printed.stdout
    assert "MFA" in printed.stdout
    assert not any(mark in printed.stdout for mark in ("*", "`", "<!", "_First"))
    assert len(shared_world.messages("tech", "blue-river-law")) in (before, 1)
    unknown = shared_world.word("digest", "--channel", "nosuch", "--print")
    assert unknown.returncode == 2
    assert "#blue-river-law" in unknown.stderr


def test_a_second_run_is_refused_in_one_sentence(shared_world: World) -> None:
    refused = shared_world.word("run")
    assert refused.returncode == 1
    assert one_sentence(refused.stderr), refused.stderr
    assert "running" in refused.stderr
    assert shared_world.bot.running


def test_every_configuration_error_is_listed_with_its_path(shared_world: World) -> None:
    wrong = shared_world.folder / "wrong.toml"
    text = shared_world.config.read_text(encoding="utf-8")
    text = text.replace('time_zone = "America/Chicago"', 'time_zone = "Mars/Base"')
    text = text.replace('role = "owner"', 'role = "king"')
    token = 'bot_token = "xoxb-planted-secret"'
    text = text.replace(next(line for line in text.splitlines() if "bot_token" in line), token)
    wrong.write_text(f"{text}\n[engin]\npoll_seconds = 1\n", encoding="utf-8")
    for words in (("run",), ("check", "--json")):
        refused = word(shared_world.folder, *words, "--config", str(wrong))
        assert refused.returncode == 2
        assert refused.stdout == ""
        for path in ("clients[0].time_zone", "people[1].role", "slack.bot_token", "engin"):
            assert path in refused.stderr
        assert "planted" not in refused.stderr
    missing = word(shared_world.folder, "run", "--config", "nosuch.toml")
    assert missing.returncode == 2
    assert "nosuch.toml" in missing.stderr


def test_the_audit_log_is_exported_and_a_flipped_byte_is_found(
    shared_world: World, tmp_path: Path
) -> None:
    world = shared_world
    device = estate.one("acme-dental", estate.fit)
    request = ask_patches(
        world, "tech", "acme-dental", "acme", [device], patch_action="scan_patches"
    )
    approve(world, "manager", request)
    ended(world, request)
    exported = world.word("audit", "export")
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    kinds = {line["kind"] for line in lines}
    assert {"request.requested", "request.decided", "request.finished"} <= kinds
    # The bot runs on, so the log may have grown since; what was there stays.
    table = csv.DictReader(io.StringIO(world.word("audit", "export", "--format", "csv").stdout))
    assert [row["hash"] for row in table][: len(lines)] == [line["hash"] for line in lines]

    whole = world.word("audit", "verify", "--json")
    assert whole.returncode == 0, whole.stdout
    assert json.loads(whole.stdout)["entries"] >= len(lines)
    copy = shutil.copytree(world.folder / "data" / "audit", tmp_path / "audit")
    (file,) = copy.glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b'"maya"', b'"naya"', 1))
    broken = word(tmp_path, "audit", "verify", str(copy))
    assert broken.returncode == 1
    assert "✗" in broken.stdout


def test_sigterm_waits_for_the_call_under_way_and_nothing_is_unknown(shared_world: World) -> None:
    world = shared_world
    device = estate.one("acme-dental", estate.fit)
    request = ask_patches(world, "tech", "acme-dental", "acme", [device])
    slow = world.fault(target="ninjaone", path="*/patch/os/apply", kind="latency", seconds=1.5)
    approve(world, "manager", request)
    world.eventually(lambda: world.struck(slow), what="the call to NinjaOne")
    began = time.monotonic()
    assert world.bot.stop() == 0
    assert time.monotonic() - began < STOP_WITHIN_S
    assert carried_out(world, request, "ninjaone") == [device]
    world.mend()
    world.start()
    assert ended(world, request) == "succeeded"
    states = [r["state"] for e in events(world, request) for r in e.get("results", ())]
    assert "unknown" not in states
    assert carried_out(world, request, "ninjaone") == [device]
    card(world, request, "Done and verified")


def test_words_work_without_a_bot_and_say_nothing_secret_even_when_they_say_everything(
    shared_world: World,
) -> None:
    """The end of every story looks for secrets; this one makes bot and words as talkative as can be."""
    world = shared_world
    assert world.bot.stop() == 0
    for target in ("graph", "ninjaone", "datto"):
        world.fault(target=target, kind="status", status=401, count=3)
    said = world.word("scan", GATEHOUSE_LOG_LEVEL="DEBUG")
    clients = json.loads(said.stdout)
    assert {"acme-dental", "blue-river-law"} <= {client["client"] for client in clients}
    assert said.returncode == (1 if any(client["not_read"] for client in clients) else 0)
    assert " DEBUG " in said.stderr
    world.mend()
    world.start(GATEHOUSE_LOG_LEVEL="DEBUG")
    again = world.word("scan", GATEHOUSE_LOG_LEVEL="DEBUG")
    assert len(json.loads(again.stdout)) == len(clients)
    assert " DEBUG " in world.bot.said()


def test_the_demo_opens_with_a_digest_and_ends_whole(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, str(BOT), "demo", "--port", "0", "--keep", str(tmp_path / "demo")],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert demo.stdout is not None
        url = next(w for w in demo.stdout.readline().split() if w.startswith("http"))
        until = time.monotonic() + 60
        shown: list[object] = []
        while not shown and time.monotonic() < until:
            asked = {"as": "tech", "channel": "acme-dental"}
            shown = requests.get(f"{url}/person/messages", params=asked, timeout=30).json()[
                "messages"
            ]
            time.sleep(0.2)
        assert shown
    finally:
        demo.send_signal(signal.SIGINT)
        rest = demo.communicate(timeout=60)[1]
    assert demo.returncode == 0, rest
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/person/ready", timeout=30)
