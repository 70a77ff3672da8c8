"""Reading a fleet from Tactical RMM: its clients' agents, then the updates of one device after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from core.domain.clients import RmmBinding
from core.domain.patching import Device, DeviceId, Patch, RmmReading
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row, number, text
from integrations.rmm.tactical import mapping
from integrations.rmm.tactical.api import TacticalApi
from integrations.rmm.tactical.mapping import Listing

#: Devices asked about side by side. The server has few workers, and technicians wait for them too.
_AT_ONCE = 2
#: Older installs tell nothing of what is missing now.
_INSTALLED_DAYS = timedelta(days=200)
_NO_SUCH = "There is no client {} that this API key may see."


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound clients of one account."""

    api: TacticalApi
    account: str
    now: datetime
    zone: tzinfo | None
    every_row: bool
    trust_scan_schedule: bool

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = self._feeds()
        names = feeds.take("devices", self.names)
        if names is None:
            return feeds.nothing_at_all(bindings)
        return feeds.readings(bindings, names, self._client, no_such=_NO_SUCH)

    def names(self) -> dict[str, str]:
        """The clients the key may see, by id. Raises VendorError."""
        source = self.api.source
        return {
            str(number(source, row, "id", "clients")): text(row.get("name"))
            or f"client {row['id']}"
            for row in self.api.clients()
        }

    def devices(self, client_id: str) -> list[tuple[Device, Row]]:
        """One client's devices, each with the row it was read from. Raises VendorError."""
        return [(self._device(client_id, row), row) for row in self.api.agents(client_id)]

    def _device(self, client_id: str, row: Row) -> Device:
        scanned = mapping.is_patched(row) and self.trust_scan_schedule
        return mapping.device(
            self.account,
            self.api.source,
            client_id,
            row,
            last_scan=mapping.scheduled_scan(row) if scanned else None,
        )

    def _client(self, client_id: str, client_name: str) -> RmmReading:
        feeds = self._feeds()
        listed = feeds.take("devices", lambda: self.devices(client_id))
        if listed is None:
            return feeds.nothing(client_id, *feeds.unread)
        patches = self._patches(listed, feeds)
        return RmmReading(
            account=self.account,
            organisation=client_id,
            organisation_name=client_name,
            devices=tuple(device for device, _ in listed),
            patches=tuple(patch for some in patches.values() for patch in some),
            # An agent that has never reported a scan has no rows, which does not make it clean.
            rows_known_for=frozenset(item for item, some in patches.items() if some),
            coverage=feeds.coverage(),
            observed_at=self.now,
        )

    def _patches(
        self, listed: Sequence[tuple[Device, Row]], feeds: Feeds
    ) -> dict[DeviceId, list[Patch]]:
        wanted = {device.id: device for device, row in listed if self._is_asked_about(row)}
        asked = ask_each(wanted, lambda item: self._rows(wanted[item]), at_once=_AT_ONCE)
        feeds.note_first("missing patches", asked.troubles)
        return {item: asked.found[item] for item in wanted if item in asked.found}

    def _is_asked_about(self, row: Row) -> bool:
        return mapping.is_patched(row) and (self.every_row or mapping.has_waiting(row))

    def _rows(self, device: Device) -> list[Patch]:
        listing = Listing(
            account=self.account,
            source=self.api.source,
            agent_id=device.vendor_id,
            zone=self.zone,
        )
        found = listing.patches(self.api.updates(device.vendor_id)).values()
        return [patch for patch in found if not self._is_history(patch)]

    def _is_history(self, patch: Patch) -> bool:
        return patch.installed_at is not None and self.now - patch.installed_at > _INSTALLED_DAYS

    def _feeds(self) -> Feeds:
        return Feeds(source=self.api.source, account=self.account, now=self.now)
