"""NinjaOne's JSON as devices and patches; pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from core.domain.facts import Fact
from core.domain.patching import (
    SOFTWARE_KEY,
    Device,
    DeviceId,
    DeviceKind,
    Patch,
    PatchClass,
    PatchState,
    Severity,
)
from integrations.rmm.rows import Row, count, dotted_domain, name, number, text, words
from integrations.rmm.titles import class_in, kb_in

_KINDS: Mapping[str, DeviceKind] = {
    "WINDOWS_SERVER": DeviceKind.SERVER,
    "LINUX_SERVER": DeviceKind.SERVER,
    "MAC_SERVER": DeviceKind.SERVER,
    "WINDOWS_WORKSTATION": DeviceKind.WORKSTATION,
    "LINUX_WORKSTATION": DeviceKind.WORKSTATION,
    "MAC": DeviceKind.WORKSTATION,
}
#: Classes NinjaOne watches without an agent of its own; it does not patch them.
_NOT_PATCHED = ("NMS_", "VMWARE_", "HYPERV_", "CLOUD_", "ANDROID", "APPLE_", "UNMANAGED_")

#: Anything else ("optional", "recommended", "security", "none", "unknown") ranks nothing.
_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "important": Severity.IMPORTANT,
    "moderate": Severity.MODERATE,
    "low": Severity.LOW,
}
_STATES: Mapping[str, PatchState] = {
    "manual": PatchState.PENDING,
    "pending": PatchState.PENDING,
    "approved": PatchState.APPROVED,
    "rejected": PatchState.REJECTED,
    "failed": PatchState.FAILED,
    "installed": PatchState.INSTALLED,
}
_CLASSES: Mapping[str, PatchClass] = {
    "DEFINITION_UPDATES": PatchClass.DEFINITION,
    "DRIVER_UPDATES": PatchClass.DRIVER,
    "FEATURE_PACKS": PatchClass.FEATURE,
    "SECURITY_UPDATES": PatchClass.SECURITY,
    "CRITICAL_UPDATES": PatchClass.UPDATE,
    "UPDATE_ROLLUPS": PatchClass.UPDATE,
    "REGULAR_UPDATES": PatchClass.UPDATE,
}


def moment(value: object) -> datetime | None:
    """Unix seconds as NinjaOne sends them (whole or not) in aware UTC; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def is_patched(row: Row) -> bool:
    """Whether NinjaOne patches devices of this class at all; a class we do not know counts."""
    return not text(row.get("nodeClass")).upper().startswith(_NOT_PATCHED)


def device_id(account: str, vendor_id: object) -> DeviceId:
    return DeviceId(f"{account}:{vendor_id}")


def device(
    account: str, source: str, row: Row, *, health: Row | None, last_scan: datetime | None
) -> Device:
    """One row of devices-detailed, with its row of device-health. Raises MalformedAnswer."""
    vendor_id = number(source, row, "id", "devices")
    return Device(
        id=device_id(account, vendor_id),
        account=account,
        vendor_id=str(vendor_id),
        organisation=str(number(source, row, "organizationId", "devices")),
        name=_device_name(row, vendor_id),
        kind=_KINDS.get(text(row.get("nodeClass")).upper(), DeviceKind.UNKNOWN),
        os=_os(_part(row, "os")),
        online=online(row),
        last_seen=moment(row.get("lastContact")),
        last_scan=last_scan,
        reboot_needed=reboot_needed(row, health),
        has_policy=_has_policy(row),
        domain=_domain(row) or dotted_domain(_part(row, "system").get("domain")),
        serial=_serial(_part(row, "system")),
        tags=words(row.get("tags")),
    )


def _has_policy(row: Row) -> Fact:
    """NO where it is told to have neither a policy of its own nor one by its role. Whether a policy patches is not told."""
    told = [row[field] for field in ("policyId", "rolePolicyId") if field in row]
    none_at_all = told == [None, None]
    return Fact.NO if none_at_all else Fact.UNKNOWN


def online(row: Row) -> Fact:
    """What the `offline` of a device or health row says, turned round."""
    offline = Fact.of(row.get("offline"))
    return {Fact.YES: Fact.NO, Fact.NO: Fact.YES}.get(offline, Fact.UNKNOWN)


def booted_at(row: Row) -> datetime | None:
    """When a device last started, by its row."""
    return moment(_part(row, "os").get("lastBootTime"))


def reboot_needed(row: Row, health: Row | None) -> Fact:
    """From a device's row and its row of device-health: NO takes both of them."""
    os = _part(row, "os")
    told = Fact.of(os.get("needsReboot"))
    if told is Fact.YES or (health is not None and text(health.get("pendingRebootReason"))):
        return Fact.YES
    return told if health is not None else Fact.UNKNOWN


def patch(account: str, source: str, row: Row) -> Patch:
    """One row of os-patches or os-patch-installs. Raises MalformedAnswer without a device or a name."""
    title = name(source, row, "name", "patches")
    raw_severity, raw_state = text(row.get("severity")), text(row.get("status"))
    kb = kb_in(text(row.get("kbNumber"))) or kb_in(title)
    state = _STATES.get(raw_state.lower(), PatchState.UNKNOWN)
    return Patch(
        # The vendor's own id is not promised to be the same in both reports; these words are.
        key=f"{kb or '-'} {title.casefold()}",
        device_id=device_id(account, number(source, row, "deviceId", "patches")),
        title=title,
        kb=kb,
        severity=_SEVERITIES.get(raw_severity.lower(), Severity.UNRANKED),
        raw_severity=raw_severity,
        patch_class=patch_class(text(row.get("type")), title),
        state=state,
        raw_state=raw_state,
        installed_at=moment(row.get("installedAt")) if state is PatchState.INSTALLED else None,
    )


def software_patch(account: str, source: str, row: Row) -> Patch:
    """One row of software-patches or software-patch-installs: another maker's update, told by its title.

    Raises MalformedAnswer without a device or a title. Only the impact "critical" is a grade; "security" says
    what sort of update it is.
    """
    title = name(source, row, "title", "software patches")
    impact, raw_state = text(row.get("impact")), text(row.get("status"))
    state = _STATES.get(raw_state.lower(), PatchState.UNKNOWN)
    return Patch(
        key=f"{SOFTWARE_KEY}{title.casefold()}",
        device_id=device_id(account, number(source, row, "deviceId", "software patches")),
        title=title,
        kb=None,
        severity=_SEVERITIES.get(impact.lower(), Severity.UNRANKED),
        raw_severity=impact,
        patch_class=PatchClass.SECURITY if impact.lower() == "security" else PatchClass.UPDATE,
        state=state,
        raw_state=raw_state,
        installed_at=moment(row.get("installedAt")) if state is PatchState.INSTALLED else None,
    )


def patch_class(kind: str, title: str) -> PatchClass:
    """From NinjaOne's type and, where the type is too coarse, the maker's title."""
    known = _CLASSES.get(kind.upper(), PatchClass.UNKNOWN)
    if known in (PatchClass.DEFINITION, PatchClass.DRIVER):
        return known
    return class_in(title) or known


#: Reads one row, for an account and a source.
Read = Callable[[str, str, Row], Patch]
#: Where an update stands in the reports: its device and its key.
Place = tuple[DeviceId, str]


def patches(
    account: str,
    source: str,
    rows: Iterable[Row],
    read: Read = patch,
) -> dict[Place, Patch]:
    """The updates of a report; of several attempts at the same one, the newest."""
    oldest_first = sorted(rows, key=lambda row: _seconds(row.get("installedAt")))
    found = (read(account, source, row) for row in oldest_first)
    return {(item.device_id, item.key): item for item in found}


def merged(missing: Mapping[Place, Patch], attempts: Mapping[Place, Patch]) -> list[Patch]:
    """What is missing now, and the last attempt at everything else.

    An update that failed and is listed again is a failed one, unless somebody rejected it since.
    """
    all_of_them = {**attempts, **missing}
    for place in attempts.keys() & missing.keys():
        attempt, listed = attempts[place], missing[place]
        if attempt.state is PatchState.FAILED and listed.state is not PatchState.REJECTED:
            all_of_them[place] = replace(listed, state=attempt.state, raw_state=attempt.raw_state)
    return list(all_of_them.values())


def newest_rows(source: str, missing: Iterable[Row]) -> dict[int, datetime]:
    """By device number, when its newest row was collected: it was scanned then, or later."""
    newest: dict[int, datetime] = {}
    for row in missing:
        at, vendor_id = moment(row.get("timestamp")), number(source, row, "deviceId", "patches")
        if at is not None:
            newest[vendor_id] = max(at, newest.get(vendor_id, at))
    return newest


def by_device(source: str, rows: Iterable[Row], what: str) -> dict[int, Row]:
    return {number(source, row, "deviceId", what): row for row in rows}


def more_than_listed(health: Row | None, patches: Iterable[Patch]) -> bool:
    """Whether NinjaOne counts pending or failed updates of a device and lists none of that sort."""
    if health is None:
        return False
    states = {item.state for item in patches}
    pending, failed = (
        count(health.get("pendingOSPatchesCount")),
        count(health.get("failedOSPatchesCount")),
    )
    unlisted_pending = bool(pending) and not states - {PatchState.INSTALLED}
    return unlisted_pending or (bool(failed) and PatchState.FAILED not in states)


def _seconds(value: object) -> float:
    at = moment(value)
    return at.timestamp() if at is not None else 0.0


def _part(row: Row, field: str) -> Row:
    value = row.get(field)
    return value if isinstance(value, dict) else {}


def _device_name(row: Row, vendor_id: int) -> str:
    names = (text(row.get(field)) for field in ("displayName", "systemName", "dnsName"))
    return next((given for given in names if given), f"device {vendor_id}")


def _os(os: Row) -> str:
    """Name and release, such as "Windows 11 Enterprise 24H2"."""
    system, release = text(os.get("name")), text(os.get("releaseId"))
    return system if not release or release in system else f"{system} {release}".strip()


def _serial(system: Row) -> str | None:
    numbers = (text(system.get(field)) for field in ("biosSerialNumber", "serialNumber"))
    return next((given for given in numbers if given), None)


def _domain(row: Row) -> str | None:
    return dotted_domain(text(row.get("dnsName")).partition(".")[2])
