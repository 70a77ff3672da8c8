"""The effector of an account at an RMM whose API starts nothing: whatever it is asked to do, it refuses in words."""

from collections.abc import Mapping, Sequence

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.remediation import Job, Plan, RequestId
from core.errors import VendorRefused
from core.ports import Evidence, Recheck, Report


class ReadOnly:
    """Satisfies core.ports.Effector for an account without capabilities to act, which nobody asks anything."""

    vendor_name: str

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        raise self._refusal()

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        raise self._refusal()

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        raise self._refusal()

    def follow(self, client: Client, job: Job) -> Report:
        raise self._refusal()

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        raise self._refusal()

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        raise self._refusal()

    def _refusal(self) -> VendorRefused:
        return VendorRefused(self.vendor_name, "Its API can scan and install nothing.")
