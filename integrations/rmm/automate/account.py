"""One account at Automate: reading its fleet, previewing, proving, and (from Jobs) acting."""

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
from core.errors import VendorNotFound
from integrations.http import in_background
from integrations.rmm import read_back
from integrations.rmm.automate import mapping
from integrations.rmm.automate.api import AT_ONCE
from integrations.rmm.automate.jobs import Jobs
from integrations.rmm.automate.proof import Prover
from integrations.rmm.automate.reading import FleetReader
from integrations.rmm.per_device import ask_each
from integrations.rmm.previews import preview
from integrations.rmm.rows import Row
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class AutomateAccount(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound clients at once, by their ids. Never raises: `coverage` says so."""
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
        rows = self.computers(client, devices)
        updates = self._updates(rows) if kind is JobKind.INSTALL else {}
        return {
            DeviceId(target): self._preview(row, updates.get(target))
            for target, row in rows.items()
        }

    def _updates(self, targets: Mapping[str, Row]) -> Mapping[str, Sequence[Patch]]:
        asked = ask_each(targets, self.updates, at_once=AT_ONCE)
        for failure in asked.failed.values():
            if not isinstance(failure, VendorNotFound):
                raise failure
        return asked.found

    def _preview(self, row: Row, updates: Sequence[Patch] | None) -> DevicePreview:
        device = mapping.device(self.account, self.api.source, row, stats=None)
        approved = [item for item in updates or () if read_back.is_approved(item)]
        # A computer that was never inventoried lists nothing at all, not even what it has installed.
        told = preview(device, approved if updates else None)
        return replace(told, reboot_needed=device.reboot_needed)

    def _reader(self) -> FleetReader:
        return FleetReader(api=self.api, account=self.account, now=self.clock.now())
