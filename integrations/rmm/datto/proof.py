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
from integrations.rmm.rows import Row, most_common, text
from integrations.rmm.vendor import AccountProof, OrganisationProof, Permission

_COMPONENT_REMEDY = "Install the component as docs/components.md says and set its uid."
_SEEN = 5
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
            listed = self.jobs.api.components()
        except VendorForbidden:
            return Permission(
                name="components",
                present=Fact.NO,
                purpose="scanning and installing",
                remedy=_RIGHTS_REMEDY,
            )
        component = next((c for c in listed if c.get("uid") == self.jobs.component_uid), None)
        if component is None:
            return Permission(
                name="component (not found)",
                present=Fact.NO,
                purpose="scanning and installing",
                remedy=f"{_COMPONENT_REMEDY} The account has: {_seen(listed)}.",
            )
        lacking = missing_variables(component)
        return Permission(
            name=f"component ({text(component.get('name'))})",
            present=Fact.of(not lacking),
            purpose="scanning and installing",
            remedy=f"It lacks {', '.join(sorted(lacking))}. {_COMPONENT_REMEDY}" if lacking else "",
        )


def _seen(components: Sequence[Row]) -> str:
    """The components by name and uid, the likeliest first."""
    named = sorted(
        (text(row.get("name")), text(row.get("uid"))) for row in components if row.get("uid")
    )
    likely = sorted(named, key=lambda pair: "gatehouse" not in pair[0].lower())
    return ", ".join(f"{name} ({uid})" for name, uid in likely[:_SEEN]) or "none we may see"


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
