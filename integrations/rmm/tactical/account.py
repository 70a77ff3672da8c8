"""One account at Tactical RMM: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client, RmmBinding
from core.domain.patching import (
    Capabilities,
    DeviceId,
    DevicePreview,
    Patch,
    RmmReading,
)
from core.domain.remediation import JobKind
from integrations.http import in_background
from integrations.rmm.previews import preview
from integrations.rmm.rows import Row
from integrations.rmm.tactical import mapping
from integrations.rmm.tactical.jobs import Jobs
from integrations.rmm.tactical.proof import Prover
from integrations.rmm.tactical.reading import FleetReader
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class TacticalAccount(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities
    every_row: bool
    trust_scan_schedule: bool

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound clients at once, by client id. Never raises: `coverage` says so."""
        return self._reader().read(bindings)

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        prover = Prover(
            reader=self._reader(),
            vendor_name=self.vendor_name,
            may_act=self.may_act,
            may_restart=self.may_restart,
        )
        return prover.prove(bindings)

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.http.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action would take on each device now; a device absent is gone. Raises VendorError."""
        if not devices:
            return {}
        listed = self.rows(client, devices)
        return {
            target: self._preview(target, listed[target], kind)
            for target in devices
            if target in listed
        }

    def _preview(self, target: DeviceId, row: Row, kind: JobKind) -> DevicePreview:
        device = mapping.device(self.account, self.api.source, "", row, last_scan=None)
        patches = self._taken(target, row) if kind is JobKind.INSTALL else None
        return replace(preview(device, patches), reboot_needed=device.reboot_needed)

    def _taken(self, target: DeviceId, row: Row) -> list[Patch] | None:
        """Nothing on what Tactical does not patch; None where that is not known."""
        return self.taken(target) if mapping.is_patched(row) else []

    def _reader(self) -> FleetReader:
        return FleetReader(
            api=self.api,
            account=self.account,
            now=self.clock.now(),
            zone=self.zone,
            every_row=self.every_row,
            trust_scan_schedule=self.trust_scan_schedule,
        )
