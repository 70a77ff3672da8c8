"""Tactical RMM's JSON as devices and patches; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from core.domain.facts import Fact
from core.domain.patching import (
    Device,
    DeviceId,
    DeviceKind,
    Patch,
    PatchClass,
    PatchState,
    Severity,
)
from integrations.rmm.rows import Row, dotted_domain, iso_moment, name, number, text
from integrations.rmm.titles import class_in, kb_in

_KINDS: Mapping[str, DeviceKind] = {
    "server": DeviceKind.SERVER,
    "workstation": DeviceKind.WORKSTATION,
}
_ONLINE: Mapping[str, Fact] = {"online": Fact.YES, "offline": Fact.NO, "overdue": Fact.NO}
#: The maker's own rating; most previews, tools and definitions have none.
_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "important": Severity.IMPORTANT,
    "moderate": Severity.MODERATE,
    "low": Severity.LOW,
}
_ACTIONS: Mapping[str, PatchState] = {
    "approve": PatchState.APPROVED,
    "nothing": PatchState.PENDING,
    "inherit": PatchState.PENDING,
    "ignore": PatchState.REJECTED,
}
#: Microsoft's ids of update classifications. Their names come in the device's own language.
_CLASSES: Mapping[str, PatchClass] = {
    "e0789628-ce08-4437-be74-2495b842f43b": PatchClass.DEFINITION,
    "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0": PatchClass.DRIVER,
    "3689bdc8-b205-4af4-8d4a-a63924c5e9d5": PatchClass.FEATURE,
    "b54e7d24-7add-428f-8b75-90a396fa584f": PatchClass.FEATURE,
    "0fa1201d-4330-4fa8-8ae9-b877473b6441": PatchClass.SECURITY,
    "e6cf1350-c01b-414d-a61f-263d14d133b4": PatchClass.UPDATE,
    "28bc880e-0592-4cbf-8f95-c79b17911d5f": PatchClass.UPDATE,
    "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83": PatchClass.UPDATE,
}

_INSTALLED = "%m %d %Y %H:%M"
#: The easternmost clock there is: read by it, a date without a zone is never later than the truth.
_EARLIEST = timezone(timedelta(hours=14))
_RELEASE = re.compile(r"\bv(\d\dH\d|\d{4})\b")

#: How often the server has agents that are online scan, besides when they start.
_SCANS_EVERY = timedelta(hours=8)


def installed_moment(value: object, zone: tzinfo | None) -> datetime | None:
    """A date as the server words it ("09 21 2026 14:05"), in its zone where that is known; None for the rest."""
    try:
        told = datetime.strptime(text(value), _INSTALLED)  # noqa: DTZ007 - the zone comes with the next line
        return told.replace(tzinfo=zone or _EARLIEST).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_patched(row: Row) -> bool:
    """Tactical installs updates on Windows only; a platform we do not know is asked about."""
    return text(row.get("plat")).lower() not in ("linux", "darwin")


def has_waiting(row: Row) -> bool:
    """Whether something approved is not installed, by the agents' table. An untold answer is a reason to look."""
    return row.get("has_patches_pending") is not False


def device_id(account: str, agent_id: str) -> DeviceId:
    return DeviceId(f"{account}:{agent_id}")


def agent_id(source: str, row: Row) -> str:
    return name(source, row, "agent_id", "agents")


def device(
    account: str, source: str, client_id: str, row: Row, *, last_scan: datetime | None
) -> Device:
    """One row of a client's agents. Raises MalformedAnswer."""
    vendor_id = agent_id(source, row)
    return Device(
        id=device_id(account, vendor_id),
        account=account,
        vendor_id=vendor_id,
        organisation=client_id,
        name=text(row.get("hostname")) or f"agent {vendor_id}",
        kind=_KINDS.get(text(row.get("monitoring_type")).lower(), DeviceKind.UNKNOWN),
        os=_RELEASE.sub(r"\1", text(row.get("operating_system"))),
        online=online(row),
        last_seen=iso_moment(row.get("last_seen")),
        last_scan=last_scan,
        reboot_needed=reboot_needed(row),
        serial=text(row.get("serial_number")) or None,
        # Whether a policy approves anything is told one agent at a time only; that nothing patches a Mac is known.
        has_policy=Fact.UNKNOWN if is_patched(row) else Fact.NO,
    )


def reboot_needed(row: Row) -> Fact:
    return Fact.of(row.get("needs_reboot"))


def online(row: Row) -> Fact:
    return _ONLINE.get(text(row.get("status")).lower(), Fact.UNKNOWN)


def scheduled_scan(row: Row) -> datetime | None:
    """When an agent was scanned at the latest, if the server's schedule and the agent keep their word.

    An agent is asked to scan when it starts and every eight hours while it is online. Nothing tells that
    it did.
    """
    seen = iso_moment(row.get("last_seen"))
    if seen is None:
        return None
    asked, started = seen - _SCANS_EVERY, booted_at(row)
    return max(asked, started) if started is not None and started <= seen else asked


def booted_at(row: Row) -> datetime | None:
    """When a device last started, in seconds since the epoch; None for anything else."""
    started = row.get("boot_time")
    if isinstance(started, bool) or not isinstance(started, int | float) or not started > 0:
        return None
    try:
        return datetime.fromtimestamp(started, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def domain(detail: Row) -> str | None:
    """The DNS domain that one agent's hardware inventory tells; None where it tells none."""
    inventory = detail.get("wmi_detail")
    systems = inventory.get("comp_sys") if isinstance(inventory, dict) else None
    told = (item.get("Domain") for item in _flat(systems) if isinstance(item, dict))
    return next((found for found in map(dotted_domain, told) if found), None)


def _flat(value: object) -> Iterable[object]:
    if not isinstance(value, list):
        return [value]
    return [inner for item in value for inner in _flat(item)]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Reads the rows of one device. `approving`: the severities its policy approves when an install runs."""

    account: str
    source: str
    agent_id: str
    zone: tzinfo | None
    approving: frozenset[str] = frozenset()

    def patches(self, rows: Iterable[Row]) -> dict[int, Patch]:
        """By row number, oldest first; rows without a name are left out, they name nothing to install."""
        numbered = sorted(rows, key=lambda row: number(self.source, row, "id", "updates"))
        return {row["id"]: self._patch(row) for row in numbered if _title(row)}

    def _patch(self, row: Row) -> Patch:
        title, raw_severity = _title(row), text(row.get("severity"))
        kb = kb_in(text(row.get("kb"))) or kb_in(title)
        state = self._state(row)
        return Patch(
            # The maker's id; older rows may lack it.
            key=text(row.get("guid")) or f"{kb or '-'} {title.casefold()}",
            device_id=device_id(self.account, self.agent_id),
            title=title,
            kb=kb,
            severity=_SEVERITIES.get(raw_severity.lower(), Severity.UNRANKED),
            raw_severity=raw_severity,
            patch_class=_class(row, title),
            state=state,
            raw_state=f"{text(row.get('action'))}, {text(row.get('result'))}",
            installed_at=installed_moment(row.get("date_installed"), self.zone)
            if state is PatchState.INSTALLED
            else None,
        )

    def _state(self, row: Row) -> PatchState:
        """An approval by policy overrides what anybody decided, an ignored update's too."""
        if row.get("installed") is not False:
            return PatchState.INSTALLED if row.get("installed") is True else PatchState.UNKNOWN
        decided = _ACTIONS.get(text(row.get("action")).lower(), PatchState.UNKNOWN)
        if text(row.get("severity")) in self.approving and row.get("severity") is not None:
            decided = PatchState.APPROVED
        failed = text(row.get("result")).lower() == "failed"
        return PatchState.FAILED if failed and decided is PatchState.APPROVED else decided


def _title(row: Row) -> str:
    return text(row.get("title")) or text(row.get("kb"))


def _class(row: Row, title: str) -> PatchClass:
    ids = row.get("category_ids")
    told = (_CLASSES.get(text(item).lower()) for item in ids) if isinstance(ids, list) else ()
    known = next((found for found in told if found is not None), PatchClass.UNKNOWN)
    if known in (PatchClass.DEFINITION, PatchClass.DRIVER):
        return known
    return class_in(title) or known
