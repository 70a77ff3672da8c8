"""Reading a fleet from Kaseya VSA X: the list of devices, and what their agents reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import RmmBinding
from core.domain.facts import Unread
from core.domain.patching import Device, RmmReading
from integrations.rmm.feeds import Feeds
from integrations.rmm.rows import name, text
from integrations.rmm.vsax import mapping
from integrations.rmm.vsax.api import VsaxApi


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound organisations of one account."""

    api: VsaxApi
    account: str
    now: datetime

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        bound = list(dict.fromkeys(binding.organisation for binding in bindings))
        feeds = Feeds(source=self.api.source, now=self.now)
        listed = feeds.take("devices", self.listed)
        if listed is None:
            return {item: self._unread(item, *feeds.unread) for item in bound}
        names, devices = listed
        return {
            item: self._reading(item, names[item], devices)
            if item in names
            else self._unread(item, _no_such(item, feeds))
            for item in bound
        }

    def listed(self) -> tuple[Mapping[str, str], list[Device]]:
        """The names of all organisations that have devices, and all devices with an agent. Raises VendorError."""
        source = self.api.source
        rows = self.api.devices()
        assets = {name(source, row, "Identifier", "assets"): row for row in self.api.assets()}
        names = {
            number: text(row.get("OrganizationName")) or f"organisation {number}"
            for row in rows
            for number in [mapping.organisation(source, row)]
        }
        devices = [
            mapping.device(self.account, source, row, assets.get(row["Identifier"]), self.now)
            for row in rows
            if mapping.has_agent(row)
        ]
        return names, devices

    def _reading(
        self, organisation: str, organisation_name: str, devices: Sequence[Device]
    ) -> RmmReading:
        return RmmReading(
            account=self.account,
            organisation=organisation,
            organisation_name=organisation_name,
            devices=tuple(device for device in devices if device.organisation == organisation),
            coverage=Feeds(source=self.api.source, now=self.now).coverage(),
            observed_at=self.now,
        )

    def _unread(self, organisation: str, *unread: Unread) -> RmmReading:
        feeds = Feeds(source=self.api.source, now=self.now)
        return RmmReading(
            account=self.account,
            organisation=organisation,
            coverage=feeds.coverage(*unread),
            observed_at=self.now,
        )


def _no_such(organisation: str, feeds: Feeds) -> Unread:
    return feeds.missing(
        "devices",
        f"There is no organisation {organisation} with devices that this token may see.",
        "Correct the client's rmm binding in the configuration, or widen the token's scope.",
    )
