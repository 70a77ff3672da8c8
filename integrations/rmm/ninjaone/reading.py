"""Reading a fleet from NinjaOne: one pass over the fleet's lists and reports, no call per device."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device, DeviceId, Patch, RmmReading
from integrations.rmm.feeds import Feeds
from integrations.rmm.ninjaone import history, mapping
from integrations.rmm.ninjaone.api import NinjaOneApi, id_filter, org_filter
from integrations.rmm.ninjaone.mapping import Place
from integrations.rmm.rows import Row, number, text
from integrations.rmm.vendor import bound_organisations

#: More than the longest time between two monthly updates, and between an update and its install.
INSTALLED_DAYS = timedelta(days=60)
#: A device lists only the newest of its cumulative updates; how many it missed shows from its last install.
BEHIND_DAYS = timedelta(days=200)
#: Failures are few, and one that nobody tries again must not drop out of sight.
FAILED_DAYS = timedelta(days=90)
#: Longer than a scan counts as recent.
SCAN_DAYS = timedelta(days=4)
#: Devices asked about at once by their ids; keeps the address below 6,000 characters.
_DEVICES_AT_ONCE = 400


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """All organisations' names, and the rows of the bound ones' devices that NinjaOne patches."""

    names: Mapping[str, str]
    devices: Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class _Reports:
    """What the reports brought. None: could not be read whole."""

    missing: Mapping[Place, Patch] | None
    attempts: Mapping[Place, Patch] | None
    health: Mapping[int, Row]
    last_scans: Mapping[int, datetime]
    #: Updates of other makers' software.
    software: Sequence[Patch] | None = None

    def by_device(self) -> dict[DeviceId, list[Patch]]:
        return _by_device(mapping.merged(self.missing or {}, self.attempts or {}))


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound organisations of one account."""

    api: NinjaOneApi
    account: str
    now: datetime

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        bound = bound_organisations(bindings)
        feeds = Feeds(source=self.api.source, account=self.account, now=self.now)
        listed = feeds.take("devices", lambda: self._listed(bound))
        if listed is None:
            return feeds.nothing_at_all(bindings)
        df = org_filter(item for item in bound if item in listed.names)
        reports = self._reports(df, listed.devices, feeds)
        patches = reports.by_device()
        return feeds.readings(
            bindings,
            listed.names,
            lambda item, _: self._reading(item, listed, reports, patches, feeds),
            no_such="There is no organisation {} that this client app may see.",
        )

    # Reading.

    def _listed(self, bound: Sequence[str]) -> _Listed:
        names = {
            str(item["id"]): text(item.get("name")) or f"organisation {item['id']}"
            for item in self.api.organizations()
        }
        known = [item for item in bound if item in names]
        devices = self.api.devices(org_filter(known)) if known else []
        for row in devices:
            number(self.api.source, row, "organizationId", "devices")
        return _Listed(names=names, devices=[row for row in devices if mapping.is_patched(row)])

    def _reports(self, df: str, devices: Sequence[Row], feeds: Feeds) -> _Reports:
        if not devices:
            return _Reports(missing={}, attempts={}, health={}, last_scans={})
        health = feeds.take("device health", lambda: self._health(df)) or {}
        rows = feeds.take("missing patches", lambda: self._missing(df))
        return _Reports(
            missing=None if rows is None else rows[0],
            attempts=feeds.take(
                "installs", lambda: self._attempts(df, health, {} if rows is None else rows[0])
            ),
            health=health,
            last_scans=self._last_scans(devices, {} if rows is None else rows[1], feeds),
            software=feeds.take("third-party updates", lambda: self._software(df)),
        )

    def _software(self, df: str) -> list[Patch]:
        """Missing ones, and the attempts at others: an account that does not patch them has no rows."""
        read, account, source = mapping.software_patch, self.account, self.api.source
        listed = self.api.software_patches(df)
        tried = self.api.software_patch_installs(df, self.now - INSTALLED_DAYS)
        return mapping.merged(
            mapping.patches(account, source, listed, read),
            mapping.patches(account, source, tried, read),
        )

    def _health(self, df: str) -> dict[int, Row]:
        return mapping.by_device(self.api.source, self.api.device_health(df), "device health")

    def _missing(self, df: str) -> tuple[dict[Place, Patch], dict[int, datetime]]:
        """The missing updates, and when each device's rows were collected last."""
        rows = self.api.os_patches(df)
        collected = mapping.newest_rows(self.api.source, rows)
        return mapping.patches(self.account, self.api.source, rows), collected

    def _attempts(
        self, df: str, health: Mapping[int, Row], missing: Mapping[Place, Patch]
    ) -> dict[Place, Patch]:
        """Failures and installs; of devices that fell behind, installs of a longer time."""
        since = self.now - INSTALLED_DAYS
        failed = self.api.os_patch_installs(df, self.now - FAILED_DAYS, status="FAILED")
        rows = history.still_failed(failed, health, since) + self._installs(df, since)
        recent = mapping.patches(self.account, self.api.source, rows)
        behind = history.behind(missing.values(), recent.values())
        for some in _batches(sorted(int(item.rpartition(":")[2]) for item in behind)):
            rows += self._installs(id_filter(some), self.now - BEHIND_DAYS)
        return mapping.patches(self.account, self.api.source, rows)

    def _installs(self, df: str, since: datetime) -> list[Row]:
        return self.api.os_patch_installs(df, since, status="INSTALLED", keep=history.is_lasting)

    def _last_scans(
        self, devices: Sequence[Row], collected: Mapping[int, datetime], feeds: Feeds
    ) -> Mapping[int, datetime]:
        """When each device was last scanned: its rows tell, and the log of activities for those without."""
        rowless = sorted({row["id"] for row in devices} - collected.keys())
        return {**(feeds.take("scans", lambda: self._logged_scans(rowless)) or {}), **collected}

    def _logged_scans(self, wanted: Sequence[int]) -> dict[int, datetime]:
        found: dict[int, datetime] = {}
        for some in _batches(wanted):
            found |= self._logged_scans_of(set(some))
        return found

    def _logged_scans_of(self, wanted: set[int]) -> dict[int, datetime]:
        found: dict[int, datetime] = {}
        since = self.now - SCAN_DAYS
        for activity in self.api.scans(id_filter(wanted), since):
            vendor_id, at = activity.get("deviceId"), mapping.moment(activity.get("activityTime"))
            if vendor_id in wanted and at is not None:
                found.setdefault(vendor_id, at)
            if found.keys() == wanted or (at is not None and at < since):
                break
        return found

    # Putting together.

    def _reading(
        self,
        organisation: str,
        listed: _Listed,
        reports: _Reports,
        patches: Mapping[DeviceId, list[Patch]],
        feeds: Feeds,
    ) -> RmmReading:
        software = _by_device(reports.software or ())
        devices = [
            self._device(row, reports)
            for row in listed.devices
            if str(row["organizationId"]) == organisation
        ]
        return RmmReading(
            account=self.account,
            organisation=organisation,
            organisation_name=listed.names[organisation],
            devices=tuple(devices),
            patches=tuple(
                patch
                for device in devices
                for patch in (*patches.get(device.id, ()), *software.get(device.id, ()))
            ),
            rows_known_for=self._known(devices, reports, patches),
            software_unread=frozenset(d.id for d in devices if reports.software is None),
            coverage=feeds.coverage(),
            observed_at=self.now,
        )

    def _device(self, row: Row, reports: _Reports) -> Device:
        return mapping.device(
            self.account,
            self.api.source,
            row,
            health=reports.health.get(row["id"]),
            last_scan=reports.last_scans.get(row["id"]),
        )

    def _known(
        self,
        devices: Sequence[Device],
        reports: _Reports,
        patches: Mapping[DeviceId, list[Patch]],
    ) -> frozenset[DeviceId]:
        """Devices whose rows are all there.

        One that is offline, or was never seen to scan, reports no rows: that does not make it clean.
        """
        if reports.missing is None or reports.attempts is None:
            return frozenset()
        listed = {device_id for device_id, _ in reports.missing}
        return frozenset(
            device.id
            for device in devices
            if (device.id in listed or (device.online is Fact.YES and device.last_scan is not None))
            and not mapping.more_than_listed(
                reports.health.get(int(device.vendor_id)), patches.get(device.id, [])
            )
        )


def _by_device(patches: Iterable[Patch]) -> dict[DeviceId, list[Patch]]:
    found: dict[DeviceId, list[Patch]] = {}
    for patch in patches:
        found.setdefault(patch.device_id, []).append(patch)
    return found


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _DEVICES_AT_ONCE):
        yield numbers[start : start + _DEVICES_AT_ONCE]
