"""Action1's JSON as devices and missing updates; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from core.domain.facts import Fact
from core.domain.patching import (
    Device,
    DeviceId,
    DeviceKind,
    Patch,
    PatchState,
    Severity,
)
from integrations.rmm.rows import Row, count, dotted_domain, iso_moment, name, rows, text
from integrations.rmm.titles import class_of, kb_in

_ONLINE: Mapping[str, Fact] = {"connected": Fact.YES, "disconnected": Fact.NO}
_YES_NO: Mapping[str, Fact] = {"yes": Fact.YES, "no": Fact.NO}
_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "important": Severity.IMPORTANT,
    "moderate": Severity.MODERATE,
    "low": Severity.LOW,
}
#: What somebody decided about a version, for the whole organisation.
_APPROVALS: Mapping[str, PatchState] = {
    "new": PatchState.PENDING,
    "approved": PatchState.APPROVED,
    "declined": PatchState.REJECTED,
}
_COUNTS = ("missing_critical_updates", "missing_other_updates")

_STAMP = "%Y-%m-%d_%H-%M-%S"
_SERVER = re.compile(r"\bserver\b", re.IGNORECASE)
_WORKSTATION = re.compile(r"\b(windows|mac ?os)\b", re.IGNORECASE)
_DOMAIN_PART = re.compile(r"\bDC=([^,]+)", re.IGNORECASE)


def whole_number(value: object) -> int | None:
    """A count, which some answers spell as text; None for anything that is not one."""
    told = text(value)
    return int(told) if told.isdecimal() and told.isascii() else count(value)


def moment(value: object) -> datetime | None:
    """A time in UTC as Action1 spells it ("2026-10-08_07-15-00"), or in ISO 8601; None for anything else."""
    told = text(value)
    try:
        return datetime.strptime(told, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return iso_moment(told)


def device_id(account: str, endpoint: str) -> DeviceId:
    return DeviceId(f"{account}:{endpoint}")


def device(
    account: str, source: str, organisation: str, row: Row, *, trust_assessment: bool = False
) -> Device:
    """One row of an organisation's endpoints. Raises MalformedAnswer."""
    endpoint = name(source, row, "id", "endpoints")
    seen = moment(row.get("last_seen"))
    trusted = trust_assessment and online(row) is Fact.YES and missing(row) is not None
    return Device(
        id=device_id(account, endpoint),
        account=account,
        vendor_id=endpoint,
        organisation=organisation,
        name=text(row.get("name")) or text(row.get("device_name")) or f"endpoint {endpoint}",
        kind=_kind(text(row.get("OS"))),
        os=text(row.get("OS")),
        online=online(row),
        last_seen=seen,
        last_scan=seen if trusted else None,
        reboot_needed=reboot_needed(row),
        domain=_domain(row.get("AD_organization_unit")),
        serial=text(row.get("serial")) or None,
    )


def online(row: Row) -> Fact:
    return _ONLINE.get(text(row.get("status")).lower(), Fact.UNKNOWN)


def reboot_needed(row: Row) -> Fact:
    told = row.get("reboot_required")
    return Fact.of(told) if isinstance(told, bool) else _said(told)


def _said(word: object) -> Fact:
    return _YES_NO.get(text(word).lower(), Fact.UNKNOWN)


def missing(row: Row) -> int | None:
    """How many updates an endpoint misses by its own row; None where it was not assessed, or does not tell."""
    critical, other = (whole_number(row.get(field)) for field in _COUNTS)
    return None if critical is None or other is None else critical + other


def _kind(system: str) -> DeviceKind:
    """No field says it but the system's name."""
    if _SERVER.search(system):
        return DeviceKind.SERVER
    return DeviceKind.WORKSTATION if _WORKSTATION.search(system) else DeviceKind.UNKNOWN


def _domain(unit: object) -> str | None:
    """The DNS domain in a distinguished name ("OU=PCs,DC=example,DC=com"); None for any other form."""
    return dotted_domain(".".join(part.strip() for part in _DOMAIN_PART.findall(text(unit))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One version of a package that is missing somewhere: what one install is asked for."""

    package: str
    #: The version's id in addresses, and its name in orders.
    id: str
    name: str
    title: str
    row: Row
    package_row: Row

    @property
    def key(self) -> str:
        return f"{self.package} {self.name}"

    def patch(self, device: DeviceId) -> Patch:
        """The same, as missing on a device. Severity and approval are the version's, else its package's."""
        raw_severity, raw_state = self._told("security_severity"), self._told("approval_status")
        return Patch(
            key=self.key,
            device_id=device,
            title=self.title,
            kb=kb_in(text(self.package_row.get("kb_number"))) or kb_in(self.title),
            severity=_SEVERITIES.get(raw_severity.lower(), Severity.UNRANKED),
            raw_severity=raw_severity,
            patch_class=class_of(
                self.title, self._told("classification"), self._told("update_type")
            ),
            state=_APPROVALS.get(raw_state.lower(), PatchState.UNKNOWN),
            raw_state=raw_state,
            released=_day(self.row.get("release_date")),
        )

    def _told(self, field: str) -> str:
        return text(self.row.get(field)) or text(self.package_row.get(field))


def versions(source: str, packages: list[Row]) -> Iterator[Version]:
    """The missing versions of packages. One that names itself nowhere cannot be asked for, and is left out."""
    for package in packages:
        key = name(source, package, "id", "missing updates")
        for item in rows(source, package.get("versions") or [], "versions"):
            told = text(item.get("version"))
            if told:
                yield Version(
                    package=key,
                    id=text(item.get("id")) or told,
                    name=told,
                    title=_title(package, key, told),
                    row=item,
                    package_row=package,
                )


def _title(package: Row, key: str, version: str) -> str:
    """An update's name holds its article or its version; a product's needs the version beside it."""
    told = text(package.get("name")) or key
    whole = version in told or kb_in(told) is not None
    return told if whole else f"{told} {version}"


def _day(value: object) -> date | None:
    """The day of a date or a time; None for anything else."""
    at = moment(value)
    return None if at is None else at.date()
