"""Reading a fleet from Action1: organisation by organisation, each list once, and then whichever way is shorter.

Who misses what is told version by version (who misses this one?) and device by device (what does this one
miss?). Small organisations have fewer devices than missing versions, large ones more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device, DeviceId, Patch, RmmReading
from integrations.rmm.action1 import mapping
from integrations.rmm.action1.api import Action1Api
from integrations.rmm.action1.mapping import Version
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row, name, text

#: Calls side by side. The pace is what limits, not the lanes.
_AT_ONCE = 4
_NO_SUCH = "There is no organisation {} that these credentials may see."
_OR_ELSE = "widen the credentials' role"

K = TypeVar("K")
V = TypeVar("V")
_Patches = dict[DeviceId, list[Patch]]


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound organisations of one account."""

    api: Action1Api
    account: str
    now: datetime
    trust_assessment: bool

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = self._feeds()
        names = feeds.take("devices", self.names)
        if names is None:
            return feeds.nothing_at_all(bindings)
        return feeds.readings(
            bindings, names, self._organisation, no_such=_NO_SUCH, or_else=_OR_ELSE
        )

    def names(self) -> dict[str, str]:
        """The organisations our credentials may see, by id. Raises VendorError."""
        source = self.api.source
        return {
            key: text(row.get("name")) or f"organisation {key}"
            for row in self.api.organizations()
            for key in [name(source, row, "id", "organizations")]
        }

    def devices(self, organisation: str) -> list[tuple[Device, Row]]:
        """One organisation's devices, each with the row it was read from. Raises VendorError."""
        return [(self._device(organisation, row), row) for row in self.api.endpoints(organisation)]

    def _device(self, organisation: str, row: Row) -> Device:
        return mapping.device(
            self.account,
            self.api.source,
            organisation,
            row,
            trust_assessment=self.trust_assessment,
        )

    def _organisation(self, organisation: str, organisation_name: str) -> RmmReading:
        feeds = self._feeds()
        listed = feeds.take("devices", lambda: self.devices(organisation))
        if listed is None:
            return feeds.nothing(organisation, *feeds.unread)
        patches = self._patches(organisation, listed, feeds)
        return RmmReading(
            account=self.account,
            organisation=organisation,
            organisation_name=organisation_name,
            devices=tuple(device for device, _ in listed),
            patches=tuple(patch for some in (patches or {}).values() for patch in some),
            rows_known_for=_known(listed, patches),
            coverage=feeds.coverage(),
            observed_at=self.now,
        )

    # Who misses what.

    def _patches(
        self, organisation: str, listed: Sequence[tuple[Device, Row]], feeds: Feeds
    ) -> _Patches | None:
        """What each device misses; a device that could not be read is left out. None: nothing could be."""
        wanted = [device for device, row in listed if mapping.missing(row) != 0]
        if not wanted:
            return {device.id: [] for device, _ in listed}
        found = feeds.take("missing patches", lambda: self._versions(organisation))
        if found is None:
            return None
        clean: _Patches = {device.id: [] for device, row in listed if mapping.missing(row) == 0}
        if len(wanted) <= len(found):
            return clean | self._by_device(organisation, wanted, feeds)
        missed = self._by_version(organisation, found, feeds)
        return None if missed is None else {d.id: missed.get(d.id, []) for d, _ in listed}

    def _versions(self, organisation: str) -> list[Version]:
        return list(mapping.versions(self.api.source, self.api.updates(organisation)))

    def _by_device(self, organisation: str, wanted: Sequence[Device], feeds: Feeds) -> _Patches:
        by_id = {device.id: device for device in wanted}
        asked = ask_each(
            by_id, lambda item: self._missing(organisation, by_id[item]), at_once=_AT_ONCE
        )
        feeds.note_first("missing patches", asked.troubles)
        return {item: asked.found[item] for item in by_id if item in asked.found}

    def _missing(self, organisation: str, device: Device) -> list[Patch]:
        packages = self.api.missing_updates(organisation, device.vendor_id)
        return [version.patch(device.id) for version in mapping.versions(self.api.source, packages)]

    def _by_version(
        self, organisation: str, found: Sequence[Version], feeds: Feeds
    ) -> _Patches | None:
        """None where one version could not be read: any device may miss it."""
        by_key = {version.key: version for version in found}
        asked = ask_each(
            by_key, lambda key: self._endpoints(organisation, by_key[key]), at_once=_AT_ONCE
        )
        feeds.note_first("missing patches", asked.troubles)
        if asked.troubles:
            return None
        missed: _Patches = {}
        for key, endpoints in asked.found.items():
            for endpoint in endpoints:
                device = mapping.device_id(self.account, endpoint)
                missed.setdefault(device, []).append(by_key[key].patch(device))
        return missed

    def _endpoints(self, organisation: str, version: Version) -> list[str]:
        return self.api.endpoints_missing(organisation, version.package, version.id)

    # Saying what could not be read.

    def _feeds(self) -> Feeds:
        return Feeds(source=self.api.source, account=self.account, now=self.now)


def _known(
    listed: Sequence[tuple[Device, Row]], patches: Mapping[DeviceId, Sequence[Patch]] | None
) -> frozenset[DeviceId]:
    """Devices whose rows are all there.

    One that lists nothing is clean only where it is connected, was assessed, and counts nothing itself.
    """
    found = patches or {}
    return frozenset(
        device.id
        for device, row in listed
        if found.get(device.id)
        or (device.id in found and device.online is Fact.YES and mapping.missing(row) == 0)
    )
