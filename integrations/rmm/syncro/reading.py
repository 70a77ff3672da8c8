"""Reading a fleet from Syncro: customers, their assets, and each Windows machine's patches by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device, Patch, PatchState, RmmReading
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import Row, number, text
from integrations.rmm.syncro import mapping
from integrations.rmm.syncro.api import AT_ONCE, SyncroApi

#: Older installs tell nothing of what is missing now.
_INSTALLED_DAYS = timedelta(days=200)
_NO_SUCH = "There is no customer {} that this API token may see."


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound customers of one account."""

    api: SyncroApi
    account: str
    now: datetime
    online_for: timedelta
    trust_sync: bool

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = self._feeds()
        names = feeds.take("devices", self.names)
        if names is None:
            return feeds.nothing_at_all(bindings)
        return feeds.readings(bindings, names, self._customer, no_such=_NO_SUCH)

    def names(self) -> dict[str, str]:
        """The customers the token may see, by id. Raises VendorError."""
        source = self.api.source
        return {
            str(number(source, row, "id", "customers")): _name(row) or f"customer {row['id']}"
            for row in self.api.customers()
        }

    def devices(self, customer: str) -> list[tuple[Device, Row]]:
        """One customer's machines with an agent, each with the row it was read from. Raises VendorError."""
        listed = [row for row in self.api.assets(customer) if mapping.has_agent(row)]
        found = [(self.device(row), row) for row in listed]
        return [(device, row) for device, row in found if device.organisation == customer]

    def device(self, row: Row) -> Device:
        return mapping.device(
            self.account, self.api.source, row, now=self.now, online_for=self.online_for
        )

    def _customer(self, customer: str, customer_name: str) -> RmmReading:
        feeds = self._feeds()
        listed = feeds.take("devices", lambda: self.devices(customer))
        if listed is None:
            return feeds.nothing(customer, *feeds.unread)
        wanted = {device.id: device for device, row in listed if mapping.is_patched(row)}
        asked = ask_each(
            wanted, lambda item: self.api.patches(wanted[item].vendor_id), at_once=AT_ONCE
        )
        patches = {item: self._patches(wanted[item], rows) for item, rows in asked.found.items()}
        devices = [self._with_scan(device, asked.found.get(device.id, ())) for device, _ in listed]
        return RmmReading(
            account=self.account,
            organisation=customer,
            organisation_name=customer_name,
            devices=tuple(devices),
            patches=tuple(patch for item in wanted for patch in patches.get(item, ())),
            rows_known_for=frozenset(
                item for item, found in patches.items() if _is_known(wanted[item], found)
            ),
            coverage=feeds.coverage(*feeds.lacking(asked.troubles, len(listed))),
            observed_at=self.now,
        )

    def _patches(self, device: Device, rows: Sequence[Row]) -> list[Patch]:
        found = mapping.patches(self.account, device.vendor_id, rows)
        return [patch for patch in found if not self._is_history(patch)]

    def _with_scan(self, device: Device, rows: Sequence[Row]) -> Device:
        """The last scan: when what is missing was evaluated, or the last sync where that is trusted."""
        trusted = device.last_seen if self.trust_sync and rows else None
        return replace(device, last_scan=mapping.last_evaluation(rows) or trusted)

    def _is_history(self, patch: Patch) -> bool:
        return patch.installed_at is not None and self.now - patch.installed_at > _INSTALLED_DAYS

    def _feeds(self) -> Feeds:
        return Feeds(source=self.api.source, account=self.account, now=self.now)


def _name(row: Row) -> str:
    words = (row.get("business_name"), row.get("business_then_name"), row.get("fullname"))
    return next(filter(None, map(text, words)), "")


def _is_known(device: Device, found: Sequence[Patch]) -> bool:
    """A device that lists nothing at all was never looked at; one that is silent may miss what it does not list."""
    lists = any(patch.state is not PatchState.INSTALLED for patch in found)
    return lists or (bool(found) and device.online is Fact.YES)
