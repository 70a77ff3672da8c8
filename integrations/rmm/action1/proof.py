"""What an account at Action1 can prove: both its credentials, what the updates tell, and its bindings."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import DeviceId
from core.errors import VendorAuthError, VendorForbidden
from integrations.rmm.action1 import mapping
from integrations.rmm.action1.api import Action1Api
from integrations.rmm.action1.mapping import Version
from integrations.rmm.action1.reading import FleetReader
from integrations.rmm.proving import Found, organisations, proof
from integrations.rmm.vendor import AccountProof, Permission, bound_organisations

_ROLE = "Give the credentials the role that docs/vendors/action1.md describes."
_TOLD = "No missing update tells it; docs/vendors/action1.md says what follows from that."
_ACTING = "installing"


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account."""

    reader: FleetReader
    vendor_name: str

    @property
    def _api(self) -> Action1Api:
        return self.reader.api

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.reader.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names = self.reader.names()
        known = [item for item in bound_organisations(bindings) if item in names]
        devices = [device for item in known for device, _ in self.reader.devices(item)]
        permissions = (*self._readings(known), *self._acting(known))
        return permissions, organisations(bindings, names, devices)

    def _readings(self, organisations: Sequence[str]) -> tuple[Permission, ...]:
        seen = Permission(
            name="organizations and endpoints", present=Fact.YES, purpose="reading", remedy=_ROLE
        )
        try:
            versions = self._versions(organisations)
        except VendorForbidden:
            return (seen, _permission("missing updates", Fact.NO))
        present = Fact.UNKNOWN if versions is None else Fact.YES
        return (seen, _permission("missing updates", present), *_told(versions or []))

    def _versions(self, organisations: Sequence[str]) -> list[Version] | None:
        """The missing updates of the first organisation; None where there is none to ask about."""
        for organisation in organisations:
            return list(mapping.versions(self._api.source, self._api.updates(organisation)))
        return None

    def _acting(self, organisations: Sequence[str]) -> tuple[Permission, ...]:
        """Nothing tells a role's rights: whether it may run automations shows when one is run."""
        if self._api.writing is None:
            return ()
        run = Permission(
            name="run automations", present=Fact.UNKNOWN, purpose=_ACTING, remedy=_ROLE
        )
        try:
            self._api.writing.authorize()
            for organisation in organisations[:1]:
                self._api.recent_instances(organisation, "none")
        except VendorAuthError as failure:
            signed = Permission(
                name="write_client_id", present=Fact.NO, purpose=_ACTING, remedy=failure.remedy
            )
            return (signed, run)
        except VendorForbidden:
            return (_permission("automations", Fact.NO, purpose=_ACTING), run)
        return (_permission("automations", Fact.YES, purpose=_ACTING), run)


def _told(versions: Sequence[Version]) -> tuple[Permission, ...]:
    """What the reference does not promise of updates; of an organisation that misses nothing, nothing is known."""
    patches = [version.patch(DeviceId("")) for version in versions]
    facts = {
        "approval of updates": any(patch.raw_state for patch in patches),
        "severity of updates": any(patch.raw_severity for patch in patches),
        "release dates of updates": any(patch.released for patch in patches),
    }
    return tuple(
        Permission(
            name=what,
            present=Fact.of(told) if patches else Fact.UNKNOWN,
            purpose="reading",
            remedy=_TOLD,
        )
        for what, told in facts.items()
    )


def _permission(name: str, present: Fact, *, purpose: str = "reading") -> Permission:
    return Permission(name=name, present=present, purpose=purpose, remedy=_ROLE)
