"""Carry out what was approved about exemptions, in Gatehouse's own books: the account "gatehouse"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.exemptions import Exemption
from core.domain.remediation import (
    Action,
    Job,
    JobKind,
    JobState,
    Plan,
    Request,
    RequestId,
    StepState,
)
from core.errors import VendorRefused
from core.ports import Clock, Evidence, Exemptions, Recheck, Report, Requests, Truth
from core.rules.exemptions import day_at, day_words
from core.usecases.decide_request import find

SOURCE = "Gatehouse"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExemptionKeeper:
    """An Effector whose source is the table of exemptions, so it always knows what was carried out."""

    exemptions: Exemptions
    requests: Requests
    clock: Clock

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        until, today = plan.options.until, day_at(client, self.clock.now())
        if until is not None and until < today:
            return Recheck(gone=dict.fromkeys(targets, "its last day is over already"))
        if plan.action is not Action.END_EXEMPTION:
            return Recheck(gone=self._longer(client, until, targets))
        held = self._granted_by(client, plan.undo_of)
        return Recheck(gone={t: "no longer exempt" for t in targets if t not in held})

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:  # noqa: ARG002 - the table says it all
        return {}

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        request = find(self.requests, request_id)
        if job.kind is JobKind.EXEMPT:
            granted = [self._exemption(client, request, target) for target in job.targets]
            self.exemptions.grant(granted, actor=request.requester)
        else:
            self.exemptions.end(
                client.key,
                job.targets,
                granted_by=_ended(request.plan),
                actor=request.requester,
            )
        return self.follow(client, job)

    def follow(self, client: Client, job: Job) -> Report:  # noqa: ARG002 - it is done when it is kept
        """What stands on record for a job is this request's doing, whichever process kept it."""
        results = tuple(
            StepResult(target=target, state=StepState.DONE, changed=True) for target in job.targets
        )
        return Report(state=JobState.DONE, results=results)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        if plan.action is Action.EXEMPT_MFA:
            return tuple(self._verified(client, plan, target) for target in job.targets)
        held = self._granted_by(client, plan.undo_of)
        return tuple(
            _result(target, so=target not in held, reason="counts again") for target in job.targets
        )

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        plan = find(self.requests, request_id).plan
        exempts = job.kind is JobKind.EXEMPT
        held = self._granted_by(client, request_id if exempts else plan.undo_of)
        sent = all((target in held) is exempts for target in job.targets)
        return Evidence(truth=Truth.SENT if sent else Truth.NOT_SENT, detail="It is on record.")

    def _verified(self, client: Client, plan: Plan, target: str) -> StepResult:
        kept = next((e for e in self.exemptions.of(client.key) if e.user_id == target), None)
        so = kept is not None and kept.until == plan.options.until
        until = day_words(kept.until) if kept is not None else ""
        return _result(target, so=so, reason=f"exempt to the end of {until}")

    def _longer(self, client: Client, until: date | None, targets: Sequence[str]) -> dict[str, str]:
        """Whom another request has exempted for as long or longer since: none is ever shortened."""
        kept = {item.user_id: item.until for item in self.exemptions.of(client.key)}
        return {
            target: f"exempt to the end of {day_words(kept[target])} already"
            for target in targets
            if until is not None and target in kept and kept[target] >= until
        }

    def _granted_by(self, client: Client, request_id: RequestId | None) -> frozenset[str]:
        kept = self.exemptions.of(client.key)
        return frozenset(item.user_id for item in kept if item.request == request_id)

    def _exemption(self, client: Client, request: Request, target: str) -> Exemption:
        until = request.plan.options.until
        if until is None:
            raise VendorRefused(SOURCE, f"{request.id} names no last day.")
        return Exemption(
            client=client.key,
            user_id=target,
            name=request.plan.target(target).name,
            reason=request.reason,
            until=until,
            since=self.clock.now(),
            request=request.id,
            asked_by=request.requester,
            asked_by_name=request.requester_name,
            approved_by=tuple(decision.by for decision in request.approvals),
            approved_by_names=tuple(decision.by_name for decision in request.approvals),
        )


def _ended(plan: Plan) -> RequestId:
    if plan.undo_of is None:
        raise VendorRefused(SOURCE, "The plan names no exemption to end.")
    return plan.undo_of


def _result(target: str, *, so: bool, reason: str) -> StepResult:
    state = StepState.VERIFIED if so else StepState.NOT_VERIFIED
    return StepResult(
        target=target, state=state, reason=reason if so else "the record shows otherwise"
    )
