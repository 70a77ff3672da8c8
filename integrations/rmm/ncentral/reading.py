"""Reading a fleet from N-central: all devices at once, then the services of one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import RmmBinding
from core.domain.patching import Device, RmmReading
from integrations.rmm.feeds import Feeds
from integrations.rmm.ncentral import mapping
from integrations.rmm.ncentral.api import NCentralApi
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row, number, text


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound customers of one account."""

    api: NCentralApi
    account: str
    now: datetime
    trust_normal: bool

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = self._feeds()
        found = feeds.take("devices", lambda: (self.names(), self.listed()))
        if found is None:
            return feeds.nothing_at_all(bindings)
        names, listed = found
        return feeds.readings(
            bindings,
            names,
            lambda item, name: self._customer(item, name, listed.get(item, [])),
            no_such="There is no customer {} that this user may see.",
            or_else="widen the user's access groups",
        )

    def names(self) -> dict[str, str]:
        """The customers the user may see, by number. Raises VendorError."""
        source = self.api.source
        return {
            str(number(source, row, "customerId", "customers")): text(row.get("customerName"))
            or f"customer {row['customerId']}"
            for row in self.api.customers()
        }

    def listed(self) -> dict[str, list[Row]]:
        """The rows of all computers, by customer. Raises VendorError."""
        found: dict[str, list[Row]] = {}
        for row in self.api.devices():
            if mapping.is_computer(row):
                found.setdefault(mapping.customer(self.api.source, row), []).append(row)
        return found

    def device(self, row: Row, services: Sequence[Row] | None) -> Device:
        return mapping.device(
            self.account,
            self.api.source,
            row,
            services,
            self.now,
            trust_normal=self.trust_normal,
        )

    def _customer(self, customer: str, name: str, listed: Sequence[Row]) -> RmmReading:
        feeds = self._feeds()
        services = self._services(listed, feeds)
        return RmmReading(
            account=self.account,
            organisation=customer,
            organisation_name=name,
            devices=tuple(self.device(row, services.get(row["deviceId"])) for row in listed),
            coverage=feeds.coverage(),
            observed_at=self.now,
        )

    def _services(self, listed: Sequence[Row], feeds: Feeds) -> Mapping[int, list[Row]]:
        """The services of each device; one that could not be read, or has gone since, is left out."""
        asked = ask_each(
            [row["deviceId"] for row in listed],
            lambda device: self.api.services(str(device)),
            at_once=self.api.lanes.width,
        )
        feeds.note_first("missing patches", asked.troubles)
        return asked.found

    def _feeds(self) -> Feeds:
        return Feeds(source=self.api.source, account=self.account, now=self.now)
