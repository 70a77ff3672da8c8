"""One account at Datto RMM: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from core.domain.clients import Client, RmmBinding
from core.domain.patching import Capabilities, DeviceId, DevicePreview, RmmReading
from core.domain.remediation import JobKind
from core.ports import Listings
from integrations.http import in_background
from integrations.rmm.datto.jobs import Jobs
from integrations.rmm.datto.proof import Prover
from integrations.rmm.datto.reading import FleetReader
from integrations.rmm.listings import Shelf
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class DattoAccount(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities
    tags_udf: int | None = None

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound sites at once, by site uid. Never raises: `coverage` says so."""
        now = self.clock.now()
        readings = self._reader().read(bindings)
        return {item: self.shelf.merged(reading, now) for item, reading in readings.items()}

    def keeping(self, listings: Listings) -> Self:
        """The same account, which keeps what its component lists there, and reads it."""
        return replace(self, shelf=Shelf(listings))

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        return Prover(jobs=self, reader=self._reader(), vendor_name=self.vendor_name).prove(
            bindings
        )

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.http.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action would take on each device; a device absent is gone. Raises VendorError."""
        if not devices:
            return {}
        found = self.devices(client, devices).values()
        self.check_component()
        now = self.clock.now()
        return {device.id: self.shelf.preview(device, kind, now) for device in found}

    def _reader(self) -> FleetReader:
        return FleetReader(
            api=self.api, account=self.account, now=self.clock.now(), tags_udf=self.tags_udf
        )
