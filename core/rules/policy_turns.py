"""A policy that is enabled in two calls: what became of the first decides about the second."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.domain.clients import ClientKey
from core.domain.findings import MfaSection, MfaVerdict
from core.domain.notice import OnNotice
from core.domain.remediation import Job, JobKind, Request, RequestId, Step, StepState
from core.domain.tenant_change import EnableInTurn, EndNotice, TenantPolicy
from core.rules.notice_period import day_words

STAY_OUT = "they stay among its exclusions"
_SEEN = (StepState.VERIFIED, StepState.NOT_VERIFIED)
_SENT = (StepState.DONE, *_SEEN)


def why_in_vain(request: Request) -> str | None:
    """Why the people on notice are not asked at its end: the policy was not enabled; None otherwise."""
    first = _first(request)
    if first is None or first.state not in (StepState.FAILED, StepState.SKIPPED):
        return None
    why = f": {first.reason}" if first.reason else ""
    return f"not sent, because the policy was not enabled{why}"


def why_waits(request: Request, job: Job) -> str | None:
    """Why the people on notice are not asked yet though their day has come; None where nothing is open."""
    first = _first(request)
    if first is None or job.kind is not JobKind.END_NOTICE or first.state in _SEEN:
        return None
    return "waits until it is seen what became of the policy"


def unsent(request: Request, job: Job, reason: str) -> str:
    """Why a call is never made, and what that leaves behind."""
    left = job.kind is JobKind.END_NOTICE and _rest(request) is not None
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


def still_left_out(requests: Iterable[Request], item: TenantPolicy) -> Mapping[str, RequestId]:
    """Account -> the request whose notice for it ended without the call that lets it in.

    `requests` have ended, the newest first: the last word on an account counts.
    """
    found: dict[str, RequestId | None] = {}
    for request in requests:
        rest = _rest(request)
        if rest is None or rest.policy_id != item.id:
            continue
        for target in request.plan.targets:
            if target.id != item.id:
                open_yet = request.step(target.id).state is not StepState.VERIFIED
                found.setdefault(target.id, request.id if open_yet else None)
    return {
        user: request
        for user, request in found.items()
        if request is not None and user in item.policy.exclude.users
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
    rest = _rest(request)
    if rest is None:
        return {}
    return {
        target.id: OnNotice(
            request=request.id,
            policy_id=rest.policy_id,
            policy_name=rest.name,
            until=target.not_before,
        )
        for target in request.plan.on_notice
        if target.not_before is not None and not request.step(target.id).state.final
    }


def _rest(request: Request) -> EndNotice | None:
    """The call that lets the people on notice in, where they are left out by now."""
    change = request.plan.change
    if isinstance(change, EndNotice):
        return change if request.started_at is not None else None
    first = _first(request)
    sent = first is not None and first.state in _SENT
    return change.rest if isinstance(change, EnableInTurn) and sent else None


def _first(request: Request) -> Step | None:
    if not isinstance(request.plan.change, EnableInTurn):
        return None
    return request.step(request.plan.targets[0].id)
