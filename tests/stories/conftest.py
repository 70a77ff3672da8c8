"""A whole MSP for stories: `bot.py sandbox` and `bot.py run` as real processes, driven as people drive them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40.0

T = TypeVar("T")


def eventually(look: Callable[[], T | None], *, within: float = PATIENCE_S, what: str = "it") -> T:
    """The first answer that is not None or empty; fails the test when none comes."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {within:.0f} s")


class World:
    """Sandbox and bot, and what people do and see in them."""

    def __init__(self, folder: Path, *, pace: float) -> None:
        self.folder = folder
        self.log = folder / "bot.log"
        self._environment = {**os.environ, "REQUESTS_CA_BUNDLE": str(_foreign_bundle(folder))}
        self._sandbox = subprocess.Popen(
            [
                sys.executable, str(ROOT / "bot.py"), "sandbox", "--port", "0",
                "--pace", str(pace), "--write-config", str(folder),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self._sandbox.stdout is not None
        self.url: str = json.loads(self._sandbox.stdout.readline())["url"]
        self._bot: subprocess.Popen[bytes] | None = None

    # The processes.

    def start_bot(self) -> None:
        with self.log.open("ab") as log:
            self._bot = subprocess.Popen(
                [sys.executable, str(ROOT / "bot.py"), "run", "--config", str(self.config)],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        eventually(self._is_ready, what="the bot's connection")

    def kill_bot(self) -> None:
        assert self._bot is not None
        self._bot.send_signal(signal.SIGKILL)
        self._bot.wait(10)

    def stop_bot(self) -> int:
        """SIGTERM; its exit code."""
        assert self._bot is not None
        self._bot.terminate()
        return self._bot.wait(40)

    def word(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A word of the command line."""
        return subprocess.run(
            [sys.executable, str(ROOT / "bot.py"), *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def close(self) -> None:
        for process in (self._bot, self._sandbox):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(5)
        if self._sandbox.stdout is not None:
            self._sandbox.stdout.close()

    @property
    def config(self) -> Path:
        return self.folder / "gatehouse.toml"

    def _is_ready(self) -> bool:
        return requests.get(f"{self.url}/person/ready", timeout=5).status_code == 200

    # People.

    def get(self, path: str, **params: str) -> Any:
        answer = requests.get(f"{self.url}{path}", params=params, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Mapping[str, Any], *, fine: bool = True) -> Any:
        answer = requests.post(f"{self.url}{path}", json=body, timeout=15)
        if fine:
            assert answer.ok, answer.text
        return answer.json()

    def command(self, who: str, channel: str, text: str) -> Any:
        return self.post("/person/command", {"as": who, "channel": channel, "text": text})

    def click(self, who: str, channel: str, message: Mapping[str, Any], action: str) -> Any:
        body = {"as": who, "channel": channel, "ts": message["ts"], "action_id": action}
        return self.post("/person/action", body)

    def submit(self, who: str, values: Mapping[str, Any]) -> Any:
        body = {"as": who, "view_id": self.view(who)["id"], "values": values}
        return self.post("/person/view/submit", body)

    def view(self, who: str, callback: str | None = None) -> Mapping[str, Any]:
        """The form a person sees, once there is one (with that callback id)."""

        def look() -> Mapping[str, Any] | None:
            view = self.get("/person/view", **{"as": who})["view"]
            return view if view and callback in (None, view["callback_id"]) else None

        return eventually(look, what=f"the form {callback} for {who}")

    def messages(self, who: str, channel: str, **more: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(
            "/person/messages", **{"as": who, "channel": channel}, **more
        )["messages"]
        return found

    def reads(
        self, who: str, channel: str, *words: str, within: float = PATIENCE_S, **more: str
    ) -> dict[str, Any]:
        """The newest message that holds all the words, once it is there."""

        def look() -> dict[str, Any] | None:
            found = [m for m in self.messages(who, channel, **more) if says(m, *words)]
            return found[-1] if found else None

        return eventually(look, within=within, what=f"{who} reading {words} in {channel}")

    # What the outside world can tell.

    def effects(self, target: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.get("/effects", target=target)["effects"]
        return rows

    def fault(self, **fault: Any) -> str:
        return str(self.post("/faults", fault)["id"])

    def advance(self, seconds: float) -> None:
        self.post("/clock", {"advance_s": seconds})

    def audit(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        for file in sorted((self.folder / "data" / "audit").glob("*.jsonl")):
            lines += [json.loads(line) for line in file.read_text().splitlines()]
        return lines


def says(message: Mapping[str, Any], *words: str) -> bool:
    whole = json.dumps([message.get("text"), message.get("blocks")], ensure_ascii=False)
    return all(word in whole for word in words)


def _foreign_bundle(folder: Path) -> Path:
    """A CA bundle in which the sandbox's authority is not."""
    import trustme

    bundle = folder / "foreign-ca.pem"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_bytes(trustme.CA().cert_pem.bytes())
    return bundle


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Sandbox up, bot up, first scan done."""
    made = World(tmp_path / "msp", pace=0.1)
    try:
        made.start_bot()
        yield made
    finally:
        made.close()
