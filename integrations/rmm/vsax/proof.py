"""What an account at Kaseya VSA X can prove: its token, what the server tells, the workflow, its bindings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import CountStatus, Device
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.proving import Found, likeliest, organisations, proof, told
from integrations.rmm.rows import Row, text
from integrations.rmm.vendor import AccountProof, Permission
from integrations.rmm.vsax.api import VsaxApi
from integrations.rmm.vsax.reading import FleetReader
from integrations.rmm.vsax.runs import Runs

_PURPOSE = "scanning and installing"
_WORKFLOW_REMEDY = "Make the workflow as docs/vendors/vsax.md says and set its id."
_RIGHTS_REMEDY = "Give the token's role the right to see and run workflows."


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account. `runs` is None where nothing can be run."""

    api: VsaxApi
    account: str
    vendor_name: str
    runs: Runs | None
    reader: FleetReader

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names, devices = self.reader.listed()
        permissions = (*_readings(devices), *self._acting(devices))
        return permissions, organisations(bindings, names, devices)

    def _acting(self, devices: Sequence[Device]) -> tuple[Permission, ...]:
        if self.runs is None:
            return ()
        # Nothing tells a token's rights: whether it may run the workflow shows when it is run.
        run = Permission(
            name="run workflows", present=Fact.UNKNOWN, purpose=_PURPOSE, remedy=_RIGHTS_REMEDY
        )
        return (self._workflow(self.runs), self._executions(self.runs, devices), run)

    def _workflow(self, runs: Runs) -> Permission:
        try:
            listed = self.api.workflows()
        except VendorForbidden:
            return _lacking("workflows", _RIGHTS_REMEDY)
        workflow = find_workflow(listed, runs.workflow)
        if workflow is None:
            return _lacking(
                "workflow (not found)",
                f"{_WORKFLOW_REMEDY} The server has: {likeliest(_named(listed))}.",
            )
        name = f"workflow ({text(workflow.get('Name')) or runs.workflow})"
        return Permission(name=name, present=Fact.YES, purpose=_PURPOSE)

    def _executions(self, runs: Runs, devices: Sequence[Device]) -> Permission:
        """Listing one device's executions also shows whether the server takes our filter."""
        name = "executions of the workflow"
        if not devices:
            remedy = (
                "No device is known to ask about: bind a client's organisation, then check again."
            )
            return Permission(name=name, present=Fact.UNKNOWN, purpose=_PURPOSE, remedy=remedy)
        try:
            runs.since(devices[0].vendor_id, {})
        except VendorForbidden:
            return _lacking(name, _RIGHTS_REMEDY)
        except VendorRefused as failure:
            remedy = (
                f"{failure.reason} Without them a call that is cut off is left to a person; "
                "everything else works."
            )
            return _lacking(name, remedy)
        return Permission(name=name, present=Fact.YES, purpose=_PURPOSE)


def find_workflow(listed: Iterable[Row], workflow: int) -> Row | None:
    """The workflow of that number, among those the server lists."""
    return next((row for row in listed if str(row.get("Id")) == str(workflow)), None)


def _readings(devices: Sequence[Device]) -> tuple[Permission, ...]:
    """What the server tells at all; of an empty server nothing is known."""
    counted = (CountStatus.MISSING, CountStatus.FULLY_PATCHED)
    counts = [d.counts is not None and d.counts.status in counted for d in devices]
    seen = [d.last_seen is not None for d in devices]
    return (
        Permission(name="devices and assets", present=Fact.YES, purpose="reading"),
        told("counts of missing updates", counts, field="Updates of the assets", page="vsax"),
        told("operating systems", [bool(d.os) for d in devices], field="Description", page="vsax"),
        told("times last seen", seen, field="LastSeenOnline", page="vsax"),
    )


def _lacking(name: str, remedy: str) -> Permission:
    return Permission(name=name, present=Fact.NO, purpose=_PURPOSE, remedy=remedy)


def _named(workflows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    return ((text(row.get("Name")), str(row.get("Id"))) for row in workflows)
