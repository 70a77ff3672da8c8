"""One account at NinjaOne: reading its fleet, previewing, proving, and (from Jobs) acting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client, RmmBinding
from core.domain.facts import Fact
from core.domain.patching import (
    SYSTEM_ALONE,
    Capabilities,
    DeviceId,
    DevicePreview,
    Family,
    Patch,
    RmmReading,
    family_of,
)
from core.domain.remediation import JobKind
from core.errors import VendorForbidden, VendorNotFound, VendorRefused
from core.ports import Clock
from integrations.http import in_background
from integrations.rmm.ninjaone import mapping
from integrations.rmm.ninjaone.jobs import Jobs
from integrations.rmm.ninjaone.proof import Prover
from integrations.rmm.ninjaone.reading import FleetReader
from integrations.rmm.previews import preview
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
        approved = self._taken(devices) if kind is JobKind.INSTALL else None
        owed = self.restarts_owed(rows) if kind is JobKind.RESTART else {}
        return {
            DeviceId(target): replace(
                self._preview(target, row, approved), reboot_needed=owed.get(target, Fact.UNKNOWN)
            )
            for target, row in rows.items()
        }

    def _taken(self, devices: Sequence[DeviceId]) -> dict[DeviceId, list[Patch]]:
        """What is approved of both, the system's first."""
        self._check_script()
        found = self.approved(devices)
        for device, patches in self._approved_software(devices).items():
            found.setdefault(device, []).extend(patches)
        return found

    def _approved_software(self, devices: Sequence[DeviceId]) -> dict[DeviceId, list[Patch]]:
        """None where the account has no part in it: the system's updates go without them then."""
        try:
            return self.approved(devices, software=True)
        except (VendorForbidden, VendorRefused):
            return {}

    def _check_script(self) -> None:
        """Raise VendorNotFound where the library can be read and has no such script."""
        if self.script is None:
            return
        try:
            listed = self.api.scripts()
        except (VendorForbidden, VendorRefused):
            return
        if all(row.get("id") != self.script for row in listed):
            words = f"The script library has no script {self.script} (script_id)."
            raise VendorNotFound(self.api.source, words)

    def _preview(
        self, target: str, row: Row, approved: Mapping[DeviceId, Sequence[Patch]] | None
    ) -> DevicePreview:
        device = mapping.device(self.account, self.api.source, row, health=None, last_scan=None)
        patches = approved.get(device.id, ()) if approved is not None else ()
        named = self._named(patches)
        if named:
            patches = [p for p in patches if p.kb in named or _is_software(p)]
        families = frozenset(family_of(patch.key) for patch in patches)
        # An offline device reports no rows: none listed does not mean none would be installed.
        known = approved is not None and (bool(patches) or device.online is Fact.YES)
        told = preview(device, patches if known else None, named)
        return replace(told, families=families or SYSTEM_ALONE)

    def _named(self, patches: Sequence[Patch]) -> dict[str, str]:
        """The system's updates that the script is told, where there is a script."""
        if self.script is None:
            return {}
        return {p.kb: p.kb for p in patches if p.kb is not None and not _is_software(p)}


def _is_software(patch: Patch) -> bool:
    return family_of(patch.key) is Family.SOFTWARE
