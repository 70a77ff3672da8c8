"""Proving an account at Atera: what its key may read, and whether the words it tells are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device, Patch, PatchState
from core.errors import VendorError, VendorForbidden, VendorNotFound
from integrations.rmm.atera import mapping
from integrations.rmm.atera.reading import FleetReader
from integrations.rmm.rows import Row, most_common
from integrations.rmm.vendor import AccountProof, OrganisationProof, Permission

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
        bound = dict.fromkeys(binding.organisation for binding in bindings)
        try:
            names, listed = self.reader.names(), self.reader.api.agents()
            ours = {item: self.reader.devices(item, listed) for item in bound}
            permissions = self._permissions([pair for some in ours.values() for pair in some])
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
                    devices=len(ours[item]),
                    main_domain=most_common(device.domain for device, _ in ours[item]),
                )
                for item in bound
            ),
        )

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
            *_words(patches),
        )

    def _sample(self, pairs: Sequence[tuple[Device, Row]]) -> tuple[list[Patch], Fact]:
        """The updates of some devices, and whether they may be read."""
        patched = [pair for pair in pairs if mapping.is_patched(pair[1])][:_SAMPLE]
        try:
            found = [patch for pair in patched for patch in self.reader.patches(*pair)]
        except (VendorForbidden, VendorNotFound):
            return [], Fact.NO
        return found, Fact.YES if patched else Fact.UNKNOWN


def _words(patches: Sequence[Patch]) -> Iterator[Permission]:
    """Whether the words that were seen are known; nothing where none was."""
    strange = sorted({p.raw_state for p in patches if p.state is PatchState.UNKNOWN})
    if patches:
        yield Permission(
            name="words for the states of updates",
            present=Fact.of(not strange),
            purpose=_PURPOSE,
            remedy=f"Unknown: {', '.join(strange)}. Such updates are shown as unknown.",
        )
