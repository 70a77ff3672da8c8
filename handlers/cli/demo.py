"""`bot.py demo`: sandbox and bot as two processes, one URL, and both end together."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from handlers.cli import output

READY_SECONDS = 60
END_SECONDS = 25


def run_demo(bot: Path, *, port: int, keep: Path | None) -> int:
    """Run until Ctrl-C, or until one of the two ends by itself; the exit code."""
    folder = keep or Path(tempfile.mkdtemp(prefix="gatehouse-demo-"))
    processes: list[subprocess.Popen[str]] = []
    # SIGINT, too: a shell that starts a program in the background has it ignored.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        output.note("Starting the sandbox and the bot ...")
        sandbox = _sandbox(bot, folder, port)
        processes.append(sandbox)
        url = _announced(sandbox)
        if url is None:
            output.note("The sandbox did not start; is the port taken? Try --port 0.")
            return 1
        processes.append(_bot(bot, folder))
        return _watch(processes, url)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(processes)
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _sandbox(bot: Path, folder: Path, port: int) -> subprocess.Popen[str]:
    words = ["sandbox", "--port", str(port), "--write-config", str(folder)]
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(bot), *words],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _bot(bot: Path, folder: Path) -> subprocess.Popen[str]:
    """It logs warnings only, so that the address to open stays in sight."""
    words = ["run", "--config", str(folder / "gatehouse.toml")]
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(bot), *words],
        text=True,
        start_new_session=True,
        env={"GATEHOUSE_LOG_LEVEL": "WARNING", **os.environ},
    )


def _announced(sandbox: subprocess.Popen[str]) -> str | None:
    line = sandbox.stdout.readline() if sandbox.stdout is not None else ""
    try:
        return str(json.loads(line)["url"])
    except (ValueError, KeyError):
        return None


def _watch(processes: list[subprocess.Popen[str]], url: str) -> int:
    """Say when it can be used; come back when one of the two has ended."""
    told = False
    started = time.monotonic()
    while all(process.poll() is None for process in processes):
        if not told and _ready(url):
            told = True
            output.say(f"Gatehouse is running. Open {url} (Ctrl-C ends it)")
        if not told and time.monotonic() - started > READY_SECONDS:
            told = True
            output.say(f"The bot has not connected yet; {url} shows what there is.")
        time.sleep(0.3)
    return 1


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/person/ready", timeout=2):  # noqa: S310 - loopback
            return True
    except (urllib.error.URLError, OSError):
        return False


def _end(processes: list[subprocess.Popen[str]]) -> None:
    """The bot first, so that it can still say goodbye to the sandbox."""
    for process in reversed(processes):
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
