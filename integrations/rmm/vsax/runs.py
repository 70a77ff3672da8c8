"""The runs of the one workflow on a device: which there were before a call, and which came after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.domain.remediation import Job
from core.errors import VendorRefused
from integrations.rmm.update_script import Output
from integrations.rmm.vsax import executions, mapping
from integrations.rmm.vsax.api import VsaxApi
from integrations.rmm.vsax.executions import Execution

_NEWEST, _CREATED = "newest execution", "created"
#: So many executions at most are looked into for what they printed, the newest first.
_LOOKED_INTO = 10
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Runs:
    """The executions of one workflow. Everything raises VendorError."""

    api: VsaxApi
    workflow: int

    def mark(self, device: str) -> Mapping[str, str]:
        """The newest execution on a device, by VSA X's clock.

        Empty where there is none, and where VSA X does not take our filter: then a call that is cut off is
        left to a person.
        """
        try:
            listed = self._listed(device)
        except VendorRefused:
            return {}
        newest = max(listed, key=_age, default=None)
        return {} if newest is None else {_NEWEST: newest.id, _CREATED: _age(newest).isoformat()}

    def since(self, device: str, mark: Mapping[str, str]) -> list[Execution]:
        """The executions that came after a mark, newest first. One without a time may have."""
        before = mapping.moment(mark.get(_CREATED)) or _LONG_AGO
        later = [
            execution
            for execution in self._listed(device)
            if execution.id != mark.get(_NEWEST)
            and (execution.created is None or execution.created >= before)
        ]
        return sorted(later, key=_age, reverse=True)

    def ours(self, later: Iterable[Execution], job: Job) -> Execution | None:
        """The one among them that printed the job's id. One that still runs has printed nothing."""
        for listed in list(later)[:_LOOKED_INTO]:
            execution = self.one(listed.id)
            printed = execution.output() if execution is not None else None
            if isinstance(printed, Output) and (printed.kind, printed.job_id) == (job.kind, job.id):
                return execution
        return None

    def one(self, execution: str) -> Execution | None:
        """One execution with what it printed; None where there is none."""
        row = self.api.execution(execution)
        return None if row is None else executions.execution(self.api.source, row)

    def _listed(self, device: str) -> list[Execution]:
        rows = self.api.executions(self.workflow, device)
        listed = (executions.execution(self.api.source, row) for row in rows)
        return [
            execution
            for execution in listed
            if execution.workflow == str(self.workflow)
            and executions.same(execution.device, device)
        ]


def _age(execution: Execution) -> datetime:
    return execution.created or _LONG_AGO
