"""What an account at N-central can prove: its user's rights, what the services tell, and its bindings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.errors import VendorForbidden
from integrations.rmm.ncentral import mapping
from integrations.rmm.ncentral.api import NCentralApi
from integrations.rmm.ncentral.reading import FleetReader
from integrations.rmm.proving import Found, proof, words_known
from integrations.rmm.rows import Row, text
from integrations.rmm.vendor import AccountProof, OrganisationProof, Permission, bound_organisations

_ROLE = "Give the user's role the rights that docs/vendors/ncentral.md lists."
_TOLD = "None of the devices looked at has this service; docs/vendors/ncentral.md says what follows from that."
_ACTING = "scanning and installing"
#: Devices of which services are looked at.
_LOOKED_AT = 3


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account. `script` is None where nothing can be run."""

    reader: FleetReader
    vendor_name: str
    script: int | None

    @property
    def _api(self) -> NCentralApi:
        return self.reader.api

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.reader.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names, listed = self.reader.names(), self.reader.listed()
        bound = bound_organisations(bindings)
        looked_at = [row for item in bound for row in listed.get(item, [])][:_LOOKED_AT]
        permissions = (*self._readings(looked_at), *self._acting(looked_at))
        return permissions, _organisations(bound, names, listed)

    def _readings(self, looked_at: Sequence[Row]) -> tuple[Permission, ...]:
        """The rights to read, and whether the two services we go by are there."""
        services: list[Row] = []

        def look() -> None:
            for row in looked_at:
                services.extend(self._api.services(str(row["deviceId"])))

        seen = Permission(name="customers and devices", present=Fact.YES, purpose="reading")
        may_look = _allowed("monitored services", look, looked_at, "reading")
        named = {text(row.get("moduleName")).lower() for row in services}
        return (
            seen,
            may_look,
            *(
                Permission(
                    name=f"service {name!r}",
                    present=Fact.of(name in named) if services else Fact.UNKNOWN,
                    purpose="reading",
                    remedy=_TOLD,
                )
                for name in (mapping.PATCH_SERVICE, mapping.AGENT_SERVICE)
            ),
            words_known("words for the states of services", *mapping.state_words(services)),
        )

    def _acting(self, looked_at: Sequence[Row]) -> tuple[Permission, ...]:
        """Whether the script is there and may be run shows only when it is run."""
        if self.script is None:
            return ()

        def look() -> None:
            for row in looked_at[:1]:
                self._api.tasks_of(str(row["deviceId"]))

        run = Permission(
            name=f"run script {self.script}", present=Fact.UNKNOWN, purpose=_ACTING, remedy=_ROLE
        )
        return (_allowed("scheduled tasks", look, looked_at, _ACTING), run)


def _allowed(
    name: str, look: Callable[[], None], looked_at: Sequence[Row], purpose: str
) -> Permission:
    """Whether looking is allowed; unknown where there is nothing to look at."""
    try:
        look()
    except VendorForbidden:
        return Permission(name=name, present=Fact.NO, purpose=purpose, remedy=_ROLE)
    present = Fact.YES if looked_at else Fact.UNKNOWN
    return Permission(name=name, present=present, purpose=purpose, remedy=_ROLE)


def _organisations(
    bound: Sequence[str], names: Mapping[str, str], listed: Mapping[str, Sequence[Row]]
) -> tuple[OrganisationProof, ...]:
    """No field of the devices tells a domain, so none is proved."""
    return tuple(
        OrganisationProof(
            organisation=item, name=names.get(item), devices=len(listed.get(item, []))
        )
        for item in bound
    )
