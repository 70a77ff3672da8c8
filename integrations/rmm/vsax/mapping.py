"""Kaseya VSA X's JSON as devices with counts of missing updates; pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from core.domain.facts import Fact
from core.domain.patching import (
    CountStatus,
    Device,
    DeviceId,
    DeviceKind,
    PatchCounts,
    Severity,
)
from integrations.rmm.rows import Row, count, iso_moment, name, number, text, words

#: The severities in which missing updates are counted.
SEVERITIES: Mapping[str, Severity] = {
    "Critical": Severity.CRITICAL,
    "Important": Severity.IMPORTANT,
    "Moderate": Severity.MODERATE,
    "Low": Severity.LOW,
    "Unspecified": Severity.UNRANKED,
}

_SERVER = re.compile(r"\bservers?\b", re.IGNORECASE)
_WORKSTATION = re.compile(r"\b(windows|mac ?os)\b", re.IGNORECASE)

#: A device seen so lately is online; one not seen for so long is not. Between the two nobody can tell.
_LATELY = timedelta(minutes=15)
_LONG = timedelta(days=1)


def moment(value: object) -> datetime | None:
    """An ISO 8601 time, UTC where it names no zone; None for "never" (the year 1) and anything else."""
    at = iso_moment(value)
    return at if at is not None and at.year > 1 else None


def has_agent(row: Row) -> bool:
    """Whether a device runs VSA X's agent; phones and systems that only report themselves do not."""
    return row.get("IsAgentInstalled") is not False


def device_id(account: str, identifier: str) -> DeviceId:
    return DeviceId(f"{account}:{identifier}")


def organisation(source: str, row: Row) -> str:
    """The number of a device's organisation. Raises MalformedAnswer."""
    return str(number(source, row, "OrganizationId", "devices"))


def device(account: str, source: str, row: Row, asset: Row | None, now: datetime) -> Device:
    """A row of the devices (or of the assets) with what its agent reported, where it did. Raises MalformedAnswer."""
    identifier = name(source, row, "Identifier", "devices")
    reported = asset or {}
    seen = moment(reported.get("LastSeenOnline"))
    return Device(
        id=device_id(account, identifier),
        account=account,
        vendor_id=identifier,
        organisation=organisation(source, row),
        name=text(row.get("Name")) or f"device {identifier}",
        kind=kind(row, reported),
        os=operating_system(reported),
        online=online(row) if "IsOnline" in row else online_by_heartbeat(seen, now),
        last_seen=seen,
        tags=words(reported.get("Tags")),
        counts=patch_counts(reported.get("Updates")),
    )


def online(row: Row) -> Fact:
    """Whether a device is online; only a device read by itself tells."""
    return Fact.of(row.get("IsOnline"))


def booted_at(asset: Row) -> datetime | None:
    return moment(asset.get("LastReboot"))


def online_by_heartbeat(seen: datetime | None, now: datetime) -> Fact:
    """What the fleet's reading can tell: how often the time last seen is renewed is not documented."""
    if seen is None:
        return Fact.UNKNOWN
    if now - seen <= _LATELY:
        return Fact.YES
    return Fact.NO if now - seen > _LONG else Fact.UNKNOWN


def operating_system(asset: Row) -> str:
    """The system's name, which users find in `Description`; empty where that holds other words."""
    told = text(asset.get("Description"))
    return told if _WORKSTATION.search(told) or _SERVER.search(told) else ""


def kind(row: Row, asset: Row) -> DeviceKind:
    """No field says it: any word for a server counts, a workstation's system must be known."""
    named = (operating_system(asset), text(row.get("GroupName")), *words(asset.get("Tags")))
    if any(_SERVER.search(item) for item in named):
        return DeviceKind.SERVER
    known = _WORKSTATION.search(operating_system(asset))
    return DeviceKind.WORKSTATION if known else DeviceKind.UNKNOWN


def patch_counts(value: object) -> PatchCounts:
    """The counts of missing updates, by severity and as one sum. What is approved is not told.

    A severity nobody knows, or one that is no number, leaves the sum unknown.
    """
    if value is None:
        return PatchCounts(status=CountStatus.NO_DATA)
    told = value if isinstance(value, dict) else {}
    known = {severity: count(told.get(word)) for word, severity in SEVERITIES.items()}
    strange = any(told[word] != 0 for word in told.keys() - SEVERITIES.keys())
    by_severity = {severity: number for severity, number in known.items() if number}
    total = sum(by_severity.values())
    whole = None not in known.values() and not strange
    if total:
        missing = total if whole else None
        return PatchCounts(
            status=CountStatus.MISSING, missing=missing, by_severity=by_severity if whole else {}
        )
    if whole:
        return PatchCounts(status=CountStatus.FULLY_PATCHED, missing=0)
    return PatchCounts(status=CountStatus.UNKNOWN)
