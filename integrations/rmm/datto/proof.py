"""What an account at Datto RMM can prove: its key, the component, and where its bindings point."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorForbidden
from integrations.rmm.datto.component import missing_variables
from integrations.rmm.datto.jobs import Jobs
from integrations.rmm.datto.reading import FleetReader
from integrations.rmm.proving import Found, likeliest, organisations, proof, told
from integrations.rmm.rows import Row, text
from integrations.rmm.vendor import AccountProof, Permission

_COMPONENT_REMEDY = "Install the component as docs/components.md says and set its uid."
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
        return proof(self.jobs.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        sites, devices = self.reader.listed()
        permissions = (*_readings(devices), *self._acting())
        return permissions, organisations(bindings, sites, devices)

    def _acting(self) -> tuple[Permission, ...]:
        if self.jobs.component_uid is None:
            return ()
        # Datto tells nobody's rights: whether a quick job may be run shows when one is.
        run = Permission(
            name="run quick jobs",
            present=Fact.UNKNOWN,
            purpose="scanning and installing",
            remedy=_RIGHTS_REMEDY,
        )
        return (self._component(), run)

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
                remedy=f"{_COMPONENT_REMEDY} The account has: {likeliest(_named(listed))}.",
            )
        lacking = missing_variables(component)
        return Permission(
            name=f"component ({text(component.get('name'))})",
            present=Fact.of(not lacking),
            purpose="scanning and installing",
            remedy=f"It lacks {', '.join(sorted(lacking))}. {_COMPONENT_REMEDY}" if lacking else "",
        )


def _readings(devices: Sequence[Device]) -> tuple[Permission, ...]:
    seen = [device.last_seen is not None for device in devices]
    audited = [device.last_scan is not None for device in devices]
    return (
        Permission(name="sites and devices", present=Fact.YES, purpose="reading"),
        told("times last seen", seen, field="lastSeen", page="datto"),
        told("ages of the counts", audited, field="lastAuditDate", page="datto"),
    )


def _named(components: Sequence[Row]) -> Iterator[tuple[str, str]]:
    return ((text(row.get("name")), text(row.get("uid"))) for row in components if row.get("uid"))
