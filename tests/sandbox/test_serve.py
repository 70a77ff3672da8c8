"""The sandbox as a process: one line on stdout once everything is ready, and a clean end."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.patience import PATIENCE_S

PROGRAM = """
import asyncio, pathlib, sys
from sandbox.app import Options, serve
asyncio.run(serve(Options(port=0, clients=1, write_config=pathlib.Path(sys.argv[1]))))
"""


@contextmanager
def process_in(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", Any]]:
    """The running process and what it announced."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM, str(folder)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_announces_itself_when_ready_and_ends_on_a_signal(
    tmp_path: Path, ending: signal.Signals
) -> None:
    with process_in(tmp_path / "config") as (process, announced):
        assert (tmp_path / "config" / "gatehouse.toml").exists()
        assert requests.get(f"{announced['url']}/person/users", timeout=30).status_code == 200
        process.send_signal(ending)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def test_it_ends_in_time_and_in_silence_while_pages_are_open_or_gone(tmp_path: Path) -> None:
    with process_in(tmp_path) as (process, announced):
        events = f"{announced['url']}/person/events?as=tech"
        gone = requests.get(events, stream=True, timeout=30)
        next(gone.iter_lines())
        gone.close()
        said = {"as": "tech", "channel": "general", "text": "to nobody"}
        for _ in range(3):
            requests.post(f"{announced['url']}/person/message", json=said, timeout=30)
        with requests.get(events, stream=True, timeout=30) as still_open:
            next(still_open.iter_lines())
            started = time.monotonic()
            process.terminate()
            _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert time.monotonic() - started < PATIENCE_S


def test_a_dropped_answer_is_not_reported_as_a_crash(tmp_path: Path) -> None:
    with process_in(tmp_path) as (process, announced):
        fault = {"target": "slack", "kind": "drop_before"}
        requests.post(f"{announced['url']}/faults", json=fault, timeout=30)
        address = f"{announced['targets']['slack']}/api/auth.test"
        with pytest.raises(requests.ConnectionError):
            requests.post(address, verify=str(tmp_path / "ca.pem"), timeout=30)
        rows = requests.get(f"{announced['url']}/calls", timeout=30).json()["calls"]
        assert rows[0]["by_status"] == {"dropped": 1}
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert errors == ""
