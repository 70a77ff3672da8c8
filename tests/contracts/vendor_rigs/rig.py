"""What the contract suite has to be told about one vendor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from sandbox.estate.model import Company, Device, RmmVendor
from sandbox.frame.world import World
from sandbox.rmm.stand_in import StandIn
from tests.sandbox.rmm_desk import make_world

#: Enough that every kind of device is among them.
FEW = 18


def by_number(device: Device) -> str:
    return str(device.number)


def by_uid(device: Device) -> str:
    return device.uid


@dataclass(frozen=True, kw_only=True)
class Rig:
    """One vendor's stand-in, its credentials, and the words and places in which vendors differ."""

    stand_in: StandIn
    #: Settings of an account that may only read; which of them is its secret; and what acting takes besides.
    read_only: dict[str, Any]
    secret: str
    to_act: dict[str, Any] = field(default_factory=dict)
    #: By what the vendor knows a device.
    device_key: Callable[[Device], str]
    #: The list of devices, as a glob.
    devices_path: str
    #: The trigger of an install, as a glob, and its effect; empty where there is nothing to trigger.
    install_path: str = ""
    effect: str = ""
    #: The trigger's method, where readings have the same address.
    install_method: str | None = None
    #: The trigger of a restart, as a glob, and its effect; None where the vendor has none.
    restart_path: str | None = None
    restart_effect: str = ""
    #: Whether the vendor tells that a device waits for a restart.
    tells_owed: bool = True
    #: Where a token is asked for; empty where there is none.
    token_path: str = ""
    #: Words for "an approved update is missing", in answers, and words nobody knows.
    strange: dict[str, str]
    #: What says how long a page is, and how short to make it: at our side, or where a server gives less than
    #: it is asked for, at the stand-in's. Empty where lists do not come in pages.
    pages: dict[str, int] = field(default_factory=dict)
    #: Whether the fleet is read without asking about single devices.
    by_fleet: bool = False
    #: Whether a scan that finds nothing new leaves a trace.
    scan_shows: bool = True
    #: Whether the vendor tells a device's domain.
    tells_domain: bool = True
    #: Whether a preview can tell how much an install would take.
    counts: bool = True
    #: What a preview counts: what is approved, or all that is missing where approval is not told.
    previewed: frozenset[str] = frozenset({"approved"})

    @property
    def key(self) -> RmmVendor:
        return self.stand_in.vendor

    @property
    def settings(self) -> dict[str, Any]:
        """Those of an account that may do everything."""
        return {**self.read_only, **self.to_act}

    @property
    def wrong_secret(self) -> dict[str, Any]:
        return {**self.read_only, self.secret: SecretStr("not the secret")}

    def organisation(self, company: Company) -> str:
        return self.stand_in.organisation(company)

    def make_world(self) -> World:
        """The vendor's companies, small ones."""
        return make_world(self.key, workstations=FEW)

    def shrink_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, size in self.pages.items():
            monkeypatch.setattr(name, size)
