"""How the stand-in of Tactical RMM is asked, and told to act."""

from typing import Any

import requests

from sandbox.estate.model import Device, Update
from sandbox.rmm.tactical import BUS, agent_id
from tests.sandbox.rmm_desk import Desk

Row = dict[str, Any]
#: Longer than any single run takes.
LONG_S = 30.0


def use(desk: Desk, key: str) -> None:
    desk.session.headers["X-API-KEY"] = key


def agents(desk: Desk, **query: str) -> dict[str, Row]:
    return {row["agent_id"]: row for row in desk.get("/agents/", **query)}


def agent(desk: Desk, device: Device) -> Row:
    return agents(desk)[agent_id(device)]


def updates(desk: Desk, device: Device) -> list[Row]:
    rows: list[Row] = desk.get(f"/winupdate/{agent_id(device)}/")
    return rows


def row_of(desk: Desk, device: Device, update: Update) -> Row | None:
    return next((row for row in updates(desk, device) if row["guid"] == update.id), None)


def post(desk: Desk, device: Device, what: str) -> requests.Response:
    return desk.request("POST", f"/winupdate/{agent_id(device)}/{what}/")


def run(desk: Desk, device: Device, what: str = "install") -> None:
    """Order a run and let it end."""
    answer = post(desk, device, what)
    assert answer.status_code == 200, answer.text
    let_it_end(desk)


def let_it_end(desk: Desk) -> None:
    """Time has passed for the server only once it is asked something."""
    desk.pass_time(LONG_S)
    desk.get("/clients/")


def bus_goes_down(desk: Desk) -> None:
    desk.world.pace = 0.05
    desk.world.faults.add({"target": "tactical", "kind": "drop_before", "path": f"{BUS}/*"})
