"""The controls of the sandbox: calls, effects, faults and the clock."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from slack_sdk.errors import SlackApiError

from sandbox.app import Options, Sandbox, running
from tests.patience import PATIENCE_S, eventually
from tests.sandbox.slack.bot import web_client


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("config")
    with running(Options(port=0, clients=1, write_config=folder)) as sandbox:
        yield sandbox


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session
    sandbox.world.faults.remove()
    sandbox.world.calls.clear()


def test_calls_are_counted_by_method_and_status(sandbox: Sandbox, api: requests.Session) -> None:
    for _ in range(3):
        web_client(sandbox).auth_test()
    rows = api.get(f"{sandbox.url}/calls", params={"target": "slack"}, timeout=30).json()["calls"]
    assert rows == [
        {
            "target": "slack",
            "method": "POST",
            "path_template": "/api/auth.test",
            "count": 3,
            "by_status": {"200": 3},
        }
    ]
    api.delete(f"{sandbox.url}/calls", timeout=30)
    assert api.get(f"{sandbox.url}/calls", timeout=30).json() == {"calls": []}


def test_a_fault_strikes_as_often_as_it_says_and_can_be_removed(
    sandbox: Sandbox, api: requests.Session
) -> None:
    fault = {"target": "slack", "kind": "status", "status": 503, "count": 1}
    made = api.post(f"{sandbox.url}/faults", json=fault, timeout=30).json()
    with pytest.raises(SlackApiError):
        web_client(sandbox).auth_test()
    web_client(sandbox).auth_test()
    listed = api.get(f"{sandbox.url}/faults", timeout=30).json()["faults"]
    assert [(row["id"], row["hits"]) for row in listed] == [(made["id"], 1)]
    removed = api.delete(f"{sandbox.url}/faults/{made['id']}", timeout=30)
    assert removed.json() == {"removed": 1}
    again = api.delete(f"{sandbox.url}/faults/{made['id']}", timeout=30)
    assert (again.status_code, again.json()["error"]) == (404, "fault_not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"target": "slack"},
        {"target": "slack", "kind": "explode"},
        {"kind": "html"},
        {"target": "salck", "kind": "html"},
        {"target": "slack", "kind": "html", "rate": "often"},
        {"target": "slack", "kind": "html", "wrong": 1},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    sandbox: Sandbox, api: requests.Session, body: dict[str, Any]
) -> None:
    refused = api.post(f"{sandbox.url}/faults", json=body, timeout=30)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_fault")


def test_the_clock_moves_forward_for_the_sandbox_and_the_bot(
    sandbox: Sandbox, api: requests.Session
) -> None:
    before = api.get(f"{sandbox.url}/clock", timeout=30).json()
    after = api.post(f"{sandbox.url}/clock", json={"advance_s": 3600}, timeout=30).json()
    moved = datetime.fromisoformat(after["now"]) - datetime.fromisoformat(before["now"])
    assert 3600 <= moved.total_seconds() < 3610
    folder = sandbox.options.write_config
    assert isinstance(folder, Path)
    assert json.loads((folder / "clock.json").read_text()) == {"offset_s": after["offset_s"]}


@pytest.mark.parametrize("seconds", [-1, "10", None, True])
def test_the_clock_takes_only_seconds_to_come(
    sandbox: Sandbox, api: requests.Session, seconds: Any
) -> None:
    refused = api.post(f"{sandbox.url}/clock", json={"advance_s": seconds}, timeout=30)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_arguments")


def test_a_slow_answer_comes_as_soon_as_its_fault_is_removed(
    sandbox: Sandbox, api: requests.Session, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(sandbox.ca.pem)
    fault = {"target": "slack", "kind": "latency", "seconds": 600}
    api.post(f"{sandbox.url}/faults", json=fault, timeout=30)
    with ThreadPoolExecutor(1) as pool:
        url = f"{sandbox.targets['slack']}/api/auth.test"
        answer = pool.submit(requests.post, url, verify=str(ca_file), timeout=PATIENCE_S)
        eventually(lambda: sandbox.world.faults.rows()[0]["hits"])
        assert not answer.done()
        api.delete(f"{sandbox.url}/faults", timeout=30)
        assert answer.result().status_code == 200
