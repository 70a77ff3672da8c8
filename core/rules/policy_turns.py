"""A policy that is enabled in two calls: what became of the first decides about the second."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.domain.clients import ClientKey
from core.domain.findings import MfaSection, MfaVerdict
from core.domain.notice import OnNotice
from core.domain.remediation import Job, JobKind, Request, Step, StepState
from core.domain.tenant_change import EnableInTurn
from core.rules.notice_period import day_words

STAY_OUT = "they stay among its exclusions"
_SENT = (StepState.DONE, StepState.VERIFIED, StepState.NOT_VERIFIED)


def why_in_vain(request: Request) -> str | None:
    """Why the people on notice are not asked at its end: the policy was not enabled; None otherwise."""
    first = _first(request)
    if first is None or first.state not in (StepState.FAILED, StepState.SKIPPED):
        return None
    why = f": {first.reason}" if first.reason else ""
    return f"not sent, because the policy was not enabled{why}"


def unsent(request: Request, job: Job, reason: str) -> str:
    """Why a call is never made, and what that leaves behind."""
    first = _first(request)
    left = job.kind is JobKind.END_NOTICE and first is not None and first.state in _SENT
    return f"{reason}; {STAY_OUT}" if left else reason


def asks(request: Request) -> bool:
    """Whether a person has to say what became of the first call, however long the notice still is."""
    first = _first(request)
    return first is not None and first.state is StepState.UNKNOWN


def left_out_now(requests: Iterable[Request], client: ClientKey) -> Mapping[str, OnNotice]:
    """Account -> the notice for which a policy in force leaves it out at this moment."""
    return {
        user: notice
        for request in requests
        if request.plan.client == client
        for user, notice in _left_out(request).items()
    }


def with_notice(section: MfaSection, left_out: Mapping[str, OnNotice]) -> MfaSection:
    """The section with a mark on every account on notice; no fact of it is judged otherwise."""
    if not left_out:
        return section
    verdicts = tuple(_noticed(v, left_out.get(v.user_id)) for v in section.verdicts)
    return replace(section, verdicts=verdicts)


def _noticed(verdict: MfaVerdict, notice: OnNotice | None) -> MfaVerdict:
    if notice is None:
        return verdict
    return replace(verdict, notice=notice, why=(f"{_grounds(notice)}.", *verdict.why))


def _grounds(notice: OnNotice) -> str:
    return (
        f"On notice: {notice.request} leaves it out of {notice.policy_name} until "
        f"{day_words(notice.until)}, and it is asked for MFA from then on"
    )


def _left_out(request: Request) -> Mapping[str, OnNotice]:
    first, change = _first(request), request.plan.change
    if first is None or first.state not in _SENT or not isinstance(change, EnableInTurn):
        return {}
    return {
        target.id: OnNotice(
            request=request.id,
            policy_id=change.rest.policy_id,
            policy_name=change.rest.name,
            until=target.not_before,
        )
        for target in request.plan.on_notice
        if target.not_before is not None and not request.step(target.id).state.final
    }


def _first(request: Request) -> Step | None:
    if not isinstance(request.plan.change, EnableInTurn):
        return None
    return request.step(request.plan.targets[0].id)
