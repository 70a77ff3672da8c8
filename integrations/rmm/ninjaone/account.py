"""One account at NinjaOne: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client, RmmBinding
from core.domain.facts import Fact
from core.domain.patching import (
    Capabilities,
    DeviceId,
    DevicePreview,
    Patch,
    PatchClass,
    RmmReading,
)
from core.domain.remediation import JobKind
from core.ports import Clock
from integrations.http import in_background
from integrations.rmm.ninjaone import mapping
from integrations.rmm.ninjaone.jobs import Jobs
from integrations.rmm.ninjaone.proof import Prover
from integrations.rmm.ninjaone.reading import FleetReader
from integrations.rmm.rows import Row
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class NinjaOneAccount(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities
    clock: Clock
    prover: Prover

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound organisations at once, by organisation id. Never raises: `coverage` says so."""
        reader = FleetReader(api=self.api, account=self.account, now=self.clock.now())
        return reader.read(bindings)

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        return self.prover.prove(bindings)

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.reading.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action would take on each device now; a device absent is gone. Raises VendorError."""
        if not devices:
            return {}
        rows = self.devices(client, devices)
        approved = self.approved(devices) if kind is JobKind.INSTALL else None
        owed = self.restarts_owed(rows) if kind is JobKind.RESTART else {}
        return {
            DeviceId(target): replace(
                self._preview(target, row, approved), reboot_needed=owed.get(target, Fact.UNKNOWN)
            )
            for target, row in rows.items()
        }

    def _preview(
        self, target: str, row: Row, approved: Mapping[DeviceId, Sequence[Patch]] | None
    ) -> DevicePreview:
        device = mapping.device(self.account, self.api.source, row, health=None, last_scan=None)
        patches = approved.get(device.id, ()) if approved is not None else ()
        # An offline device reports no rows: none listed does not mean none would be installed.
        known = approved is not None and (bool(patches) or device.online is Fact.YES)
        return DevicePreview(
            device_id=DeviceId(target),
            name=device.name,
            kind=device.kind,
            online=device.online,
            patch_keys=frozenset(patch.key for patch in patches) if known else None,
            weighty_keys=frozenset(
                patch.key
                for patch in patches
                if patch.patch_class in (PatchClass.DRIVER, PatchClass.FEATURE)
            ),
            count=len(patches) if known else None,
        )
