"""Atera's JSON as devices and patches; pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

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
from integrations.rmm.rows import Row, dotted_domain, number, text
from integrations.rmm.titles import class_in, kb_in

_SERVER = re.compile(r"\b(server|domain controller)\b", re.IGNORECASE)
_WORKSTATION = re.compile(
    r"\bwork ?station\b|\bwindows (?:7|8|10|11)\b|\bmac\b|\bmac ?os\b", re.IGNORECASE
)
_WINDOWS = re.compile(r"\bwindows\b", re.IGNORECASE)
_BARE_KB = re.compile(r"[0-9]{6,8}")

#: Nobody lists these words; one that is not here is unknown. Approval is not told.
_STATES: Mapping[str, PatchState] = {
    "": PatchState.PENDING,
    "available": PatchState.PENDING,
    "missing": PatchState.PENDING,
    "not installed": PatchState.PENDING,
    "pending": PatchState.PENDING,
    "downloaded": PatchState.PENDING,
    "failed": PatchState.FAILED,
    "excluded": PatchState.REJECTED,
    "declined": PatchState.REJECTED,
    "installed": PatchState.INSTALLED,
}
_CLASSES: Mapping[str, PatchClass] = {
    "definition updates": PatchClass.DEFINITION,
    "drivers": PatchClass.DRIVER,
    "driver sets": PatchClass.DRIVER,
    "upgrades": PatchClass.FEATURE,
    "feature packs": PatchClass.FEATURE,
    "security updates": PatchClass.SECURITY,
    "critical updates": PatchClass.UPDATE,
    "update rollups": PatchClass.UPDATE,
    "updates": PatchClass.UPDATE,
}


def moment(value: object) -> datetime | None:
    """ISO 8601, in aware UTC; without a zone it is taken as UTC; None for anything else."""
    try:
        told = datetime.fromisoformat(text(value))
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_patched(row: Row) -> bool:
    """Updates of Windows alone are asked for; a system we do not know is asked about."""
    system = text(row.get("OS"))
    return not system or bool(_WINDOWS.search(system))


def guid(row: Row) -> str:
    """By what an agent's updates are asked for; empty where it is not told."""
    return text(row.get("DeviceGuid"))


def customer(source: str, row: Row) -> str:
    return str(number(source, row, "CustomerID", "agents"))


def device_id(account: str, agent_id: str) -> DeviceId:
    return DeviceId(f"{account}:{agent_id}")


def device(account: str, source: str, row: Row) -> Device:
    """One agent. Raises MalformedAnswer where it has no id or customer."""
    agent_id = str(number(source, row, "AgentID", "agents"))
    return Device(
        id=device_id(account, agent_id),
        account=account,
        vendor_id=agent_id,
        organisation=customer(source, row),
        name=text(row.get("MachineName")) or text(row.get("AgentName")) or f"agent {agent_id}",
        kind=_kind(row),
        os=" ".join(filter(None, (text(row.get("OS")), text(row.get("OSBuild"))))),
        online=Fact.of(row.get("Online")),
        last_seen=moment(row.get("LastSeen")) or moment(row.get("LastSeenDate")),
        domain=dotted_domain(row.get("DomainName")),
    )


def available(account: str, agent_id: str, listed: Iterable[Row]) -> list[Patch]:
    """What one agent is missing; a row without a name names nothing."""
    return [_patch(account, agent_id, row, _state(row)) for row in listed if _title(row)]


def installed(account: str, agent_id: str, listed: Iterable[Row]) -> list[Patch]:
    return [_patch(account, agent_id, row, PatchState.INSTALLED) for row in listed if _title(row)]


def _state(row: Row) -> PatchState:
    return _STATES.get(text(row.get("Status")).lower(), PatchState.UNKNOWN)


def _patch(account: str, agent_id: str, row: Row, state: PatchState) -> Patch:
    title, told = _title(row), text(row.get("KBId"))
    kb = kb_in(f"KB{told}" if _BARE_KB.fullmatch(told) else told) or kb_in(title)
    return Patch(
        key=f"{kb or '-'} {title.casefold()}",
        device_id=device_id(account, agent_id),
        title=title,
        kb=kb,
        severity=Severity.UNRANKED,
        patch_class=_class(text(row.get("Class")), title),
        state=state,
        raw_state=text(row.get("Status")),
    )


def _title(row: Row) -> str:
    return text(row.get("Name")) or text(row.get("KBId"))


def _class(told: str, title: str) -> PatchClass:
    """A driver is one whatever its title; of the others the title knows more than the class."""
    known = _CLASSES.get(told.lower(), PatchClass.UNKNOWN)
    if known in (PatchClass.DEFINITION, PatchClass.DRIVER):
        return known
    return class_in(title) or known


def _kind(row: Row) -> DeviceKind:
    told = " ".join(text(row.get(field)) for field in ("OSType", "AgentType", "OS"))
    if _SERVER.search(told):
        return DeviceKind.SERVER
    return DeviceKind.WORKSTATION if _WORKSTATION.search(told) else DeviceKind.UNKNOWN
