"""What an account at Datto RMM can prove: its key, the component, and where its bindings point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorError, VendorForbidden
from integrations.rmm.datto.component import missing_variables
from integrations.rmm.datto.jobs import Jobs
from integrations.rmm.datto.reading import FleetReader
from integrations.rmm.rows import most_common, text
from integrations.rmm.vendor import AccountProof, OrganisationProof, Permission

_COMPONENT_REMEDY = "Install the component as docs/datto-component.md says and set its uid."
_RIGHTS_REMEDY = (
    "Give the API user's security level the right to see components and run quick jobs."
)


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account."""

    jobs: Jobs
    reader: FleetReader
    vendor_name: str

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        try:
            sites, devices = self.reader.listed()
            permissions = self._permissions()
        except VendorError as failure:
            return AccountProof(
                account=self.jobs.account,
                vendor_name=self.vendor_name,
                problem=failure.sentence,
                remedy=failure.remedy,
            )
        return AccountProof(
            account=self.jobs.account,
            vendor_name=self.vendor_name,
            permissions=permissions,
            organisations=_organisations(bindings, sites, devices),
        )

    def _permissions(self) -> tuple[Permission, ...]:
        read = Permission(name="sites and devices", present=Fact.YES, purpose="reading")
        if self.jobs.component_uid is None:
            return (read,)
        # Datto tells nobody's rights: whether a quick job may be run shows when one is.
        run = Permission(
            name="run quick jobs",
            present=Fact.UNKNOWN,
            purpose="scanning and installing",
            remedy=_RIGHTS_REMEDY,
        )
        return (read, self._component(), run)

    def _component(self) -> Permission:
        try:
            component = self.jobs.component()
        except VendorForbidden:
            return Permission(
                name="components",
                present=Fact.NO,
                purpose="scanning and installing",
                remedy=_RIGHTS_REMEDY,
            )
        fit = component is not None and not missing_variables(component)
        label = "not found" if component is None else text(component.get("name"))
        return Permission(
            name=f"component ({label})",
            present=Fact.of(fit),
            purpose="scanning and installing",
            remedy="" if fit else _COMPONENT_REMEDY,
        )


def _organisations(
    bindings: Sequence[RmmBinding], sites: Mapping[str, str], devices: Sequence[Device]
) -> tuple[OrganisationProof, ...]:
    bound = list(dict.fromkeys(binding.organisation for binding in bindings))
    return tuple(
        OrganisationProof(
            organisation=item,
            name=sites.get(item),
            devices=sum(device.organisation == item for device in devices),
            main_domain=most_common(d.domain for d in devices if d.organisation == item),
        )
        for item in bound
    )
