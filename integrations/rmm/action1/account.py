"""One account at Action1: reading its fleet, previewing, proving, and (from Jobs) acting."""

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
from core.ports import Clock
from integrations.http import in_background
from integrations.rmm.action1 import mapping
from integrations.rmm.action1.jobs import Jobs, Place
from integrations.rmm.action1.proof import Prover
from integrations.rmm.action1.reading import FleetReader
from integrations.rmm.per_device import ask_each
from integrations.rmm.previews import preview
from integrations.rmm.vendor import AccountProof

_AT_ONCE = 4


@dataclass(frozen=True, kw_only=True)
class Action1Account(Jobs):
    """Satisfies core.ports.Rmm."""

    vendor_name: str
    capabilities: Capabilities
    clock: Clock
    trust_assessment: bool

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound organisations, by id. Never raises: `coverage` says so."""
        return self._reader().read(bindings)

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        prover = Prover(reader=self._reader(), vendor_name=self.vendor_name)
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
        places = self.places(client, devices)
        taken = self._taken(places) if kind is JobKind.INSTALL else {}
        return {
            target: self._preview(target, places[target], taken.get(target))
            for target in devices
            if target in places
        }

    def _taken(self, places: Mapping[str, Place]) -> dict[str, list[Patch]]:
        asked = ask_each(places, lambda t: self.taken(t, places[t]), at_once=_AT_ONCE)
        for failure in asked.failed.values():
            raise failure
        return {target: [patch for _, patch in taken] for target, taken in asked.found.items()}

    def _preview(
        self, target: DeviceId, place: Place, patches: Sequence[Patch] | None
    ) -> DevicePreview:
        device = mapping.device(self.account, self.api.source, place.organisation, place.row)
        # A device that was never assessed lists nothing, which does not mean that nothing is missing.
        known = bool(patches) or mapping.missing(place.row) is not None
        chosen = {patch.key: patch.name for patch in patches or ()}
        return preview(device, patches if known else None, chosen)

    def _reader(self) -> FleetReader:
        return FleetReader(
            api=self.api,
            account=self.account,
            now=self.clock.now(),
            trust_assessment=self.trust_assessment,
        )
