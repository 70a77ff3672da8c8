"""How the NinjaOne stand-in is asked, told and listened to."""

from typing import Any

import requests

from sandbox.estate.model import Device
from tests.sandbox.rmm_desk import Desk

Row = dict[str, Any]
#: Longer than any single job takes.
LONG_S = 30.0


def sign_in(desk: Desk, client: str, secret: str, scope: str | None) -> requests.Response:
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    if scope is not None:
        form["scope"] = scope
    return desk.session.post(f"{desk.url}/ws/oauth/token", data=form, timeout=30)


def trigger(desk: Desk, device: Device, what: str = "patch/os/apply") -> int:
    return desk.request("POST", f"/v2/device/{device.number}/{what}").status_code


def report(desk: Desk, name: str, **params: Any) -> list[Row]:
    """All rows of a report, read to its empty page."""
    rows: list[Row] = []
    page = desk.get(f"/v2/queries/{name}", **params)
    while page["results"]:
        rows += page["results"]
        page = desk.get(f"/v2/queries/{name}", cursor=page["cursor"]["name"], **params)
    return rows


def codes(desk: Desk, device: Device, newer_than: int) -> list[str]:
    """What the log says of a device since an activity, oldest first."""
    log = desk.get("/v2/activities", df=f"id={device.number}", newerThan=newer_than)
    return [row["statusCode"] for row in reversed(log["activities"])]


def last_activity(desk: Desk) -> int:
    number: int = desk.get("/v2/activities", pageSize=10)["lastActivityId"]
    return number
