"""Reading a fleet from Atera: all agents at once, and each Windows machine's updates by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.clients import RmmBinding
from core.domain.facts import Coverage, Unread
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
        bound = list(dict.fromkeys(binding.organisation for binding in bindings))
        feeds = self._feeds()
        names = feeds.take("devices", self.names)
        listed = None if names is None else feeds.take("devices", self.api.agents)
        if names is None or listed is None:
            return {item: self._unread(item, *feeds.unread) for item in bound}
        return {
            item: self._customer(item, names[item], listed)
            if item in names
            else self._unread(item, _no_such(item, feeds))
            for item in bound
        }

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
            return self._unread(customer, *feeds.unread)
        wanted = {device.id: (device, row) for device, row in pairs if mapping.is_patched(row)}
        asked = ask_each(wanted, lambda item: self.patches(*wanted[item]), at_once=AT_ONCE)
        if asked.failed:
            first = next(iter(asked.failed.values()))
            words = f"Could not be read for {len(asked.failed)} of {len(pairs)} devices"
            feeds.note("missing patches", f"{words}: {first.reason}", first.remedy)
        # An agent that lists nothing at all, not even what is installed, never looked.
        known: dict[DeviceId, list[Patch]] = {i: some for i, some in asked.found.items() if some}
        return RmmReading(
            account=self.account,
            organisation=customer,
            organisation_name=name or f"customer {customer}",
            devices=tuple(self._with_scan(device, known=device.id in known) for device, _ in pairs),
            patches=tuple(patch for item in wanted for patch in known.get(item, ())),
            rows_known_for=frozenset(known),
            coverage=feeds.coverage(),
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
        return Feeds(source=self.api.source, now=self.now)

    def _unread(self, customer: str, *unread: Unread) -> RmmReading:
        return RmmReading(
            account=self.account,
            organisation=customer,
            coverage=Coverage(unread=unread),
            observed_at=self.now,
        )


def _no_such(customer: str, feeds: Feeds) -> Unread:
    return feeds.missing(
        "devices",
        f"There is no customer {customer} that this API key may see.",
        "Correct the client's rmm binding in the configuration.",
    )
