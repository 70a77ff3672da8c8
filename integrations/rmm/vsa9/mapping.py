"""VSA 9's JSON as devices and patches; pure."""

import re
from collections.abc import Mapping
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
from core.errors import MalformedAnswer
from integrations.rmm.rows import Row, dotted_domain, text
from integrations.rmm.titles import class_in, kb_in

#: Dates before this stand for "never": the year 1, 1900, the Unix epoch, 1980.
_NEVER_BEFORE = 2000
#: The easternmost clock there is: read by it, a time without a zone is never later than the truth.
_EARLIEST = timezone(timedelta(hours=14))
_DOTNET = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_AMERICAN = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y")
#: Numbers above this are milliseconds: as seconds they would lie beyond the year 5000.
_MILLISECONDS_FROM = 100_000_000_000

#: 1: online; 2: online, and somebody is logged on. Others (suspended, never checked in) say nothing of now.
_ONLINE: Mapping[int, Fact] = {0: Fact.NO, 1: Fact.YES, 2: Fact.YES}
_SERVER = re.compile(r"\bserver\b", re.IGNORECASE)
#: Servers are told by their year ("2019"), workstations by name or number ("10", "XP").
_SERVER_TYPE = re.compile(r"20\d\d( r2)?", re.IGNORECASE)
_WORKSTATION_TYPE = re.compile(r"xp|vista|7|8|8\.1|10|11|mac os.*", re.IGNORECASE)

_CLASSIFICATIONS: Mapping[int, tuple[Severity, PatchClass]] = {
    100: (Severity.CRITICAL, PatchClass.SECURITY),
    101: (Severity.IMPORTANT, PatchClass.SECURITY),
    102: (Severity.MODERATE, PatchClass.SECURITY),
    103: (Severity.LOW, PatchClass.SECURITY),
    104: (Severity.UNRANKED, PatchClass.SECURITY),
    110: (Severity.CRITICAL, PatchClass.UPDATE),
    120: (Severity.UNRANKED, PatchClass.UPDATE),
    200: (Severity.UNRANKED, PatchClass.FEATURE),
    210: (Severity.UNRANKED, PatchClass.UPDATE),
    220: (Severity.UNRANKED, PatchClass.FEATURE),
    230: (Severity.UNRANKED, PatchClass.UPDATE),
}
#: Values of SchedTogether that were seen to mark a failed install. 0 is "not scheduled", all others are.
_FAILED = frozenset({2, 3, 8})


# Times.


def moment(value: object, zone: tzinfo | None) -> datetime | None:
    """Any of VSA's forms in aware UTC; without a zone in the server's, where that is known."""
    told = wall_clock(value)
    if told is None:
        return None
    try:
        at = told if told.tzinfo is not None else told.replace(tzinfo=zone or _EARLIEST)
        return at.astimezone(UTC)
    except OverflowError:
        return None


def wall_clock(value: object) -> datetime | None:
    """ISO 8601 with and without a zone, .NET's /Date(ms)/, the American form, numbers; None for "never"."""
    words = text(value)
    found = _DOTNET.fullmatch(words)
    number = int(found[1]) if found else value
    told = _from_number(number) if not isinstance(number, str) else _from_words(words)
    return told if told is not None and told.year >= _NEVER_BEFORE else None


def _from_number(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_words(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        pass
    for form in _AMERICAN:
        try:
            return datetime.strptime(words, form)  # noqa: DTZ007 - the zone comes later, if ever
        except ValueError:
            continue
    return None


# Agents.


def ident(source: str, row: Row, field: str, what: str) -> str:
    """An id as text: up to 26 digits, as text or as a number that kept them all. Raises MalformedAnswer."""
    digits = _digits(row.get(field))
    if not digits:
        raise MalformedAnswer(source, f"A row of the {what} has no {field}.")
    return digits


def organisation(row: Row, of_group: Mapping[str, str]) -> str | None:
    """The organisation an agent belongs to, by its own word or by its machine group's."""
    return _digits(row.get("OrgId")) or of_group.get(_digits(row.get("MachineGroupId")))


def device_id(account: str, vendor_id: str) -> DeviceId:
    return DeviceId(f"{account}:{vendor_id}")


def device(
    account: str,
    source: str,
    row: Row,
    *,
    organisation: str,
    status: Row | None,
    zone: tzinfo | None,
) -> Device:
    """One row of agents, with its patch status where that could be read. Raises MalformedAnswer."""
    vendor_id = ident(source, row, "AgentId", "agents")
    return Device(
        id=device_id(account, vendor_id),
        account=account,
        vendor_id=vendor_id,
        organisation=organisation,
        name=text(row.get("ComputerName")) or text(row.get("AgentName")) or f"agent {vendor_id}",
        kind=_kind(row),
        os=text(row.get("OSInfo")) or text(row.get("OSType")),
        online=online(row),
        last_seen=moment(row.get("LastCheckInTime"), zone),
        last_scan=None if status is None else last_scan(status, zone),
        reboot_needed=Fact.UNKNOWN if status is None else reboot_pending(status),
        has_policy=Fact.UNKNOWN if is_windows(row) else Fact.NO,
        domain=dotted_domain(text(row.get("DomainWorkgroup")).partition(" ")[0]),
    )


def online(row: Row) -> Fact:
    return _ONLINE.get(_code(row.get("Online")), Fact.UNKNOWN)


def is_windows(row: Row) -> bool:
    """Classic Patch Management works on Windows only; a system we do not know is asked about."""
    system = f"{text(row.get('OSType'))} {text(row.get('OSInfo'))}".lower()
    return not any(word in system for word in ("mac", "linux", "ubuntu", "red hat"))


def _kind(row: Row) -> DeviceKind:
    system, kind = text(row.get("OSInfo")), text(row.get("OSType"))
    if _SERVER.search(system) or _SERVER.search(kind) or _SERVER_TYPE.fullmatch(kind):
        return DeviceKind.SERVER
    known = _WORKSTATION_TYPE.fullmatch(kind)
    return DeviceKind.WORKSTATION if known else DeviceKind.UNKNOWN


# What an agent's patching has come to.


def last_scan(status: Row, zone: tzinfo | None) -> datetime | None:
    return moment(status.get("LastPatchScan"), zone)


def reboot_pending(status: Row) -> Fact:
    """Told as a flag or as 0 and 1; not at all by some servers."""
    value = status.get("RebootPending")
    return Fact.of(value if isinstance(value, bool) else {0: False, 1: True}.get(_code(value)))


def patch_id(source: str, row: Row) -> str:
    return ident(source, row, "PatchDataId", "missing updates")


def patch(account: str, source: str, agent_id: str, row: Row, *, approved: bool) -> Patch:
    """One row of machineupdate; not `approved`: denied, or nobody has decided. Raises MalformedAnswer."""
    number = patch_id(source, row)
    code = _code(row.get("UpdateClassification"))
    severity, known = _CLASSIFICATIONS.get(code, (Severity.UNRANKED, PatchClass.UNKNOWN))
    title = _title(row, number)
    told = "" if approved else ", denied or not approved yet"
    return Patch(
        key=number,
        device_id=device_id(account, agent_id),
        title=title,
        kb=_article(row) or kb_in(title),
        severity=severity,
        raw_severity=str(row.get("UpdateClassification", "")),
        patch_class=class_in(title) or known,
        state=_state(row, approved=approved),
        raw_state=f"SchedTogether {row.get('SchedTogether')}{told}",
    )


def installed(account: str, agent_id: str, row: Row, *, zone: tzinfo | None) -> Patch | None:
    """One row of the history; None where it tells no time or names nothing."""
    at, title = moment(row.get("InstallDate"), zone), _title(row, "")
    if at is None or not title:
        return None
    kb = _article(row) or kb_in(title)
    return Patch(
        key=_digits(row.get("PatchDataId")) or f"{kb or '-'} {title.casefold()}",
        device_id=device_id(account, agent_id),
        title=title,
        kb=kb,
        severity=Severity.UNRANKED,
        patch_class=class_in(title) or PatchClass.UNKNOWN,
        state=PatchState.INSTALLED,
        installed_at=at,
    )


def is_scheduled(row: Row) -> bool:
    """Whether an install of it is due on the machine, ours or anybody's."""
    code = _code(row.get("SchedTogether"))
    return code > 0 and code not in _FAILED


def has_failed(row: Row) -> bool:
    return _code(row.get("SchedTogether")) in _FAILED


def is_untouched(row: Row) -> bool:
    """Neither scheduled nor failed."""
    return _code(row.get("SchedTogether")) == 0


def _state(row: Row, *, approved: bool) -> PatchState:
    code = _code(row.get("SchedTogether"))
    if code < 0:
        return PatchState.UNKNOWN
    if not approved:
        return PatchState.PENDING
    return PatchState.FAILED if code in _FAILED else PatchState.APPROVED


def _title(row: Row, number: str) -> str:
    named = text(row.get("Description")) or text(row.get("KBArticle"))
    return named or (f"update {number}" if number else "")


def _article(row: Row) -> str | None:
    value = row.get("KBArticle")
    return kb_in(str(value).strip()) if isinstance(value, int | str) else None


def _code(value: object) -> int:
    """A small number, which comes as one or as text; -1 for anything else."""
    digits = _digits(value)
    return int(digits) if digits else -1


def _digits(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    digits = str(value).strip()
    return digits if digits.isascii() and digits.isdecimal() else ""
