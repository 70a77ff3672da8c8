"""One account at VSA 9: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from integrations.rmm.vendor import AccountProof
from integrations.rmm.vsa9 import mapping, runs
from integrations.rmm.vsa9.jobs import Jobs
from integrations.rmm.vsa9.proof import Prover


@dataclass(frozen=True, kw_only=True)
class Vsa9Account(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound organisations at once, by their ids. Never raises: `coverage` says so."""
        return self.reader().read(bindings)

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        return Prover(reader=self.reader(), vendor_name=self.vendor_name).prove(bindings)

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.reading.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """What the action would take on each device now; a device absent is gone. Raises VendorError."""
        if not devices:
            return {}
        rows = self.rows(client, devices)
        patched = [target for target, row in rows.items() if mapping.is_windows(row)]
        missing = self.listings(patched) if kind is JobKind.INSTALL else {}
        return {
            DeviceId(target): self._preview(DeviceId(target), row, missing.get(DeviceId(target)))
            for target, row in rows.items()
        }

    def _preview(
        self, target: DeviceId, row: Row, missing: Sequence[Patch] | None
    ) -> DevicePreview:
        device = mapping.device(
            self.account, self.api.source, row, organisation="", status=None, zone=self.zone
        )
        taken = self._taken(target, missing)
        return preview(device, taken, {item.key: item.name for item in taken or ()})

    def _taken(self, target: DeviceId, missing: Sequence[Patch] | None) -> list[Patch] | None:
        """What an install would take; None where that is not known."""
        if missing is None:
            return None
        # A device that was never scanned lists nothing either.
        if not missing and not self.was_scanned(target):
            return None
        return [item for item in missing if runs.is_taken(item)]
