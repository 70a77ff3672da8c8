"""One account at Kaseya VSA X: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from core.domain.clients import Client, RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Capabilities, Device, DeviceId, DevicePreview, RmmReading
from core.domain.remediation import JobKind
from core.errors import VendorRefused
from core.ports import Clock, Listings
from integrations.http import in_background
from integrations.rmm.listings import Shelf
from integrations.rmm.vendor import AccountProof
from integrations.rmm.vsax.jobs import Jobs
from integrations.rmm.vsax.proof import Prover, find_workflow
from integrations.rmm.vsax.reading import FleetReader


@dataclass(frozen=True, kw_only=True)
class VsaxAccount(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities
    clock: Clock

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound organisations at once, by their number. Never raises: `coverage` says so."""
        now = self.clock.now()
        readings = self._reader().read(bindings)
        return {item: self.shelf.merged(reading, now) for item, reading in readings.items()}

    def keeping(self, listings: Listings) -> Self:
        """The same account, which keeps what its workflow lists there, and reads it."""
        return replace(self, shelf=Shelf(listings))

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        prover = Prover(
            api=self.api,
            account=self.account,
            vendor_name=self.vendor_name,
            runs=self.runs,
            reader=self._reader(),
        )
        return prover.prove(bindings)

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.http.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action may take on each device; a device absent is gone. Raises VendorError."""
        if not devices:
            return {}
        found = self.fleet.devices(client, devices).values()
        self._check_workflow()
        return {device.id: self._preview(device, kind) for device in found}

    def _preview(self, device: Device, kind: JobKind) -> DevicePreview:
        online = device.online
        if online is not Fact.YES:
            online = self.fleet.online(device.id) or Fact.UNKNOWN
        told = self.shelf.preview(device, kind, self.clock.now())
        return replace(told, online=online)

    def _check_workflow(self) -> None:
        """Raise VendorRefused where the configured workflow is not there."""
        workflow = self._configured().workflow
        if find_workflow(self.api.workflows(), workflow) is None:
            words = f"The server shows no workflow {workflow} (install_workflow_id)."
            raise VendorRefused(self.api.source, words)

    def _reader(self) -> FleetReader:
        return FleetReader(api=self.api, account=self.account, now=self.clock.now())
