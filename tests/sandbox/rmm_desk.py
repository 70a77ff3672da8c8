"""A technician's desk for the RMM stand-ins: signed in, and able to let time pass."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

import requests

from sandbox.estate.companies import HAND_MADE
from sandbox.estate.grow import grow_company
from sandbox.estate.model import Device, Estate, RmmVendor, Update
from sandbox.frame.world import World
from tests.noon import NOON, StandingClock

DAY_S = 86_400.0


def make_world(vendor: RmmVendor, seed: int = 7, *, workstations: int | None = None) -> World:
    """The hand-made companies of one vendor as of NOON, and a clock that says so.

    `workstations`: how many each has; None: as many as in the sandbox.
    """
    estate: Estate = pickle.loads(_grown(vendor, seed, workstations))
    return World(estate=estate, clock=StandingClock())


@cache
def _grown(vendor: RmmVendor, seed: int, workstations: int | None) -> bytes:
    """An estate that can be taken out as often as needed, which is far quicker than to grow it."""
    companies = [
        grow_company(replace(o, workstations=workstations or o.workstations), seed, NOON, number)
        for number, o in enumerate(HAND_MADE, 1)
        if o.rmm == vendor
    ]
    return pickle.dumps(Estate(seed=seed, made_at=NOON, companies=companies))


@dataclass
class Desk:
    """Requests to one stand-in. `token` is sent with every one of them."""

    url: str
    session: requests.Session
    world: World
    vendor: RmmVendor
    token: str = field(default="", repr=False)

    def request(self, method: str, path: str, **rest: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.session.request(method, self.url + path, headers=headers, timeout=30, **rest)

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of a reading that has to succeed."""
        answer = self.request("GET", path, params=params)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def status(self, path: str, **params: Any) -> int:
        return self.request("GET", path, params=params).status_code

    def pass_time(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @property
    def devices(self) -> list[Device]:
        return [d for c in self.world.estate.of_rmm(self.vendor) for d in c.devices]

    def one(self, suits: Callable[[Device], bool]) -> Device:
        """The first device that does; fails where there is none."""
        return next(device for device in self.devices if suits(device))

    def effects(self) -> list[dict[str, Any]]:
        return self.world.effects.rows(self.vendor)


def missing(device: Device, kind: str = "cumulative", state: str = "approved") -> Iterator[Update]:
    return (u for u in device.updates if u.kind == kind and u.state == state)


def need_no_restart(device: Device) -> None:
    """Whatever is installed on it asks for no restart afterwards."""
    for update in device.updates:
        update.needs_reboot = False


def willing(device: Device) -> bool:
    """An online Windows workstation that scans, is used by nobody, and will install its cumulative update."""
    approved = list(missing(device))
    fails = any(update.fails for update in device.updates)
    return (
        device.online
        and device.last_scan is not None
        and device.last_seen - device.last_scan < timedelta(hours=48)
        and not device.server
        and device.user is None
        and device.patch_policy
        and not device.reboot_needed
        and bool(approved)
        and not fails
    )
