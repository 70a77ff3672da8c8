"""Reading a fleet from Datto RMM: the account's sites and devices, which carry their patch counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import RmmBinding
from core.domain.facts import Unread
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
        bound = list(dict.fromkeys(binding.organisation for binding in bindings))
        feeds = Feeds(source=self.api.source, now=self.now)
        listed = feeds.take("devices", self.listed)
        if listed is None:
            return {item: self._unread(item, *feeds.unread) for item in bound}
        sites, devices = listed
        return {
            item: self._reading(item, sites[item], devices)
            if item in sites
            else self._unread(item, _no_such(item, feeds))
            for item in bound
        }

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
            coverage=Feeds(source=self.api.source, now=self.now).coverage(),
            observed_at=self.now,
        )

    def _unread(self, site: str, *unread: Unread) -> RmmReading:
        feeds = Feeds(source=self.api.source, now=self.now)
        return RmmReading(
            account=self.account,
            organisation=site,
            coverage=feeds.coverage(*unread),
            observed_at=self.now,
        )


def _no_such(site: str, feeds: Feeds) -> Unread:
    return feeds.missing(
        "devices",
        f"There is no site {site} that this API key may see.",
        "Correct the client's rmm binding in the configuration.",
    )
