"""What an account at Syncro can prove: its token's permissions, and where its bindings point."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorError, VendorForbidden
from integrations.rmm.rows import Row, most_common
from integrations.rmm.syncro import mapping
from integrations.rmm.syncro.reading import FleetReader
from integrations.rmm.vendor import AccountProof, OrganisationProof, Permission

_PURPOSE = "reading"
_REMEDY = "Admin > API Tokens: give the token the permissions that docs/vendors/syncro.md lists, and no others."

_Listed = list[tuple[Device, Row]]


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account."""

    reader: FleetReader
    vendor_name: str

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        bound = dict.fromkeys(binding.organisation for binding in bindings)
        try:
            names = self.reader.names()
            listed = {item: self.reader.devices(item) if item in names else [] for item in bound}
            permissions = self._permissions([pair for some in listed.values() for pair in some])
        except VendorError as failure:
            return AccountProof(
                account=self.reader.account,
                vendor_name=self.vendor_name,
                problem=failure.sentence,
                remedy=failure.remedy,
            )
        return AccountProof(
            account=self.reader.account,
            vendor_name=self.vendor_name,
            permissions=permissions,
            organisations=tuple(
                OrganisationProof(
                    organisation=item,
                    name=names.get(item),
                    devices=len(listed[item]),
                    main_domain=most_common(device.domain for device, _ in listed[item]),
                )
                for item in bound
            ),
        )

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
