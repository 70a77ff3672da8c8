"""What an account at Tactical RMM can prove: its key's permissions, and where its bindings point."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorForbidden
from integrations.rmm.proving import Found, proof
from integrations.rmm.rows import Row, most_common
from integrations.rmm.tactical import mapping
from integrations.rmm.tactical.reading import FleetReader
from integrations.rmm.vendor import AccountProof, OrganisationProof, Permission, bound_organisations

_ROLE = "Settings > Permissions manager: set the role of the key's user to what docs/vendors/tactical.md lists."
#: Devices whose hardware inventory is asked for a client's domain; the list does not tell it.
_ASKED_FOR_DOMAIN = 3

_Listed = list[tuple[Device, Row]]


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account."""

    reader: FleetReader
    vendor_name: str
    may_act: bool
    may_restart: bool

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.reader.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names = self.reader.names()
        bound = bound_organisations(bindings)
        listed = {item: self.reader.devices(item) if item in names else [] for item in bound}
        permissions = self._permissions([pair for some in listed.values() for pair in some])
        return permissions, tuple(
            self._organisation(item, names.get(item), listed[item]) for item in bound
        )

    def _organisation(
        self, organisation: str, name: str | None, listed: _Listed
    ) -> OrganisationProof:
        asked = [device for device, row in listed if mapping.is_patched(row)][:_ASKED_FOR_DOMAIN]
        return OrganisationProof(
            organisation=organisation,
            name=name,
            devices=len(listed),
            main_domain=most_common(
                mapping.domain(self.reader.api.agent(device.vendor_id)) for device in asked
            ),
        )

    def _permissions(self, listed: _Listed) -> tuple[Permission, ...]:
        restarting = Permission(
            name="can_reboot_agents", present=Fact.UNKNOWN, purpose="restarting", remedy=_ROLE
        )
        return (
            self._pinged(listed),
            *([restarting] if self.may_restart else []),
            Permission(
                name="can_list_clients, can_list_agents", present=Fact.YES, purpose="reading"
            ),
            Permission(
                name="can_manage_winupdates",
                present=self._may_manage_updates(listed),
                purpose="reading, scanning and installing" if self.may_act else "reading",
                remedy=_ROLE,
            ),
            Permission(
                name="can_list_roles",
                present=Fact.of(self.reader.api.may_list_roles()),
                needed=False,
                purpose="reading",
                remedy=_ROLE,
            ),
        )

    def _pinged(self, listed: _Listed) -> Permission:
        """Without it the agents' table says who is online, so that no answer is no fault."""
        heard = (self.reader.api.hears(device.vendor_id) for device, _ in listed[:1])
        known = any(fact is not Fact.UNKNOWN for fact in heard)
        return Permission(
            name="answers to a ping",
            present=Fact.YES if known else Fact.UNKNOWN,
            purpose="reading",
            remedy="Give the key's role the right to ping agents, or leave it: docs/vendors/tactical.md says what follows.",
        )

    def _may_manage_updates(self, listed: _Listed) -> Fact:
        """Tactical asks for it even to read; without a device to read there is no telling."""
        patched = (device for device, row in listed if mapping.is_patched(row))
        device = next(patched, None)
        if device is None:
            return Fact.UNKNOWN
        try:
            self.reader.api.updates(device.vendor_id)
        except VendorForbidden:
            return Fact.NO
        return Fact.YES
