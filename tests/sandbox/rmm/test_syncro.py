"""The Syncro stand-in does what Syncro's description and its users' programs say Syncro does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.estate.model import Device
from sandbox.rmm.syncro import API_TOKEN, LIMITED_API_TOKEN, make_app
from tests.noon import NOON
from tests.sandbox.rmm_desk import DAY_S, Desk, make_world, missing, willing

Row = dict[str, Any]
API = "/api/v1"


class SyncroDesk(Desk):
    def assets(self, **params: Any) -> list[Row]:
        """All of them, page after page."""
        found: list[Row] = []
        number = 1
        while True:
            page = self.get(f"{API}/customer_assets", page=number, **params)
            found += page["assets"]
            if number >= page["meta"]["total_pages"]:
                return found
            number += 1

    def patches(self, device: Device, **params: Any) -> Row:
        told: Row = self.get(f"{API}/customer_assets/{device.number}/patches", **params)
        return told


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> SyncroDesk:
    world = make_world("syncro")
    made = SyncroDesk(serve_tls(make_app(world)), https, world, "syncro")
    made.token = API_TOKEN
    return made


def test_wrong_token_and_lacking_permission_are_refused(desk: SyncroDesk) -> None:
    desk.token = "wrong"
    assert desk.request("GET", f"{API}/me").json() == {"error": "Not authorized"}
    assert desk.status(f"{API}/customers") == 401
    desk.token = LIMITED_API_TOKEN
    assert desk.status(f"{API}/customers") == 200
    assert desk.status(f"{API}/customer_assets") == 403


def test_assets_come_in_pages_of_twenty_five_a_printer_among_them(desk: SyncroDesk) -> None:
    first = desk.get(f"{API}/customer_assets")
    assert (len(first["assets"]), first["meta"]["total_pages"]) == (25, 2)
    found = desk.assets()
    machines = [row for row in found if row["asset_type"] == "Syncro Device"]
    assert {row["id"] for row in machines} == {device.number for device in desk.devices}
    assert len(found) == len(machines) + 1
    assert desk.get(f"{API}/customer_assets", page=99)["assets"] == []
    assert desk.status(f"{API}/customer_assets", page="x") == 422


def test_assets_can_be_limited_to_a_customer(desk: SyncroDesk) -> None:
    (customer,) = desk.get(f"{API}/customers")["customers"]
    assert len(desk.assets(customer_id=customer["id"])) == len(desk.devices) + 1
    assert desk.assets(customer_id=424242) == []


def test_last_sync_is_recent_for_a_device_that_is_online(desk: SyncroDesk) -> None:
    for row in desk.assets():
        if row["rmm_store"] is None:
            continue
        device = desk.one(lambda d, number=row["id"]: d.number == number)  # type: ignore[misc]
        inventory = row["properties"]["kabuto_information"]
        seen = datetime.fromisoformat(inventory["last_synced_at"])
        assert (NOON - seen < timedelta(minutes=10)) >= device.online
        offline = row["rmm_store"]["triggers"]["agent_offline_triggered"]
        assert offline == str(not device.online).lower()
        assert inventory["os"]["pending_reboot"] is device.reboot_needed


def test_patches_tell_their_group_and_never_an_approval(desk: SyncroDesk) -> None:
    device = desk.one(willing)
    listed = desk.patches(device)
    (update,) = missing(device)
    row = next(row for row in listed["available_patches"] if row["kb"] == update.kb)
    assert (row["status"], row["title"]) == ("Missing Patches", update.title)
    assert datetime.fromisoformat(row["evaluated_at"]) <= NOON
    assert {row["status"] for row in listed["installed_patches"]} == {"Recently Installed"}
    failed = desk.one(lambda d: any(u.state == "failed" for u in d.updates))
    assert "Failed Patches" in {row["status"] for row in desk.patches(failed)["available_patches"]}


def test_device_that_was_never_scanned_or_is_a_mac_lists_nothing(desk: SyncroDesk) -> None:
    for suits in (lambda d: "macOS" in d.os_name, lambda d: d.last_scan is None):
        listed = desk.patches(desk.one(suits))
        assert (listed["installed_patches"], listed["available_patches"]) == ([], [])


def test_what_does_not_exist_is_not_found(desk: SyncroDesk) -> None:
    for path in (
        "customer_assets/999999",
        "customer_assets/x/patches",
        "customer_assets/1/install",
    ):
        assert desk.status(f"{API}/{path}") == 404


def test_address_that_asks_too_often_is_refused_for_a_minute(desk: SyncroDesk) -> None:
    states = [desk.status(f"{API}/me") for _ in range(181)]
    assert (set(states[:-1]), states[-1]) == ({200}, 429)
    desk.pass_time(61)
    assert desk.status(f"{API}/me") == 200


def test_days_pass_and_the_lists_keep_up(desk: SyncroDesk) -> None:
    device = desk.one(willing)
    (update,) = missing(device)
    desk.pass_time(12 * DAY_S)
    listed = desk.patches(device)
    assert update.kb in {row["kb"] for row in listed["installed_patches"]}
    assert update.kb not in {row["kb"] for row in listed["available_patches"]}


def test_patches_are_listed_of_every_kind_of_asset(desk: SyncroDesk) -> None:
    for suits in (willing, lambda d: d.last_scan is None):
        assert set(desk.patches(desk.one(suits))) >= {"available_patches", "installed_patches"}


@pytest.mark.parametrize(
    ("path", "field"), [("/customers", "customers"), ("/customer_assets", "assets")]
)
def test_lists_have_rows(desk: SyncroDesk, path: str, field: str) -> None:
    assert desk.get(f"{API}{path}")[field]


def test_user_is_told(desk: SyncroDesk) -> None:
    assert desk.get(f"{API}/me")["user_id"]
