"""How the Datto RMM stand-in is asked, and told to run a job."""

import json
from typing import Any

import requests

from sandbox.estate.model import Device
from sandbox.rmm.datto import API_KEY, API_SECRET, INSTALL_COMPONENT_UID
from tests.sandbox.rmm_desk import Desk

Row = dict[str, Any]
#: Longer than any job and the audit after it take.
LONG_S = 30.0
TOKEN_PATH = "/auth/oauth/token"


def sign_in(
    desk: Desk, key: str = API_KEY, secret: str = API_SECRET, basic: str = "public"
) -> requests.Response:
    form = {"grant_type": "password", "username": key, "password": secret}
    auth = ("public-client", basic)
    return desk.session.post(desk.url + TOKEN_PATH, data=form, auth=auth, timeout=30)


def put_job(desk: Desk, device: Device, body: Any) -> requests.Response:
    return desk.request("PUT", f"/api/v2/device/{device.uid}/quickjob", json=body)


def start(
    desk: Desk, device: Device, component: str = INSTALL_COMPONENT_UID, **variables: str
) -> str:
    """Create a quick job that has to be accepted; give its uid."""
    pairs = [{"name": name, "value": value} for name, value in variables.items()]
    body = {"jobName": "patch 42", "jobComponent": {"componentUid": component, "variables": pairs}}
    answer = put_job(desk, device, body)
    assert answer.status_code == 200, answer.text
    uid: str = answer.json()["job"]["uid"]
    return uid


def result(desk: Desk, job: str, device: Device) -> Row:
    row: Row = desk.get(f"/api/v2/job/{job}/results/{device.uid}")
    return row


def output(desk: Desk, job: str, device: Device) -> Row:
    """What the component printed."""
    rows = desk.get(f"/api/v2/job/{job}/results/{device.uid}/stdout")
    assert [row["componentUid"] for row in rows] == [INSTALL_COMPONENT_UID]
    printed: Row = json.loads(rows[0]["stdData"])
    return printed


def device_row(desk: Desk, device: Device) -> Row:
    row: Row = desk.get(f"/api/v2/device/{device.uid}")
    return row


def every(desk: Desk, path: str, name: str, **params: Any) -> list[Row]:
    """All rows of a list, by the addresses its pages give."""
    page = desk.get(path, **params)
    rows: list[Row] = page[name]
    while address := page["pageDetails"]["nextPageUrl"]:
        assert address.startswith(desk.url)
        page = desk.get(address.removeprefix(desk.url))
        rows = rows + page[name]
    return rows
