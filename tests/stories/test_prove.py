"""Installs that are locked until proven: a person proves them from the command line, on one device each."""

import json
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot import app
from sandbox.app import Options, Sandbox, running
from sandbox.estate.model import Device, RmmVendor
from sandbox.rmm.vsa9 import agent_id
from tests.noon import NOON
from tests.sandbox.rmm_desk import willing
from tests.stories.programs import START_S, BotProcess, of_vendors

UNSURE: tuple[RmmVendor, ...] = ("automate", "vsa9")
#: A name as a company's devices have, not one that every company or no honest one has.
_PLAIN = re.compile(r"[A-Z]+-(LT|WS)-\d+")


@dataclass
class House:
    """A sandbox of two clients, and the words of the command line."""

    sandbox: Sandbox
    folder: Path
    bot: BotProcess = field(init=False)

    def __post_init__(self) -> None:
        self.bot = BotProcess(self.folder, self.config)

    @property
    def config(self) -> Path:
        return self.folder / "gatehouse.toml"

    def say(self, *words: str) -> Result:
        """A word of the command line, in this very process: a start costs more than all it then does."""
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        try:
            return CliRunner().invoke(app, [*words, "--config", str(self.config)])
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)

    def rows(self) -> dict[str, Any]:
        said = self.say("check", "--json")
        return {row["what"]: row for row in json.loads(said.stdout)["rows"]}

    def start_bot(self) -> None:
        """Until both clients have been read once."""
        self.bot.start()
        end, snapshots = time.monotonic() + START_S, self.folder / "data" / "snapshots"
        while len(list(snapshots.glob("*.json"))) < len(UNSURE):
            assert self.bot.running, self.bot.said()
            assert time.monotonic() < end, self.bot.said()
            time.sleep(0.05)

    def device(self, vendor: RmmVendor) -> Device:
        """One that will install its update, and bears a name of its own."""
        (company,) = self.sandbox.world.estate.of_rmm(vendor)
        return next(d for d in company.devices if willing(d) and _PLAIN.fullmatch(d.name))

    def hit(self, vendor: str) -> list[str]:
        """The ids of the devices that an install was ordered for."""
        rows = self.sandbox.world.effects.rows(vendor)
        return [item for row in rows for item in row["target_ids"]]

    def audit(self) -> list[dict[str, Any]]:
        files = sorted((self.folder / "data" / "audit").glob("*.jsonl"))
        lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        return [line for line in lines if line["kind"].startswith("proof.")]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    options = Options(
        port=0, pace=0.1, at=NOON, write_config=tmp_path / "msp", grow=of_vendors(*UNSURE)
    )
    with running(options) as sandbox:
        made = House(sandbox, tmp_path / "msp")
        try:
            yield made
        finally:
            made.bot.close()


def test_install_stays_locked_until_a_person_has_proven_it_on_one_device(house: House) -> None:
    automate, vsa9 = house.device("automate"), house.device("vsa9")
    house.start_bot()

    unanswered = house.say("prove", "vsa9", "--device", vsa9.name)
    assert unanswered.exit_code == 1
    assert f" on {vsa9.name} (Copperleaf Printing) now" in unanswered.stderr
    assert "schedule installs the updates it names" in unanswered.stderr
    assert house.hit("vsa9") == []

    # Beside a running bot, which does it.
    proven = house.say("prove", "vsa9", "--device", vsa9.name, "--yes")
    assert proven.exit_code == 0, proven.stderr
    assert json.loads(proven.stdout)["proven"]
    assert house.hit("vsa9") == [agent_id(vsa9)]

    rows = house.rows()
    assert f"proven on {vsa9.name}" in str(rows["Kaseya VSA 9 account vsa9"])
    locked = rows["ConnectWise Automate account automate: install locked"]
    assert not locked["ok"]
    assert "python bot.py prove automate --device NAME" in locked["problems"][0]["remedy"]

    # Without one, by taking its place.
    house.bot.kill()
    proven = house.say("prove", "automate", "--device", automate.name, "--yes")
    assert proven.exit_code == 0, proven.stderr
    assert house.hit("automate") == [str(automate.number)]
    assert [line["kind"] for line in house.audit()] == ["proof.begun", "proof.given"] * 2
    given = house.audit()[-1]["detail"]["proof"]
    assert given["doubt"]["server"] == house.sandbox.targets["automate"]
    assert given["device_name"] == automate.name


def test_vendor_that_is_sure_has_nothing_to_prove() -> None:
    words = ["prove", "ninjaone", "--device", "X", "--yes", "--config", "nosuch.toml"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 2
    assert "nothing to prove" in said.output
