"""Atera's JSON as devices and patches; pure."""

import re
from collections.abc import Iterable, Mapping

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
        last_seen=iso_moment(row.get("LastSeen")) or iso_moment(row.get("LastSeenDate")),
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
        patch_class=class_of(title, text(row.get("Class"))),
        state=state,
        raw_state=text(row.get("Status")),
    )


def _title(row: Row) -> str:
    return text(row.get("Name")) or text(row.get("KBId"))


def _kind(row: Row) -> DeviceKind:
    told = " ".join(text(row.get(field)) for field in ("OSType", "AgentType", "OS"))
    if _SERVER.search(told):
        return DeviceKind.SERVER
    return DeviceKind.WORKSTATION if _WORKSTATION.search(told) else DeviceKind.UNKNOWN
