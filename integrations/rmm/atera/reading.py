"""Reading a fleet from Atera: all agents at once, and each Windows machine's updates by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.clients import RmmBinding
from core.domain.patching import Device, DeviceId, Patch, RmmReading
from core.errors import MalformedAnswer
from integrations.rmm.atera import mapping
from integrations.rmm.atera.api import AT_ONCE, AteraApi
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row, number, text


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound customers of one account."""

    api: AteraApi
    account: str
    now: datetime
    trust_last_seen: bool

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = self._feeds()
        listed = feeds.take("devices", lambda: (self.names(), self.api.agents()))
        if listed is None:
            return feeds.nothing_at_all(bindings)
        names, agents = listed
        return feeds.readings(
            bindings,
            names,
            lambda item, name: self._customer(item, name, agents),
            no_such="There is no customer {} that this API key may see.",
        )

    def names(self) -> dict[str, str]:
        """The customers the key may see, by number. Raises VendorError."""
        return {
            str(number(self.api.source, row, "CustomerID", "customers")): text(
                row.get("CustomerName")
            )
            for row in self.api.customers()
        }

    def devices(self, customer: str, listed: Sequence[Row]) -> list[tuple[Device, Row]]:
        """One customer's among all agents, each with its row. Raises MalformedAnswer."""
        ours = [row for row in listed if mapping.customer(self.api.source, row) == customer]
        return [(mapping.device(self.account, self.api.source, row), row) for row in ours]

    def patches(self, device: Device, row: Row) -> list[Patch]:
        """What one agent is missing; where nothing is, what it has installed. Raises VendorError."""
        guid = mapping.guid(row)
        if not guid:
            raise MalformedAnswer(self.api.source, f"Agent {device.vendor_id} has no DeviceGuid.")
        missing = mapping.available(self.account, device.vendor_id, self.api.available(guid))
        if missing:
            return missing
        return mapping.installed(self.account, device.vendor_id, self.api.installed(guid))

    def _customer(self, customer: str, name: str, listed: Sequence[Row]) -> RmmReading:
        feeds = self._feeds()
        pairs = feeds.take("devices", lambda: self.devices(customer, listed))
        if pairs is None:
            return feeds.nothing(customer, *feeds.unread)
        wanted = {device.id: (device, row) for device, row in pairs if mapping.is_patched(row)}
        asked = ask_each(wanted, lambda item: self.patches(*wanted[item]), at_once=AT_ONCE)
        # An agent that lists nothing at all, not even what is installed, never looked.
        known: dict[DeviceId, list[Patch]] = {i: some for i, some in asked.found.items() if some}
        return RmmReading(
            account=self.account,
            organisation=customer,
            organisation_name=name or f"customer {customer}",
            devices=tuple(self._with_scan(device, known=device.id in known) for device, _ in pairs),
            patches=tuple(patch for item in wanted for patch in known.get(item, ())),
            rows_known_for=frozenset(known),
            coverage=feeds.coverage(*feeds.lacking(list(asked.failed.values()), len(pairs))),
            observed_at=self.now,
        )

    def _with_scan(self, device: Device, *, known: bool) -> Device:
        """The last contact stands for the last scan where that is trusted, of a device whose lists are there."""
        return (
            replace(device, last_scan=device.last_seen)
            if self.trust_last_seen and known
            else device
        )

    def _feeds(self) -> Feeds:
        return Feeds(source=self.api.source, account=self.account, now=self.now)
