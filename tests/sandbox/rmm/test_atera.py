"""The Atera stand-in does what Atera's users' programs say Atera does."""

from collections.abc import Callable

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device
from sandbox.rmm.atera import API_KEY, LIMITED_API_KEY, make_app
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

API = "/api/v3"


class AteraDesk(Desk):
    def updates(self, device: Device, what: str = "available") -> dict[str, str]:
        """The words for the states of a device's updates, by name."""
        told = self.get(f"{API}/agents/{device.uid}/{what}-patches")
        (listed,) = (value for value in told.values() if isinstance(value, list))
        return {row["Name"]: row.get("Status", "") for row in listed}


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> AteraDesk:
    return desk_of(https, serve_tls)


def desk_of(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> AteraDesk:
    world = make_world("atera")
    made = AteraDesk(serve_tls(make_app(world)), https, world, "atera")
    https.headers["X-API-KEY"] = API_KEY
    return made


def test_wrong_key_is_refused_and_a_limited_one_for_patches(desk: AteraDesk) -> None:
    device = desk.devices[0]
    desk.session.headers["X-API-KEY"] = LIMITED_API_KEY
    assert desk.status(f"{API}/agents") == 200
    assert desk.status(f"{API}/agents/{device.uid}/available-patches") == 403
    desk.session.headers["X-API-KEY"] = "wrong"
    assert desk.status(f"{API}/customers") == 401


def test_agents_come_in_pages_of_fifty_at_most(desk: AteraDesk) -> None:
    page = desk.get(f"{API}/agents", page="1", itemsInPage="500")
    assert (page["itemsInPage"], page["totalItemCount"]) == (50, len(desk.devices))
    first = desk.get(f"{API}/agents", itemsInPage="7")
    assert (len(first["items"]), first["prevLink"]) == (7, None)
    assert "page=2" in first["nextLink"]
    last = desk.get(f"{API}/agents", page=str(first["totalPages"]), itemsInPage="7")
    assert last["nextLink"] is None
    assert desk.status(f"{API}/agents", page="x") == 400


def test_one_agent_is_as_in_the_list(desk: AteraDesk) -> None:
    (row, *_) = desk.get(f"{API}/agents")["items"]
    alone = desk.get(f"{API}/agents/{row['AgentID']}")
    assert (alone["MachineName"], alone["DeviceGuid"]) == (row["MachineName"], row["DeviceGuid"])
    for unknown in ("agents/1", "agents/x", "agents/x/available-patches", "agents/1/install"):
        assert desk.status(f"{API}/{unknown}") == 404


def test_updates_tell_their_state_and_never_an_approval(desk: AteraDesk) -> None:
    device = next(device for device in desk.devices if willing(device))
    (update,) = missing(device)
    assert desk.updates(device)[update.title] == "Available"
    assert set(desk.updates(device, "installed").values()) == {""}
    words = {word for item in desk.devices for word in desk.updates(item).values()}
    assert words == {"Available", "Failed", "Excluded"}


def test_days_pass_and_the_lists_keep_up(desk: AteraDesk) -> None:
    device = next(device for device in desk.devices if willing(device))
    (update,) = missing(device)
    desk.pass_time(12 * DAY_S)
    assert update.title in desk.updates(device, "installed")
    assert update.title not in desk.updates(device)


def test_key_that_asks_too_often_is_refused_for_a_minute(
    https: requests.Session,
    serve_tls: Callable[[web.Application], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sandbox.rmm.atera.state.REQUESTS_PER_MINUTE", 9)
    desk = desk_of(https, serve_tls)
    states = [desk.status(f"{API}/customers") for _ in range(10)]
    assert (set(states[:-1]), states[-1]) == ({200}, 429)
    desk.pass_time(61)
    assert desk.status(f"{API}/customers") == 200
