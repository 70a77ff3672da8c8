"""What is put right when a data directory is opened: unfinished changes, damage, a log that is too short."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.events import JobMoved, StepResult
from core.domain.remediation import Job, JobState, StepState
from core.errors import ImpossibleTransition
from core.ports import Clock, Freeze
from storage.audit_entry import AuditEntry
from storage.audit_log import AuditLog
from storage.audit_verify import verify
from storage.exemptions import KIND as EXEMPTION
from storage.exemptions import ExemptionTable
from storage.ledger import Ledger
from storage.proofs import KIND as PROOF
from storage.proofs import ProofTable
from storage.request_store import KIND as REQUEST
from storage.request_store import RequestStore
from storage.switch import KIND as SWITCH
from storage.switch import FreezeSwitch

_log = logging.getLogger(__name__)

DAMAGE = "audit.damaged"
COMPLETED = "storage.completed"
RESTORED = "storage.restored"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovery:
    """All of it is one write to the store: a process killed in between starts over."""

    ledger: Ledger
    audit: AuditLog
    requests: RequestStore
    switch: FreezeSwitch
    exemptions: ExemptionTable
    proofs: ProofTable
    clock: Clock

    def run(self, restored: Sequence[str]) -> None:
        """Bring store and audit log together; `restored` names databases an older copy was taken for.

        Whatever a person has to look at leaves Gatehouse frozen.
        """
        with self.ledger.database.storage.transaction():
            troubles = [*restored, *self._audit_troubles()]
            troubles += self._complete()
            self.requests.sweep()
            if restored:
                self.audit.append(RESTORED, actor="gatehouse", what=list(restored))
                self._give_up_calls()
            if troubles:
                self._freeze(" ".join(troubles))

    def _audit_troubles(self) -> list[str]:
        files = self.audit.files()
        problem = verify(files[-1]).problem if files else None
        troubles = []
        if problem and not self._known(problem.sentence):
            self.audit.append(DAMAGE, actor="gatehouse", what=problem.sentence)
            troubles.append(f"The audit log is damaged: {problem.sentence}")
        return troubles + self._missing_anchor()

    def _missing_anchor(self) -> list[str]:
        anchor = self.ledger.anchor()
        first = next(self.audit.entries(), None)
        if not anchor.seq or (first and first.seq > anchor.seq):
            return []  # nothing stored yet, or so long ago that its file was deleted
        found = next(self.audit.entries(after=anchor.seq - 1), None)
        if found and found.head == anchor:
            return []
        what = f"The audit log lacks entry {anchor.seq}, which the store was built from."
        self.audit.append(DAMAGE, actor="gatehouse", what=what)
        return [what]

    def _known(self, what: str) -> bool:
        return any(e.kind == DAMAGE and e.detail["what"] == what for e in self.audit.entries())

    def _complete(self) -> list[str]:
        """Make the changes that are on the record and not in the store."""
        completed, troubles = [], []
        for entry in self.ledger.standing(after=self.ledger.anchor().seq):
            try:
                if self._replay(entry):
                    completed.append(entry.seq)
            except (ImpossibleTransition, ValueError) as error:
                _log.exception("audit entry %d cannot be replayed", entry.seq)
                troubles.append(f"Audit entry {entry.seq} does not fit the store: {error}.")
        if completed:
            self.audit.append(COMPLETED, actor="gatehouse", entries=completed)
        return troubles

    def _replay(self, entry: AuditEntry) -> bool:
        if entry.kind.startswith(REQUEST):
            return self.requests.replay(entry)
        if entry.kind.startswith(SWITCH):
            return self.switch.replay(entry)
        if entry.kind.startswith(EXEMPTION):
            return self.exemptions.replay(entry)
        if entry.kind.startswith(PROOF):
            return self.proofs.replay(entry)
        return False

    def _give_up_calls(self) -> None:
        """What was at a vendor is unknown now: the copy taken may know less than the vendor."""
        for request in self.requests.open():
            version = request.version
            for job in request.jobs:
                if job.state.at_vendor:
                    event = self._unknown(job)
                    version = self.requests.commit(request.id, event, expected=version).version

    def _unknown(self, job: Job) -> JobMoved:
        reason = "Gatehouse's store was damaged while this was at the vendor"
        unknown = (
            StepResult(target=t, state=StepState.UNKNOWN, reason=reason) for t in job.targets
        )
        return JobMoved(
            at=self.clock.now(),
            job_id=job.id,
            state=JobState.UNKNOWN,
            detail=reason,
            results=tuple(unknown),
        )

    def _freeze(self, why: str) -> None:
        _log.error("Gatehouse starts frozen. %s", why)
        if self.switch.frozen() is None:
            freeze = Freeze(at=self.clock.now(), by=None, by_name="Gatehouse", why=why)
            self.switch.set(freeze, actor="gatehouse")
