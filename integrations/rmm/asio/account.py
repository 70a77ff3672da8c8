"""One account at ConnectWise RMM: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import Client, RmmBinding
from core.domain.patching import (
    Capabilities,
    Device,
    DeviceId,
    DevicePreview,
    Patch,
    RmmReading,
)
from core.domain.remediation import JobKind
from integrations.http import in_background
from integrations.rmm.asio.api import AT_ONCE
from integrations.rmm.asio.jobs import Jobs
from integrations.rmm.asio.proof import Prover
from integrations.rmm.asio.reading import FleetReader
from integrations.rmm.per_device import ask_each
from integrations.rmm.previews import preview
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class AsioAccount(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound companies at once, by company id. Never raises: `coverage` says so."""
        return self._reader().read(bindings)

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        prover = Prover(reader=self._reader(), jobs=self, vendor_name=self.vendor_name)
        return prover.prove(bindings)

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.reading.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action would take on each device now; a device absent is gone. Raises VendorError."""
        if not devices:
            return {}
        found = self.fleet.devices(client, devices)
        if found:
            self.check_script()
        updates = self._taken(list(found)) if kind is JobKind.INSTALL else {}
        return {
            DeviceId(target): _preview(device, updates.get(target))
            for target, device in found.items()
        }

    def _taken(self, targets: Sequence[str]) -> Mapping[str, Sequence[Patch] | None]:
        asked = ask_each(targets, self.taken, at_once=AT_ONCE)
        for failure in asked.failed.values():
            raise failure
        return asked.found

    def _reader(self) -> FleetReader:
        return FleetReader(api=self.api, account=self.account, now=self.clock.now())


def _preview(device: Device, taken: Sequence[Patch] | None) -> DevicePreview:
    chosen = {patch.kb: patch.kb for patch in taken or () if patch.kb is not None}
    return preview(device, taken, chosen)
