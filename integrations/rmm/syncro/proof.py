"""What an account at Syncro can prove: its token's permissions, and where its bindings point."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorForbidden
from integrations.rmm.proving import Found, organisations, proof
from integrations.rmm.rows import Row
from integrations.rmm.syncro import mapping
from integrations.rmm.syncro.reading import FleetReader
from integrations.rmm.vendor import AccountProof, Permission, bound_organisations

_PURPOSE = "reading"
_REMEDY = "Admin > API Tokens: give the token the permissions that docs/vendors/syncro.md lists, and no others."

_Listed = list[tuple[Device, Row]]


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account."""

    reader: FleetReader
    vendor_name: str

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.reader.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names = self.reader.names()
        known = [item for item in bound_organisations(bindings) if item in names]
        listed = [pair for item in known for pair in self.reader.devices(item)]
        return self._permissions(listed), organisations(bindings, names, (d for d, _ in listed))

    def _permissions(self, listed: _Listed) -> tuple[Permission, ...]:
        synced = any(device.last_seen is not None for device, _ in listed)
        return (
            Permission(name="Customers - List/Search", present=Fact.YES, purpose=_PURPOSE),
            Permission(
                name="Assets - List/Search",
                present=self._may_read_patches(listed),
                purpose=_PURPOSE,
                remedy=_REMEDY,
            ),
            Permission(
                name="times of the last sync (kabuto_information)",
                present=Fact.of(synced) if listed else Fact.UNKNOWN,
                purpose=_PURPOSE,
                remedy="No device tells it; docs/vendors/syncro.md says what follows from that.",
            ),
            Permission(
                name="administrator",
                present=Fact.of(self.reader.api.is_admin()),
                needed=False,
                purpose=_PURPOSE,
                remedy="Make the token as a user who is no administrator.",
            ),
        )

    def _may_read_patches(self, listed: _Listed) -> Fact:
        patched = next((device for device, row in listed if mapping.is_patched(row)), None)
        if patched is None:
            return Fact.UNKNOWN
        try:
            self.reader.api.patches(patched.vendor_id)
        except VendorForbidden:
            return Fact.NO
        return Fact.YES
