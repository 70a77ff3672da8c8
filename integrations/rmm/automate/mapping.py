"""Automate's JSON as devices and patches; pure."""

import re
from collections.abc import Mapping
from datetime import datetime

from core.domain.facts import Fact
from core.domain.patching import (
    Device,
    DeviceId,
    DeviceKind,
    Patch,
    PatchState,
    Severity,
)
from core.errors import MalformedAnswer
from integrations.rmm.rows import Row, count, dotted_domain, iso_moment, name, text
from integrations.rmm.titles import class_of, kb_in

#: Dates before this stand for "never": the year 1, MySQL's zeros, the Unix epoch.
_NEVER_BEFORE = 2000

#: All that the name of a command may say that restarts a computer and does nothing else.
_RESTART = frozenset({"reboot", "restart"})
_A_COMPUTER = frozenset(
    {
        "a",
        "computer",
        "device",
        "machine",
        "normal",
        "now",
        "pc",
        "system",
        "the",
        "this",
        "windows",
    }
)
_ONLINE: Mapping[str, Fact] = {"online": Fact.YES, "offline": Fact.NO}
_WORKSTATION = re.compile(r"workstation|laptop|notebook|desktop|tablet", re.IGNORECASE)
_SERVER = re.compile(r"\bserver\b", re.IGNORECASE)

#: "Unspecified" and whatever else ranks nothing by itself; the score does.
_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "important": Severity.IMPORTANT,
    "moderate": Severity.MODERATE,
    "low": Severity.LOW,
}
#: CVSS v3's own bands, from the top; 0 means that there is no score.
_BANDS: tuple[tuple[float, Severity], ...] = (
    (9.0, Severity.CRITICAL),
    (7.0, Severity.IMPORTANT),
    (4.0, Severity.MODERATE),
    (0.1, Severity.LOW),
)
_HIGHEST_SCORE = 10.0
_APPROVALS: Mapping[str, PatchState] = {
    "approve": PatchState.APPROVED,
    "approved": PatchState.APPROVED,
    "ignore": PatchState.REJECTED,
    "ignored": PatchState.REJECTED,
    "deny": PatchState.REJECTED,
    "denied": PatchState.REJECTED,
    "remove": PatchState.REJECTED,
    "not set": PatchState.PENDING,
    "notset": PatchState.PENDING,
}


def moment(value: object) -> datetime | None:
    """ISO 8601 in aware UTC, whether or not it says that it is UTC; None for "never" and anything else."""
    at = iso_moment(value)
    return at if at is not None and at.year >= _NEVER_BEFORE else None


def ident(source: str, row: Row, field: str, what: str) -> str:
    """An id, which comes as a number or as text of digits. Raises MalformedAnswer."""
    value = row.get(field)
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not digits.isascii() or not digits.isdecimal():
        raise MalformedAnswer(source, f"A row of the {what} has no {field}.")
    return digits


def client_id(source: str, computer: Row) -> str:
    """The id of the client a computer belongs to. Raises MalformedAnswer."""
    return ident(source, part(computer, "Client"), "Id", "computers' clients")


def device_id(account: str, vendor_id: str) -> DeviceId:
    return DeviceId(f"{account}:{vendor_id}")


def device(account: str, source: str, row: Row, *, stats: Row | None) -> Device:
    """One row of Computers, with its PatchingStats where they could be read. Raises MalformedAnswer."""
    vendor_id = ident(source, row, "Id", "computers")
    return Device(
        id=device_id(account, vendor_id),
        account=account,
        vendor_id=vendor_id,
        organisation=client_id(source, row),
        name=text(row.get("ComputerName")) or f"computer {vendor_id}",
        kind=_kind(row),
        os=text(row.get("OperatingSystemName")),
        online=online(row),
        last_seen=_latest(
            moment(row.get("RemoteAgentLastContact")), moment(row.get("LastHeartbeat"))
        ),
        last_scan=last_inventory(stats),
        reboot_needed=Fact.of(row.get("IsRebootNeeded")),
        has_policy=_has_policy(row, stats),
        domain=dotted_domain(row.get("DomainName")),
        serial=text(row.get("SerialNumber")) or None,
    )


def online(row: Row) -> Fact:
    return _ONLINE.get(text(row.get("Status")).lower(), Fact.UNKNOWN)


def booted_at(row: Row) -> datetime | None:
    """When a computer last started, by its row."""
    return moment(row.get("LastStartup"))


def restarts(command: Row) -> bool:
    """Whether a command of this server restarts a computer and does nothing else, by the name the server gives it."""
    said = set(re.findall(r"\w+", text(command.get("Name")).casefold()))
    return not said.isdisjoint(_RESTART) and said <= _RESTART | _A_COMPUTER


# What a computer's patching has come to.


def last_inventory(stats: Row | None) -> datetime | None:
    return None if stats is None else moment(stats.get("LastPatchInventory"))


def job_running(stats: Row) -> Fact:
    return Fact.of(stats.get("PatchJobRunning"))


def was_inventoried(stats: Row) -> bool:
    return stats.get("NoPatchInventory") is not True and last_inventory(stats) is not None


def lacking(stats: Row) -> int | None:
    """How many updates are missing or failed; None where Automate does not say."""
    counts = (count(stats.get("MissingPatchCount")), count(stats.get("FailedPatchCount")))
    return None if None in counts else sum(filter(None, counts))


def counted(stats: Row) -> int | None:
    """How many updates a computer has in all, installed or not."""
    installed, rest = count(stats.get("InstalledPatchCount")), lacking(stats)
    return None if installed is None or rest is None else installed + rest


# Updates.


def patch(account: str, source: str, computer_id: str, row: Row) -> Patch:
    """One row of MicrosoftUpdates. Raises MalformedAnswer where it has no title."""
    title = name(source, row, "Title", "updates")
    kb = article(row.get("KnowledgeBaseId")) or kb_in(title)
    state = _state(row)
    released = moment(row.get("ReleaseDate"))
    return Patch(
        key=key(kb, title),
        device_id=device_id(account, computer_id),
        title=title,
        kb=kb,
        severity=_severity(row),
        raw_severity=_raw_severity(row),
        patch_class=class_of(title, text(row.get("Category"))),
        state=state,
        raw_state=_raw_state(row),
        released=released.date() if released is not None else None,
        installed_at=moment(row.get("InstallDate")) if state is PatchState.INSTALLED else None,
    )


def key(kb: str | None, title: str) -> str:
    """The history and the list of updates need not share an id; these words they share."""
    return f"{kb or '-'} {title.casefold()}"


def article(value: object) -> str | None:
    """Described as a number, seen as text with and without its letters; 0 for none."""
    return kb_in(str(value)) if isinstance(value, int | str) else None


def _state(row: Row) -> PatchState:
    installed = Fact.of(row.get("IsInstalled"))
    if installed is Fact.YES:
        return PatchState.INSTALLED
    if installed is Fact.UNKNOWN:
        return PatchState.UNKNOWN
    allowed = approval(row)
    failed = row.get("IsFailed") is True and allowed is not PatchState.REJECTED
    return PatchState.FAILED if failed else allowed


def approval(row: Row) -> PatchState:
    """What the policy says of a missing update."""
    words = text(part(row, "PolicyApproval").get("Name")).lower()
    return _APPROVALS.get(words, PatchState.UNKNOWN)


def _raw_state(row: Row) -> str:
    words = (text(row.get("InstallState")), text(part(row, "PolicyApproval").get("Name")))
    return ", ".join(filter(None, words))


def _severity(row: Row) -> Severity:
    """Microsoft's word; where there is none, the score's band."""
    ranked = _SEVERITIES.get(text(row.get("Severity")).lower())
    score = _score(row)
    if ranked is not None or score is None:
        return ranked or Severity.UNRANKED
    return next((band for least, band in _BANDS if score >= least), Severity.UNRANKED)


def _raw_severity(row: Row) -> str:
    score = _score(row)
    words = (text(row.get("Severity")), f"CVSS {score}" if score is not None else "")
    return ", ".join(filter(None, words))


def _score(row: Row) -> float | None:
    value = row.get("Cvss")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value <= _HIGHEST_SCORE else None


def _kind(row: Row) -> DeviceKind:
    kind, system = text(row.get("Type")), text(row.get("OperatingSystemName"))
    if _SERVER.search(kind) or _SERVER.search(system):
        return DeviceKind.SERVER
    return DeviceKind.WORKSTATION if _WORKSTATION.search(kind) else DeviceKind.UNKNOWN


def _has_policy(row: Row, stats: Row | None) -> Fact:
    """Whether Automate manages Microsoft's updates on it; on another system the question is no question."""
    if stats is None or "windows" not in text(row.get("OperatingSystemName")).lower():
        return Fact.UNKNOWN
    return Fact.of(stats.get("IsMicrosoftManaged"))


def _latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


def part(row: Row, field: str) -> Row:
    value = row.get(field)
    return value if isinstance(value, dict) else {}
