"""The platform's JSON as devices and patches; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from integrations.rmm.rows import Row, count, dotted_domain, iso_moment, rows, text
from integrations.rmm.titles import class_of, kb_in

_SERVER = re.compile(r"\bserver\b", re.IGNORECASE)
_WORKSTATION = re.compile(r"\b(desktop|laptop|notebook|workstation|tablet)\b", re.IGNORECASE)

_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "important": Severity.IMPORTANT,
    "moderate": Severity.MODERATE,
    "low": Severity.LOW,
}
_APPROVALS: Mapping[str, PatchState] = {
    "approved": PatchState.APPROVED,
    "pending": PatchState.PENDING,
    "not approved": PatchState.PENDING,
    "notapproved": PatchState.PENDING,
    "rejected": PatchState.REJECTED,
    "denied": PatchState.REJECTED,
    "declined": PatchState.REJECTED,
    "blocked": PatchState.REJECTED,
}


def moment(value: object) -> datetime | None:
    """ISO 8601 in aware UTC, whether or not it says that it is UTC; None for "never" (the year 1) and the rest."""
    at = iso_moment(value)
    return at if at is not None and at.year > 1 else None


def endpoint_id(source: str, row: Row) -> str:
    """The id of an endpoint, however that call spells the field. Raises MalformedAnswer."""
    told = (text(row.get(field)) for field in ("endpointID", "endpointId", "EndpointID"))
    found = next(filter(None, told), None)
    if found is None:
        raise MalformedAnswer(source, "A row of the endpoints has no endpointID.")
    return found


def company_id(source: str, row: Row) -> str:
    """The company of an endpoint, by its group or by its own row. Raises MalformedAnswer."""
    told = (text(row.get(field)) for field in ("companyID", "companyId", "clientID", "clientId"))
    found = next(filter(None, told), None)
    if found is None:
        raise MalformedAnswer(source, "A row of the endpoints has no company.")
    return found


def device_id(account: str, vendor_id: str) -> DeviceId:
    return DeviceId(f"{account}:{vendor_id}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What a summary counts on one endpoint; None where it does not say."""

    missing: int | None = None
    pending_reboot: int | None = None
    assessed: datetime | None = None
    has_policy: Fact = Fact.UNKNOWN


def counted(row: Row) -> Counted:
    """A row of the compliance summary, or the summary before one endpoint's updates."""
    missing, waiting = row.get("missingPatchCount"), row.get("pendingRebootPatchCount")
    return Counted(
        missing=count(row.get("missingCount") if missing is None else missing),
        pending_reboot=count(row.get("pendingRebootCount") if waiting is None else waiting),
        assessed=moment(row.get("assessedAt")),
        has_policy=Fact.YES if text(row.get("policyName")) else Fact.UNKNOWN,
    )


def device(
    account: str, source: str, row: Row, *, beat: Row | None = None, counts: Counted | None = None
) -> Device:
    """One endpoint with its heartbeat and what is counted on it, where there are any. Raises MalformedAnswer."""
    vendor_id, system = endpoint_id(source, row), _part(row, "system")
    known = counts or Counted()
    waiting = known.pending_reboot
    return Device(
        id=device_id(account, vendor_id),
        account=account,
        vendor_id=vendor_id,
        organisation=company_id(source, row),
        name=_name(row, system) or f"endpoint {vendor_id}",
        kind=_kind(row),
        os=_os(row),
        online=online(beat),
        last_seen=moment(beat.get("DcDateTimeUTC")) if beat is not None else None,
        last_scan=known.assessed,
        reboot_needed=Fact.UNKNOWN if waiting is None else Fact.of(waiting > 0),
        has_policy=known.has_policy,
        domain=dotted_domain(system.get("domain")),
    )


def online(beat: Row | None) -> Fact:
    """Whether an endpoint is online; the field's spelling differs."""
    told = beat or {}
    return Fact.of(told.get("Availability", told.get("availability")))


def _name(row: Row, system: Row) -> str:
    words = (row.get("friendlyName"), row.get("deviceName"), system.get("systemName"))
    return next(filter(None, map(text, words)), "")


def _kind(row: Row) -> DeviceKind:
    """Any word for a server counts; the system's name decides before "desktop" does."""
    told = " ".join(text(row.get(field)) for field in ("endpointType", "resourceType"))
    if _SERVER.search(told) or _SERVER.search(text(_part(row, "os").get("product"))):
        return DeviceKind.SERVER
    return DeviceKind.WORKSTATION if _WORKSTATION.search(told) else DeviceKind.UNKNOWN


def _os(row: Row) -> str:
    """Name and version, such as "Microsoft Windows 11 Pro 10.0.26200"."""
    system = _part(row, "os")
    product = text(system.get("product")) or text(row.get("osType"))
    version = text(system.get("version"))
    return product if not version or version in product else f"{product} {version}".strip()


# Updates.


def patches(account: str, source: str, vendor_id: str, answer: Row) -> list[Patch]:
    """One endpoint's updates, installed ones too. Raises MalformedAnswer."""
    listed = rows(source, answer.get("patches"), "updates")
    return [_patch(account, vendor_id, item) for item in listed if _key(item)]


def summary(answer: Row) -> Counted:
    """What stands before one endpoint's updates."""
    return counted(_part(answer, "summary"))


def missing(found: Sequence[Patch]) -> list[Patch]:
    return [patch for patch in found if patch.state is not PatchState.INSTALLED]


def _patch(account: str, vendor_id: str, row: Row) -> Patch:
    kb, classification = _article(row), text(row.get("classification"))
    state = _state(row)
    severity = text(row.get("msrcSeverity"))
    return Patch(
        key=_key(row),
        device_id=device_id(account, vendor_id),
        # Rows have no title. Sorted by these words, updates of one classification are one product line.
        title=f"{classification or 'Updates'} ({kb or _key(row)})",
        kb=kb,
        severity=_SEVERITIES.get(severity.lower(), Severity.UNRANKED),
        raw_severity=severity,
        # Rows have no title that would tell a cumulative update.
        patch_class=class_of("", classification),
        state=state,
        raw_state=_raw_state(row),
        installed_at=moment(row.get("installedDate")) if state is PatchState.INSTALLED else None,
    )


def _key(row: Row) -> str:
    return text(row.get("updateID")) or _article(row) or ""


def _article(row: Row) -> str | None:
    """Seen with its letters and without."""
    value = row.get("kbArticleID")
    return kb_in(str(value).strip()) if isinstance(value, str | int) else None


def _state(row: Row) -> PatchState:
    """`status` is a number whose meaning is documented nowhere: what has no date of its install is missing."""
    if row.get("installedDate") is not None:
        at = moment(row.get("installedDate"))
        return PatchState.INSTALLED if at is not None else PatchState.UNKNOWN
    decided = _APPROVALS.get(text(row.get("partnerApprovalStatus")).lower(), PatchState.UNKNOWN)
    outside = decided is PatchState.APPROVED and row.get("policyMatch") is False
    return PatchState.PENDING if outside else decided


def _raw_state(row: Row) -> str:
    number = count(row.get("status"))
    words = (
        f"status {number}" if number is not None else "",
        text(row.get("partnerApprovalStatus")),
    )
    return ", ".join(filter(None, words))


def _part(row: Row, field: str) -> Row:
    value = row.get(field)
    return value if isinstance(value, dict) else {}
