"""What an account at Automate can prove: what its users may read, what is locked, and where its bindings point."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.automate import mapping
from integrations.rmm.automate.jobs import Jobs
from integrations.rmm.automate.reading import FleetReader
from integrations.rmm.proving import Found, likeliest, may, organisations, proof
from integrations.rmm.rows import Row
from integrations.rmm.vendor import AccountProof, Permission, bound_organisations

_READ_REMEDY = "Give the user's class Patch Manager: Read, and Show All for computers and clients."
_HISTORY_REMEDY = "Give the user's class Patch Manager: Read; where it has that, this server wants dates in another form."
_WRITE_REMEDY = (
    "Give the writing user's class Patch Manager: Update. It shows when a deployment runs."
)
_NO_NUMBER = "Set entity_type_computer and prove it as docs/vendors/automate.md says."
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account. Automate tells nobody's rights in words we know, so each is tried by reading."""

    reader: FleetReader
    jobs: Jobs
    vendor_name: str

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.jobs.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names, computers = self.reader.listed(bound_organisations(bindings))
        permissions = self._permissions(next(iter(computers), None))
        return permissions, organisations(bindings, names, self._devices(computers.values()))

    def _permissions(self, computer_id: str | None) -> tuple[Permission, ...]:
        api, since = self.jobs.api, self.reader.now - _A_DAY
        stats = (
            may(lambda: api.patching_stats(computer_id))
            if computer_id is not None
            else Fact.UNKNOWN
        )
        history = may(lambda: api.patch_history(since, computer_id=computer_id))
        return (
            Permission(name="clients and computers", present=Fact.YES, purpose="reading"),
            Permission(
                name="patching stats", present=stats, purpose="reading", remedy=_READ_REMEDY
            ),
            Permission(
                name="patch history", present=history, purpose="reading", remedy=_HISTORY_REMEDY
            ),
            *self._write_permissions(),
        )

    def _write_permissions(self) -> tuple[Permission, ...]:
        """Signing in alone is proven here: whether a deployment is allowed shows when one runs."""
        writing = self.jobs.api.writing
        if writing is None:
            return ()
        unset = self.jobs.entity_type is None
        return (
            *self._restarting(),
            Permission(
                name="deploying updates (entity_type_computer is not set)"
                if unset
                else "deploying updates",
                present=Fact.UNKNOWN,
                purpose="installing",
                remedy=_NO_NUMBER if unset else _WRITE_REMEDY,
            ),
            Permission(
                name="signing in of the writing user",
                present=may(replace(self.jobs.api, reading=writing).clients),
                purpose="installing",
                remedy=_READ_REMEDY,
            ),
        )

    def _restarting(self) -> tuple[Permission, ...]:
        """The server's own name for the number says whether it is the right one."""
        restarting = self.jobs.restarting
        if restarting.number is None:
            return ()
        try:
            command, likely = restarting.command(), likeliest(restarting.likely())
        except (VendorForbidden, VendorRefused):
            command, likely = None, "none we may see"
        return (
            Permission(
                name="command that restarts",
                present=Fact.of(command is not None and mapping.restarts(command)),
                purpose="restarting",
                remedy=f"Set restart_command to one of: {likely}.",
            ),
        )

    def _devices(self, computers: Iterable[Row]) -> list[Device]:
        account, source = self.jobs.account, self.jobs.api.source
        return [mapping.device(account, source, row, stats=None) for row in computers]
