"""Reading a fleet from Datto RMM: the account's sites and devices, which carry their patch counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import RmmBinding
from core.domain.facts import Coverage
from core.domain.patching import Device, RmmReading
from integrations.rmm.datto import mapping
from integrations.rmm.datto.api import DattoApi
from integrations.rmm.feeds import Feeds
from integrations.rmm.rows import name, text


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound sites of one account."""

    api: DattoApi
    account: str
    now: datetime
    tags_udf: int | None

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = Feeds(source=self.api.source, account=self.account, now=self.now)
        listed = feeds.take("devices", self.listed)
        if listed is None:
            return feeds.nothing_at_all(bindings)
        sites, devices = listed
        return feeds.readings(
            bindings,
            sites,
            lambda item, name: self._reading(item, name, devices),
            no_such="There is no site {} that this API key may see.",
        )

    def listed(self) -> tuple[Mapping[str, str], list[Device]]:
        """The names of all sites by uid, and all devices with an agent. Raises VendorError."""
        source = self.api.source
        devices = [
            mapping.device(self.account, source, row, tags_udf=self.tags_udf)
            for row in self.api.devices()
            if mapping.is_patched(row)
        ]
        sites = {
            name(source, row, "uid", "sites"): text(row.get("name")) or f"site {row['uid']}"
            for row in self.api.sites()
        }
        return sites, devices

    def _reading(self, site: str, site_name: str, devices: Sequence[Device]) -> RmmReading:
        return RmmReading(
            account=self.account,
            organisation=site,
            organisation_name=site_name,
            devices=tuple(device for device in devices if device.organisation == site),
            coverage=Coverage(),
            observed_at=self.now,
        )
