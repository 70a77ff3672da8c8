"""Datto RMM's JSON as devices with patch counts; pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device, DeviceId, DeviceKind, PatchCounts
from integrations.rmm.rows import Row, count, dotted_domain, name, text

_KINDS: Mapping[str, DeviceKind] = {
    "server": DeviceKind.SERVER,
    "laptop": DeviceKind.WORKSTATION,
    "desktop": DeviceKind.WORKSTATION,
    "workstation": DeviceKind.WORKSTATION,
    "tablet": DeviceKind.WORKSTATION,
}
#: What Datto watches without an agent on it.
_WITHOUT_AGENT = frozenset({"printer", "esxihost", "rmmnetworkdevice"})

_STATUSES: Mapping[str, CountStatus] = {
    "fullypatched": CountStatus.FULLY_PATCHED,
    "approvedpending": CountStatus.MISSING,
    "installerror": CountStatus.INSTALL_ERROR,
    "rebootrequired": CountStatus.REBOOT_NEEDED,
    "nopolicy": CountStatus.NO_POLICY,
    "nodata": CountStatus.NO_DATA,
}
_POLICY_UNTOLD = (CountStatus.UNKNOWN, CountStatus.NO_DATA)

#: Above this a number of Unix time is taken for milliseconds: as seconds it would lie beyond the year 5000.
_FIRST_MILLISECONDS = 100_000_000_000


def moment(value: object) -> datetime | None:
    """A time in any form Datto sends: milliseconds, seconds, ISO 8601; None for "never" and the rest.

    "Never" is the first moment of the year 1, in milliseconds before 1970.
    """
    if isinstance(value, str):
        return _from_iso(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    try:
        return datetime.fromtimestamp(value / 1000 if value >= _FIRST_MILLISECONDS else value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def is_patched(row: Row) -> bool:
    """Whether a row is a machine with an agent that is still there."""
    return text(row.get("deviceClass")) not in _WITHOUT_AGENT and row.get("deleted") is not True


def device_id(account: str, uid: str) -> DeviceId:
    return DeviceId(f"{account}:{uid}")


def device(account: str, source: str, row: Row, *, tags_udf: int | None = None) -> Device:
    """One row of a device list; `tags_udf` numbers the user-defined field that holds tags. Raises MalformedAnswer."""
    uid = name(source, row, "uid", "devices")
    counts = patch_counts(row.get("patchManagement"))
    return Device(
        id=device_id(account, uid),
        account=account,
        vendor_id=uid,
        organisation=name(source, row, "siteUid", "devices"),
        name=text(row.get("hostname")) or f"device {uid}",
        kind=_kind(row),
        os=_os(row),
        online=Fact.of(row.get("online")),
        last_seen=moment(row.get("lastSeen")),
        # The counts are those of the last audit, so their age is the audit's.
        last_scan=moment(row.get("lastAuditDate")),
        reboot_needed=reboot_needed(row),
        has_policy=_has_policy(counts),
        domain=dotted_domain(row.get("domain")),
        tags=_tags(row.get("udf"), tags_udf),
        counts=counts,
    )


def _tags(fields: object, number: int | None) -> frozenset[str]:
    """What stands there, set apart by commas, semicolons or lines."""
    told = fields.get(f"udf{number}") if isinstance(fields, dict) else None
    parts = (part.strip() for part in re.split(r"[,;\n]", text(told)))
    return frozenset(part for part in parts if part)


def patch_counts(value: object) -> PatchCounts:
    """What `patchManagement` says; an unknown word, or nothing at all, is UNKNOWN."""
    told = value if isinstance(value, dict) else {}
    return PatchCounts(
        status=_STATUSES.get(text(told.get("patchStatus")).lower(), CountStatus.UNKNOWN),
        approved=count(told.get("patchesApprovedPending")),
        not_approved=count(told.get("patchesNotApproved")),
        installed=count(told.get("patchesInstalled")),
    )


def _kind(row: Row) -> DeviceKind:
    told = row.get("deviceType")
    category = text(told.get("category")).lower() if isinstance(told, dict) else ""
    if "server" in text(row.get("operatingSystem")).lower():
        return DeviceKind.SERVER
    return _KINDS.get(category, DeviceKind.UNKNOWN)


def _os(row: Row) -> str:
    """Name and release, such as "Microsoft Windows 11 Pro 10.0.26200 25H2"."""
    system, release = text(row.get("operatingSystem")), text(row.get("displayVersion"))
    return system if not release or release in system else f"{system} {release}".strip()


def booted_at(row: Row) -> datetime | None:
    """When a device last started, as its agent knew at its last audit."""
    return moment(row.get("lastReboot"))


def reboot_needed(row: Row) -> Fact:
    counts = patch_counts(row.get("patchManagement"))
    if counts.status is CountStatus.REBOOT_NEEDED:
        return Fact.YES
    return Fact.of(row.get("rebootRequired"))


def _has_policy(counts: PatchCounts) -> Fact:
    if counts.status is CountStatus.NO_POLICY:
        return Fact.NO
    return Fact.UNKNOWN if counts.status in _POLICY_UNTOLD else Fact.YES


def _from_iso(value: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(value.strip())
        # Without a zone it is UTC, as the API says of all its times.
        at = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year > 1 else None
