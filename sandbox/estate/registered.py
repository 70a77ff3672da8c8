"""The computers a company's directory knows: those its RMM knows, and some that nobody manages."""

from datetime import datetime, timedelta
from random import Random

from sandbox.estate.companies import Outline
from sandbox.estate.ids import stable_id
from sandbox.estate.model import Device, RegisteredDevice
from sandbox.estate.times import ago

_NETBIOS = 15


def registered_devices(
    outline: Outline, devices: list[Device], seed: int, now: datetime
) -> list[RegisteredDevice]:
    """Workstations join when they are set up; a name is never longer than NetBIOS allows."""
    rng = Random(f"{seed}/{outline.key}/registered")
    managed = [
        _registered(outline, seed, device.name[:_NETBIOS], seen=device.last_seen)
        for device in devices
        if not device.server
    ]
    prefix = outline.name.split()[0].upper()[:8]
    recent, long_ago = ago(rng, now, 0.2, 4), ago(rng, now, 200, 400)
    return [
        *managed,
        _registered(outline, seed, f"{prefix}-NEW-01", seen=recent),
        _registered(outline, seed, f"{prefix}-OWNER-MAC", seen=recent, system="MacMDM"),
        _registered(outline, seed, f"{prefix}-OLD-07", seen=long_ago),
        _registered(outline, seed, f"{prefix}-GONE-02", seen=recent, enabled=False),
        _registered(outline, seed, "DESKTOP-9F3K2", seen=recent, trust="Workplace"),
        _registered(outline, seed, "Ann's iPhone", seen=recent, system="IOS", trust="Workplace"),
    ]


def _registered(
    outline: Outline,
    seed: int,
    name: str,
    *,
    seen: datetime,
    system: str = "Windows",
    trust: str = "AzureAd",
    enabled: bool = True,
) -> RegisteredDevice:
    return RegisteredDevice(
        id=stable_id(seed, outline.key, "registered", name),
        name=name,
        system=system,
        trust=trust,
        enabled=enabled,
        last_sign_in=seen - timedelta(hours=3),
    )
