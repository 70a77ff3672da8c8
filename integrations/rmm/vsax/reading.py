"""Reading a fleet from Kaseya VSA X: the list of devices, and what their agents reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import RmmBinding
from core.domain.facts import Coverage
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
        feeds = Feeds(source=self.api.source, account=self.account, now=self.now)
        listed = feeds.take("devices", self.listed)
        if listed is None:
            return feeds.nothing_at_all(bindings)
        names, devices = listed
        return feeds.readings(
            bindings,
            names,
            lambda item, name: self._reading(item, name, devices),
            no_such="There is no organisation {} with devices that this token may see.",
            or_else="widen the token's scope",
        )

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
            coverage=Coverage(),
            observed_at=self.now,
        )
