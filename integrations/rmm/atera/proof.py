"""Proving an account at Atera: what its key may read, and whether the words it tells are known."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device, Patch, PatchState
from core.errors import VendorForbidden, VendorNotFound
from integrations.rmm.atera import mapping
from integrations.rmm.atera.reading import FleetReader
from integrations.rmm.proving import Found, organisations, proof, words_known
from integrations.rmm.rows import Row
from integrations.rmm.vendor import AccountProof, Permission, bound_organisations

_PURPOSE = "reading"
_KEY = "Admin > API: give the key what docs/vendors/atera.md lists."
#: Devices whose updates are looked at.
_SAMPLE = 3


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account."""

    reader: FleetReader
    vendor_name: str

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.reader.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names, listed = self.reader.names(), self.reader.api.agents()
        pairs = [
            pair
            for item in bound_organisations(bindings)
            for pair in self.reader.devices(item, listed)
        ]
        return self._permissions(pairs), organisations(bindings, names, (d for d, _ in pairs))

    def _permissions(self, pairs: Sequence[tuple[Device, Row]]) -> tuple[Permission, ...]:
        patches, readable = self._sample(pairs)
        return (
            Permission(name="customers and agents", present=Fact.YES, purpose=_PURPOSE),
            Permission(
                name="available and installed patches",
                present=readable,
                purpose=_PURPOSE,
                remedy=_KEY,
            ),
            _words(patches),
        )

    def _sample(self, pairs: Sequence[tuple[Device, Row]]) -> tuple[list[Patch], Fact]:
        """The updates of some devices, and whether they may be read."""
        patched = [pair for pair in pairs if mapping.is_patched(pair[1])][:_SAMPLE]
        try:
            found = [patch for pair in patched for patch in self.reader.patches(*pair)]
        except (VendorForbidden, VendorNotFound):
            return [], Fact.NO
        return found, Fact.YES if patched else Fact.UNKNOWN


def _words(patches: Sequence[Patch]) -> Permission:
    strange = {p.raw_state for p in patches if p.state is PatchState.UNKNOWN}
    return words_known("words for the states of updates", {p.raw_state for p in patches}, strange)
