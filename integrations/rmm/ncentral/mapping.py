"""N-central's JSON as devices with one word on their updates; pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device, DeviceId, DeviceKind, PatchCounts
from integrations.rmm.rows import Row, iso_moment, number, text

#: The service that watches over a device's updates, and the one that watches over its agent.
PATCH_SERVICE = "patch status v2"
AGENT_SERVICE = "agent status"

_SERVER = re.compile(r"\bservers?\b", re.IGNORECASE)
_WORKSTATION = re.compile(r"\b(workstations?|laptops?)\b", re.IGNORECASE)
_SYSTEM = re.compile(r"\b(windows|mac ?os|linux)\b", re.IGNORECASE)

_NORMAL = "normal"
_PATCH_STATES: Mapping[str, CountStatus] = {
    "warning": CountStatus.MISSING,
    "failed": CountStatus.MISSING,
    # The patch engine is broken: nobody knows what is missing.
    "misconfigured": CountStatus.NO_DATA,
    "no data": CountStatus.NO_DATA,
    "stale": CountStatus.NO_DATA,
    "disconnected": CountStatus.NO_DATA,
}
_AGENT_STATES: Mapping[str, Fact] = {
    "normal": Fact.YES,
    "failed": Fact.NO,
    "disconnected": Fact.NO,
    "stale": Fact.NO,
}
#: A device that checked in so lately is online; one that has not for so long is not. Between, nobody can tell.
_LATELY = timedelta(minutes=15)
_LONG = timedelta(days=1)


def is_computer(row: Row) -> bool:
    """Whether N-central could patch it; printers and switches are devices there, too."""
    return kind(row) is not DeviceKind.UNKNOWN or _SYSTEM.search(_system(row)) is not None


def device_id(account: str, device: int | str) -> DeviceId:
    return DeviceId(f"{account}:{device}")


def customer(source: str, row: Row) -> str:
    """The number of a device's customer, whichever of its sites it is at. Raises MalformedAnswer."""
    return str(number(source, row, "customerId", "devices"))


def device(
    account: str,
    source: str,
    row: Row,
    services: Iterable[Row] | None,
    now: datetime,
    *,
    trust_normal: bool = False,
) -> Device:
    """A row of the devices with its services; None where these could not be read. Raises MalformedAnswer."""
    key = number(source, row, "deviceId", "devices")
    listed = None if services is None else list(services)
    seen = iso_moment(row.get("lastApplianceCheckinTime"))
    patching = _service(listed or (), PATCH_SERVICE)
    return Device(
        id=device_id(account, key),
        account=account,
        vendor_id=str(key),
        organisation=customer(source, row),
        name=text(row.get("longName")) or text(row.get("discoveredName")) or f"device {key}",
        kind=kind(row),
        os=_system(row),
        online=online(listed or (), seen, now),
        last_seen=seen,
        last_scan=None if patching is None else iso_moment(patching.get("lastScanTime")),
        has_policy=Fact.UNKNOWN if listed is None else Fact.of(patching is not None),
        counts=_counts(listed, patching, trust_normal=trust_normal),
    )


def online(services: Iterable[Row], seen: datetime | None, now: datetime) -> Fact:
    """What the agent's own service says, else when the device checked in."""
    agent = _service(services, AGENT_SERVICE)
    told = Fact.UNKNOWN if agent is None else _AGENT_STATES.get(_state(agent), Fact.UNKNOWN)
    if told is not Fact.UNKNOWN or seen is None:
        return told
    if now - seen <= _LATELY:
        return Fact.YES
    return Fact.NO if now - seen > _LONG else Fact.UNKNOWN


def kind(row: Row) -> DeviceKind:
    """From the class of device ("Servers - Windows", "Laptop - Windows")."""
    told = f"{text(row.get('deviceClass'))} {text(row.get('deviceClassLabel'))}"
    if _SERVER.search(told):
        return DeviceKind.SERVER
    return DeviceKind.WORKSTATION if _WORKSTATION.search(told) else DeviceKind.UNKNOWN


def _system(row: Row) -> str:
    return text(row.get("supportedOsLabel")) or text(row.get("supportedOs"))


def _counts(services: list[Row] | None, patching: Row | None, *, trust_normal: bool) -> PatchCounts:
    if services is None:
        return PatchCounts(status=CountStatus.NO_DATA)
    if patching is None:
        return PatchCounts(status=CountStatus.NO_POLICY)
    state = _state(patching)
    if state == _NORMAL:
        fine = CountStatus.FULLY_PATCHED if trust_normal else CountStatus.UNKNOWN
        return PatchCounts(status=fine)
    return PatchCounts(status=_PATCH_STATES.get(state, CountStatus.UNKNOWN))


def state_words(services: Iterable[Row]) -> tuple[set[str], set[str]]:
    """The words that the services we go by have for their state, and those among them that we do not know."""
    ours = (PATCH_SERVICE, AGENT_SERVICE)
    seen = {_state(row) for row in services if text(row.get("moduleName")).lower() in ours}
    return seen, seen - {_NORMAL, *_PATCH_STATES, *_AGENT_STATES}


def _service(services: Iterable[Row], name: str) -> Row | None:
    return next((row for row in services if text(row.get("moduleName")).lower() == name), None)


def _state(service: Row) -> str:
    return text(service.get("stateStatus")).lower().replace("_", " ")
