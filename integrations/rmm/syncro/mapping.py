"""Syncro's JSON as devices and patches; pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from core.domain.facts import Fact
from core.domain.patching import (
    Device,
    DeviceId,
    DeviceKind,
    Patch,
    PatchState,
    Severity,
)
from integrations.rmm.rows import Row, dotted_domain, iso_moment, number, text
from integrations.rmm.titles import class_of, kb_in

_SERVER = re.compile(r"\bserver\b", re.IGNORECASE)
_WORKSTATION = re.compile(
    r"\b(desktop|laptop|notebook|workstation|tablet|all[- ]in[- ]one)\b|\bwindows (?:7|8|10|11)\b|\bmac ?os\b",
    re.IGNORECASE,
)
_WINDOWS = re.compile(r"\bwindows\b", re.IGNORECASE)
#: A device not seen for so long is not online, whatever else is told.
_LONG = timedelta(days=1)

#: Approval is not told: what is missing may be approved, or wait for somebody's word.
_STATES: Mapping[str, PatchState] = {
    "missing patches": PatchState.PENDING,
    "failed patches": PatchState.FAILED,
    "rejected patches": PatchState.REJECTED,
    "recently installed": PatchState.INSTALLED,
}


def has_agent(row: Row) -> bool:
    """Whether an asset is a machine that reports itself; what is typed in by hand has no inventory."""
    return bool(_inventory(row)) or text(row.get("asset_type")).lower() == "syncro device"


def is_patched(row: Row) -> bool:
    """Syncro lists updates of Windows only; a system we do not know is asked about."""
    system = _system(row)
    return not system or bool(_WINDOWS.search(system))


def device_id(account: str, asset_id: str) -> DeviceId:
    return DeviceId(f"{account}:{asset_id}")


def device(account: str, source: str, row: Row, *, now: datetime, online_for: timedelta) -> Device:
    """One asset. Raises MalformedAnswer where it has no id or customer."""
    asset_id = str(number(source, row, "id", "assets"))
    system = _part(_inventory(row), "os")
    seen = last_sync(row)
    return Device(
        id=device_id(account, asset_id),
        account=account,
        vendor_id=asset_id,
        organisation=str(number(source, row, "customer_id", "assets")),
        name=text(row.get("name")) or f"asset {asset_id}",
        kind=_kind(row),
        os=_os(row),
        online=_online(row, seen, now, online_for),
        last_seen=seen,
        reboot_needed=Fact.of(system.get("pending_reboot")),
        domain=dotted_domain(_part(_inventory(row), "general").get("domain")),
        serial=text(row.get("asset_serial")) or None,
    )


def last_sync(row: Row) -> datetime | None:
    return iso_moment(_inventory(row).get("last_synced_at"))


def last_evaluation(patches: Iterable[Row]) -> datetime | None:
    """When what is missing was last looked at; nothing tells it of a device that misses nothing."""
    told = (iso_moment(row.get("evaluated_at")) for row in patches)
    return max((at for at in told if at is not None), default=None)


def patches(account: str, asset_id: str, listed: Sequence[Row]) -> list[Patch]:
    """The patches of one asset; rows without a title name nothing and are left out."""
    return [_patch(account, asset_id, row) for row in listed if _title(row)]


def _patch(account: str, asset_id: str, row: Row) -> Patch:
    title = _title(row)
    kb = kb_in(text(row.get("kb"))) or kb_in(title)
    state = _STATES.get(text(row.get("status")).lower(), PatchState.UNKNOWN)
    words = (text(row.get("status")), text(row.get("failure_reason")))
    return Patch(
        key=f"{kb or '-'} {title.casefold()}",
        device_id=device_id(account, asset_id),
        title=title,
        kb=kb,
        severity=Severity.UNRANKED,
        patch_class=class_of(title, text(row.get("category"))),
        state=state,
        raw_state=": ".join(filter(None, words)),
        installed_at=iso_moment(row.get("installed_at")) if state is PatchState.INSTALLED else None,
    )


def _title(row: Row) -> str:
    return text(row.get("title")) or text(row.get("kb"))


def _kind(row: Row) -> DeviceKind:
    told = f"{_system(row)} {text(_part(_inventory(row), 'general').get('form_factor'))}"
    if _SERVER.search(told):
        return DeviceKind.SERVER
    return DeviceKind.WORKSTATION if _WORKSTATION.search(told) else DeviceKind.UNKNOWN


def _os(row: Row) -> str:
    """Name, release and build, such as "Microsoft Windows 11 Pro 25H2 26200"."""
    system = _part(_inventory(row), "os")
    parts = (_system(row), text(system.get("windows_release_version")), text(system.get("build")))
    return " ".join(dict.fromkeys(filter(None, parts)))


def _system(row: Row) -> str:
    named = text(_part(_inventory(row), "os").get("name"))
    return named or text(_part(row, "properties").get("os_name"))


def _online(row: Row, seen: datetime | None, now: datetime, online_for: timedelta) -> Fact:
    """No field says it. An alert does where one is set up; else the age of the last sync, at its two ends."""
    triggers = _part(_part(row, "rmm_store"), "triggers")
    if text(triggers.get("agent_offline_triggered")).lower() == "true":
        return Fact.NO
    if seen is None:
        return Fact.UNKNOWN
    if now - seen <= online_for:
        return Fact.YES
    return Fact.NO if now - seen > _LONG else Fact.UNKNOWN


def _inventory(row: Row) -> Row:
    return _part(_part(row, "properties"), "kabuto_information")


def _part(row: Row, field: str) -> Row:
    value = row.get(field)
    return value if isinstance(value, dict) else {}
