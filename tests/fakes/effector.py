"""A vendor whose answers a test sets: what it was sent is in `sent`, and nothing is sent twice unseen."""

from collections.abc import Callable, Mapping, Sequence

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import DeviceId, DeviceKind, DevicePreview
from core.domain.remediation import Job, JobKind, JobState, Plan, RequestId, StepState
from core.ports import Evidence, Recheck, Report, Truth


class FakeEffector:
    """Steer it by its attributes. By default every call is accepted, runs, ends and is verified."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, ...]] = []
        self.kinds: list[JobKind] = []
        self.rechecks: list[Recheck] = []
        self.dispatch_errors: list[Exception] = []
        #: The answer to every call, instead of "accepted".
        self.report: Report | None = None
        self.reports: list[Report] = []
        self.evidence = Evidence(truth=Truth.UNKNOWN, detail="nobody can tell")
        self.verified: Mapping[str, StepResult] = {}
        #: Targets that cannot be read back, and why.
        self.unreadable: Mapping[str, Exception] = {}
        self.asked_back: list[tuple[str, ...]] = []
        #: Devices that are not online now, or of which it is not known; how often somebody looked.
        self.online: Mapping[str, Fact] = {}
        self.looks = 0
        self.look_errors: list[Exception] = []
        #: What happens elsewhere while the source is read, and while a call is under way.
        self.while_rechecking: list[Callable[[], object]] = []
        self.while_sending: list[Callable[[], object]] = []

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        if self.while_rechecking:
            self.while_rechecking.pop(0)()
        return self.rechecks.pop(0) if self.rechecks else Recheck()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        self.looks += 1
        if self.look_errors:
            raise self.look_errors.pop(0)
        return {
            item: DevicePreview(
                device_id=item,
                name=item,
                kind=DeviceKind.SERVER,
                online=self.online.get(item, Fact.YES),
            )
            for item in devices
        }

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        return {"newest": "41"}

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        self.sent.append(job.targets)
        self.kinds.append(job.kind)
        if self.while_sending:
            self.while_sending.pop(0)()
        if self.dispatch_errors:
            raise self.dispatch_errors.pop(0)
        return self.report or Report(state=JobState.DISPATCHED, reference=f"ref-{len(self.sent)}")

    def follow(self, client: Client, job: Job) -> Report:
        return self.reports.pop(0) if self.reports else Report(state=JobState.DONE)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        self.asked_back.append(job.targets)
        for target in job.targets:
            if target in self.unreadable:
                raise self.unreadable[target]
        return tuple(
            self.verified.get(target, StepResult(target=target, state=StepState.VERIFIED))
            for target in job.targets
        )

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        return self.evidence
