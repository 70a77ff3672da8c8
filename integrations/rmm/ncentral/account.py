"""One account at N-central: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from core.domain.clients import Client, RmmBinding
from core.domain.patching import Capabilities, DeviceId, DevicePreview, RmmReading
from core.domain.remediation import JobKind
from core.ports import Listings
from integrations.http import in_background
from integrations.rmm.listings import Shelf
from integrations.rmm.ncentral.jobs import Jobs
from integrations.rmm.ncentral.proof import Prover
from integrations.rmm.ncentral.reading import FleetReader
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class NCentralAccount(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities
    trust_normal: bool

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound customers at once, by their number. Never raises: `coverage` says so."""
        now = self.clock.now()
        readings = self._reader().read(bindings)
        return {item: self.shelf.merged(reading, now) for item, reading in readings.items()}

    def keeping(self, listings: Listings) -> Self:
        """The same account, which keeps what its script lists there, and reads it."""
        return replace(self, shelf=Shelf(listings))

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        prover = Prover(reader=self._reader(), vendor_name=self.vendor_name, script=self.script)
        return prover.prove(bindings)

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.http.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action may take on each device; only a script's run tells that. Raises VendorError."""
        found, now = self.devices(client, devices), self.clock.now()
        return {device.id: self.shelf.preview(device, kind, now) for device in found.values()}

    def _reader(self) -> FleetReader:
        return FleetReader(
            api=self.api,
            account=self.account,
            now=self.clock.now(),
            trust_normal=self.trust_normal,
        )
