"""A whole MSP for stories: its chat as people use it, and what the outside world can tell."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import requests

from sandbox.estate.model import RmmVendor
from tests.noon import NOON
from tests.stories.programs import START_S, BotProcess, SandboxProcess, SmallSandbox, word

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05
WINDOW_IN_DAYS = 3

Json = dict[str, Any]
T = TypeVar("T")


class World:
    """Sandbox and bot, what people do and see in them, and what took effect outside.

    `pace` is how long simulated work takes (1 is lifelike). `window_day` is the day of the maintenance windows
    (12:00 to 16:00 by each client's clock), else one that is three days away. `extra` is appended to the
    configuration. `vendors`: a sandbox of the companies of these alone, in this very process.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pace: float = 0.1,
        poll_s: float = 0.3,
        window_day: str | None = None,
        extra: str = "",
        vendors: Sequence[RmmVendor] = (),
    ) -> None:
        self.folder = folder
        self.config = folder / "gatehouse.toml"
        self.sandbox = (
            SmallSandbox(folder, pace=pace, vendors=vendors)
            if vendors
            else SandboxProcess(folder, pace=pace)
        )
        self.url = self.sandbox.url
        self.bot = BotProcess(folder, self.config)
        #: What words of the command line said, for whoever looks for secrets.
        self.heard: list[str] = []
        self.http = requests.Session()
        self.http.trust_env = False
        adapt(self.config, poll_s=poll_s, window_day=window_day, extra=extra)

    def close(self) -> None:
        try:
            self.bot.close()
        finally:
            self.sandbox.close()
            self.http.close()

    # The bot.

    def start(self, **environment: str) -> None:
        """Start the bot and wait for its connection."""
        self.bot.start(**environment)
        self.eventually(self.is_ready, within=START_S, what="the bot's connection")

    def wait_for_scan(self) -> None:
        """Until every client has been read once."""
        snapshots = self.folder / "data" / "snapshots"
        clients = self.config.read_text(encoding="utf-8").count("[[clients]]")
        self.eventually(
            lambda: len(list(snapshots.glob("*.json"))) == clients, what="the first scan"
        )

    def restart_killed(self) -> None:
        self.bot.kill()
        self.start()

    def word(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """A word of the command line, with this world's configuration."""
        said = word(self.folder, *words, "--config", str(self.config), **environment)
        self.heard += [said.stdout, said.stderr]
        return said

    def is_ready(self) -> bool:
        assert self.bot.running, f"the bot ended:\n{self.bot.said()[-3000:]}"
        return self.http.get(f"{self.url}/person/ready", timeout=30).status_code == 200

    # Looking.

    def eventually(
        self, look: Callable[[], T | None], *, within: float = PATIENCE_S, what: str = "it"
    ) -> T:
        """The first answer that is neither None nor empty."""
        end = time.monotonic() + within
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > end:
                log = self.bot.said()[-3000:]
                raise AssertionError(f"{what} did not happen within {within:.0f} s\n{log}")
            time.sleep(LOOK_EVERY_S)

    def get(self, path: str, **params: str) -> Any:
        answer = self.http.get(f"{self.url}{path}", params=params, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = self.http.post(f"{self.url}{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def refused(self, path: str, body: Mapping[str, Any]) -> tuple[int, str]:
        """The status and the error code of what the chat itself does not let a person do."""
        answer = self.http.post(f"{self.url}{path}", json=body, timeout=30)
        assert not answer.ok, answer.text
        return answer.status_code, str(answer.json()["error"])

    # What people do.

    def command(self, who: str, channel: str, text: str) -> Json:
        answer: Json = self.post("/person/command", {"as": who, "channel": channel, "text": text})
        return answer

    def click(
        self, who: str, message: Mapping[str, Any], action: str, selected: str | None = None
    ) -> Json:
        body = {"as": who, "channel": message["channel"], "ts": message["ts"], "action_id": action}
        more = {} if selected is None else {"selected": selected}
        answer: Json = self.post("/person/action", body | more)
        return answer

    def submit(self, who: str, view: Mapping[str, Any], values: Mapping[str, Any]) -> Json:
        body = {"as": who, "view_id": view["id"], "values": values}
        answer: Json = self.post("/person/view/submit", body)
        return answer

    def close_forms(self, who: str) -> None:
        view = self.get("/person/view", **{"as": who})["view"]
        if view is not None:
            self.post("/person/view/close", {"as": who, "view_id": view["id"], "clear": True})

    def suggestions(self, who: str, view: Mapping[str, Any], field: str, typed: str) -> list[Json]:
        body = {"as": who, "view_id": view["id"], "action_id": field, "value": typed}
        options: list[Json] = self.post("/person/suggest", body)["options"]
        return options

    def forge(self, payload: Mapping[str, Any]) -> Json:
        answer: Json = self.post("/person/forge", {"payload": payload})
        return answer

    # What people see.

    def view(self, who: str, *callbacks: str) -> Json:
        """The form a person has before them, once it is one of these."""

        def look() -> Json | None:
            view: Json | None = self.get("/person/view", **{"as": who})["view"]
            return view if view and view["callback_id"] in callbacks else None

        return self.eventually(look, what=f"{who} seeing one of {callbacks}")

    def messages(self, who: str, channel: str, **more: str) -> list[Json]:
        found: list[Json] = self.get("/person/messages", **{"as": who, "channel": channel}, **more)[
            "messages"
        ]
        return found

    def reads(
        self, who: str, channel: str, *words: str, within: float = PATIENCE_S, **more: str
    ) -> Json:
        """The newest message that holds all the words, once it is there."""
        seen: list[Json] = []

        def look() -> Json | None:
            seen[:] = self.messages(who, channel, **more)
            return next((m for m in reversed(seen) if says(m, *words)), None)

        try:
            return self.eventually(look, within=within, what=f"{who} reading {words} in {channel}")
        except AssertionError as missing:
            missing.add_note("\n".join(["The newest there:", *(text_of(m) for m in seen[-3:])]))
            raise

    def answered(self, who: str, channel: str, act: Callable[[], object]) -> Json:
        """What only this person is told in the channel after the act."""
        before = {m["ts"] for m in self.messages(who, channel)}
        act()

        def look() -> Json | None:
            rows = self.messages(who, channel)
            return next((m for m in rows if m["ephemeral"] and m["ts"] not in before), None)

        return self.eventually(look, what=f"an answer to {who} in {channel}")

    def told(self, who: str, channel: str, *words: str) -> Json:
        """What this person alone is told, in the channel or in their direct messages."""

        def look() -> Json | None:
            here = [m for m in self.messages(who, channel) if m["ephemeral"]]
            shown = [*here, *self.messages(who, "@gatehouse")]
            return next((m for m in shown if says(m, *words)), None)

        return self.eventually(look, what=f"{who} being told {words}")

    # What the outside world can tell.

    def effects(self, target: str, kind: str | None = None) -> list[Json]:
        rows: list[Json] = self.get("/effects", target=target)["effects"]
        return [row for row in rows if kind in (None, row["kind"])]

    def calls(self, target: str) -> list[Json]:
        rows: list[Json] = self.get("/calls", target=target)["calls"]
        return rows

    def fault(self, **fault: Any) -> str:
        return str(self.post("/faults", fault)["id"])

    def struck(self, fault_id: str) -> bool:
        """Whether the fault has met a call."""
        return any(f["id"] == fault_id and f["hits"] for f in self.get("/faults")["faults"])

    def mend(self) -> None:
        """Remove all faults."""
        self.http.delete(f"{self.url}/faults", timeout=30)

    def advance(self, seconds: float) -> None:
        """Move sandbox and bot forward together."""
        self.post("/clock", {"advance_s": seconds})

    def advance_to(self, moment: datetime) -> None:
        """Do so until a moment; time never goes back."""
        now = datetime.fromisoformat(self.get("/clock")["now"])
        self.advance(max(0.0, (moment - now).total_seconds()))

    # What is on the record.

    def audit(self, kind: str | None = None) -> list[Json]:
        lines: list[Json] = []
        for file in sorted((self.folder / "data" / "audit").glob("*.jsonl")):
            whole = file.read_text(encoding="utf-8").rpartition("\n")[0]
            lines += [json.loads(line) for line in whole.splitlines()]
        return [line for line in lines if kind in (None, line["kind"])]


def adapt(config: Path, *, poll_s: float, window_day: str | None, extra: str) -> None:
    """Make the sandbox's configuration quick and its maintenance windows shut for now, and add to it."""
    day = window_day or f"{NOON + timedelta(days=WINDOW_IN_DAYS):%a}".lower()
    window = f'{{ days = ["{day}"], start = "12:00", minutes = 240 }}'
    text = config.read_text(encoding="utf-8")
    for line, value in (("poll_seconds", str(poll_s)), ("maintenance_window", window)):
        text, found = re.subn(rf"(?m)^{line} = .*$", f"{line} = {value}", text)
        assert found, f"the configuration has no {line}"
    config.write_text(f"{text}\n{extra}\n", encoding="utf-8")


def says(shown: Mapping[str, Any], *words: str) -> bool:
    return all(word in text_of(shown) for word in words)


def assert_says(shown: Mapping[str, Any], *words: str) -> None:
    missing = [word for word in words if word not in text_of(shown)]
    assert not missing, f"{missing} not in {text_of(shown)}"


def text_of(shown: Mapping[str, Any]) -> str:
    """All words of a message or view."""
    return json.dumps([shown.get("text"), shown.get("blocks")], ensure_ascii=False)
