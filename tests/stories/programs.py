"""`bot.py sandbox` and `bot.py run` as real processes, a sandbox of few clients, and the words of the command line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import trustme

from sandbox.app import Options, running
from sandbox.estate.companies import HAND_MADE
from sandbox.estate.grow import grow_company
from sandbox.estate.model import Estate, RmmVendor
from tests.noon import NOON

BOT = Path(__file__).parents[2] / "bot.py"
#: What the estate is grown from; `tests.stories.estate` grows the same one.
SEED, CLIENTS = 1, 6
#: A busy machine makes a bot slow, which is not what stories tell of.
LEEWAY = 10.0
START_S, STOP_S, WORD_S = 60, 60, 120


def environment(folder: Path) -> dict[str, str]:
    """Ours, with a CA bundle in which the sandbox's authority is not."""
    bundle = folder / "foreign-ca.pem"
    if not bundle.exists():
        folder.mkdir(parents=True, exist_ok=True)
        bundle.write_bytes(trustme.CA().cert_pem.bytes())
    return {**os.environ, "REQUESTS_CA_BUNDLE": str(bundle), "COLUMNS": "200"}


def word(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Say a word of the command line and wait for its end; `more` goes into the environment."""
    return subprocess.run(
        [sys.executable, str(BOT), *words],
        env={**environment(folder), **more},
        capture_output=True,
        text=True,
        timeout=WORD_S,
        check=False,
    )


class SandboxProcess:
    """`bot.py sandbox`, serving once this is made."""

    def __init__(self, folder: Path, *, pace: float) -> None:
        self._log = (folder.parent / "sandbox.log").open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable, str(BOT), "sandbox", "--port", "0", "--seed", str(SEED),
                "--clients", str(CLIENTS), "--pace", str(pace), "--write-config", str(folder),
                "--at", f"{NOON:%Y-%m-%dT%H:%M}", "--leeway", str(LEEWAY),
            ],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        announced = json.loads(self._process.stdout.readline())
        self.url: str = announced["url"]
        self.targets: Mapping[str, str] = announced["targets"]

    def close(self) -> None:
        end(self._process)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()


def of_vendors(*vendors: RmmVendor) -> Callable[[int, datetime, int], Estate]:
    """Grows their companies alone, under the numbers they have among all."""

    def grow(seed: int, now: datetime, _: int) -> Estate:
        numbered = enumerate(HAND_MADE, 1)
        made = [grow_company(o, seed, now, number) for number, o in numbered if o.rmm in vendors]
        return Estate(seed=seed, made_at=now, companies=made)

    return grow


class SmallSandbox:
    """The companies of some vendors in a thread of this process, serving once this is made."""

    def __init__(self, folder: Path, *, pace: float, vendors: Sequence[RmmVendor]) -> None:
        self._running = ExitStack()
        options = Options(
            port=0,
            seed=SEED,
            pace=pace,
            leeway=LEEWAY,
            at=NOON,
            write_config=folder,
            grow=of_vendors(*vendors),
        )
        sandbox = self._running.enter_context(running(options))
        self.url = sandbox.url

    def close(self) -> None:
        self._running.close()


class BotProcess:
    """`bot.py run`: started, killed and started again on the same data."""

    def __init__(self, folder: Path, config: Path) -> None:
        self.log = folder / "bot.log"
        self._folder = folder
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        """`more` goes into the environment."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(BOT), "run", "--config", str(self._config)],
                env={**environment(self._folder), **more},
                stdout=log,
                stderr=log,
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: no goodbye, no flush."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(STOP_S)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(STOP_S)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def close(self) -> None:
        """Whoever wants to see it end well says `stop`."""
        if self.running:
            self.kill()


def end(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    """Ask it to end, and see to it that it does."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)
        raise
