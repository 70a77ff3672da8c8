"""What requests, states and plans are called, in one place for cards, notices and lists."""

from collections.abc import Mapping
from datetime import datetime

from core.domain.identity import PolicyState
from core.domain.remediation import (
    Action,
    Decision,
    Direction,
    Plan,
    Request,
    RequestState,
    StepState,
    Verdict,
    When,
)
from core.domain.tenant_change import state_after
from core.rules.exemptions import day_words
from core.rules.local_times import local, local_span
from core.rules.notice_period import first_day
from core.rules.outcome import nothing_failed, tally
from integrations.slack.rendering.mrkdwn import clock_time, code, escape, in_a_row, moment, plural
from integrations.slack.rendering.tenant_words import (
    notice_words,
    tenant_change_words,
    tenant_title,
)

STATE_WORDS: Mapping[RequestState, str] = {
    RequestState.PENDING: "⏳ Waiting for approval",
    RequestState.APPROVED: "👍 Approved, about to start",
    RequestState.SCHEDULED: "🗓️ Approved, waiting for the maintenance window",
    RequestState.RUNNING: "🔄 Running",
    RequestState.CANCELLING: "🛑 Being cancelled",
    RequestState.NEEDS_PERSON: "🙋 Needs a person",
    RequestState.SUCCEEDED: "✅ Done and verified",
    RequestState.PARTIAL: "⚠️ Done in part",
    RequestState.FAILED: "❌ Failed: nothing is verified",
    RequestState.CANCELLED: "🛑 Cancelled before anything was sent",
    RequestState.DENIED: "🚫 Denied, nothing was done",
    RequestState.EXPIRED: "⌛ Expired, nothing was done",
    RequestState.WITHDRAWN: "↩️ Withdrawn, nothing was done",
    RequestState.SUPERSEDED: "⏭️ Not run, because things changed",
}

DIRECTION_WORDS: Mapping[Direction, str] = {
    Direction.RAISES: "raises protection",
    Direction.LOWERS: "⚠️ lowers protection",
    Direction.NEUTRAL: "changes nothing",
}

#: When what is approved begins that waits for nothing else.
_NOW = "now, unless Gatehouse is frozen"


def standing(state: RequestState, *, nothing_failed: bool) -> str:
    """A state with its sign; an end without a failure is not called one."""
    if state is RequestState.FAILED and nothing_failed:
        return "⚠️ Ended, but nothing is verified"
    return STATE_WORDS[state]


def standing_of(request: Request) -> str:
    """How a request stands, with its sign."""
    return standing(request.state, nothing_failed=nothing_failed(request))


def state_words(request: Request) -> str:
    """The same without its sign, for plain text."""
    return standing_of(request).split(" ", 1)[1]


def title(plan: Plan) -> str:
    """What a plan does, with how many."""
    return work(plan.action, len(plan.targets), state_after(plan.change))


def headline(request: Request) -> str:
    """What a request does, for whom; not escaped."""
    return f"{title(request.plan)} at {request.plan.client_name}"


def work(action: Action, count: int, policy_state: PolicyState | None = None) -> str:
    """An action on so many targets, or on one policy that is set to a state."""
    people, devices = plural(count, "person", "people"), plural(count, "device")
    match action:
        case Action.ENFORCE_MFA:
            return f"Enforce MFA for {people}"
        case Action.UNDO_ENFORCE_MFA:
            return f"Stop enforcing MFA for {people}"
        case Action.ENABLE_PER_USER:
            return f"Enable per-user MFA for {people}"
        case Action.UNDO_PER_USER:
            return f"Disable per-user MFA for {people}"
        case Action.EXEMPT_MFA:
            return f"Exempt {people} from MFA"
        case Action.END_EXEMPTION:
            return f"End the exemption of {people}"
        case Action.INSTALL_PATCHES:
            return f"Install approved updates on {devices}"
        case Action.SCAN_PATCHES:
            return f"Scan {devices} for updates"
        case Action.RESTART_DEVICES:
            return f"Restart {devices}"
        case _:
            return tenant_title(action, policy_state)


def exact_change_of(plan: Plan) -> str:
    """The exact change, escaped, with every option that was chosen."""
    group = f"*{escape(plan.group_name or plan.group or '')}*"
    rmm = escape(plan.vendor_name) if plan.vendor_name else f"The RMM account {code(plan.account)}"
    match plan.action:
        case Action.ENFORCE_MFA:
            what = f"They are added to the group {group}, whose members a policy asks for MFA."
            return f"{what}{_then(plan)}{notice_words(plan)}"
        case Action.UNDO_ENFORCE_MFA:
            return f"They are taken out of the group {group} again, where {plan.undo_of} put them."
        case Action.ENABLE_PER_USER:
            what = (
                "Their account itself is set to demand MFA: the tenant has no licence for policies."
            )
            return f"{what}{_then(plan)}{notice_words(plan)}"
        case Action.UNDO_PER_USER:
            return f"Per-user MFA is set back to disabled, where {plan.undo_of} enabled it."
        case Action.EXEMPT_MFA:
            last = plan.options.until
            until = f" to the end of *{day_words(last)}*" if last is not None else ""
            return f"Their MFA gaps are listed as exempt and not counted{until}."
        case Action.END_EXEMPTION:
            return f"What {plan.undo_of} exempted counts again as an MFA gap."
        case Action.INSTALL_PATCHES:
            install = f"{rmm} installs what is approved for them."
            return " ".join(filter(None, [install, _offline_words(plan), _ring_words(plan)]))
        case Action.SCAN_PATCHES:
            return f"{rmm} looks for missing updates; nothing is installed. {_offline_words(plan)}"
        case Action.RESTART_DEVICES:
            restart = f"{rmm} restarts them; whoever works there loses what is not saved."
            return " ".join(filter(None, [restart, _offline_words(plan), _ring_words(plan)]))
        case _:
            return tenant_change_words(plan)


def _then(plan: Plan) -> str:
    if plan.options.revoke_sessions:
        return " Then they are signed out everywhere."
    admins = plan.options.revoke_admins and any(target.is_admin for target in plan.targets)
    return " Then the administrators among them are signed out everywhere." if admins else ""


def _offline_words(plan: Plan) -> str:
    if plan.options.wait_for_offline:
        return "Devices that are offline are waited for, as long as the approval holds."
    return "Devices that are offline by then are left out."


def _ring_words(plan: Plan) -> str:
    """Which go first; empty where the plan is too small for that."""
    first, rest = len(plan.canaries), len(plan.targets) - len(plan.canaries)
    if not first:
        return ""
    one = first == 1
    who = f"*{plural(first, 'device')} {'goes' if one else 'go'} first*"
    others = f"the other {rest} follow{'s' if rest == 1 else ''}"
    return (
        f"{who}, and {others} once {'it has' if one else 'they have'} gone well. "
        "One that is offline by then gives its turn to the next."
    )


def among_them(plan: Plan) -> str:
    """What about the targets an approver should know at a glance; empty where there is nothing."""
    if plan.action.on_tenant and plan.action is not Action.END_NOTICE:
        return ""  # its one target is a setting; whom it meets is said in its warnings
    targets = plan.targets
    servers = sum(target.is_server for target in targets)
    admins = sum(target.is_admin for target in targets)
    offline = sum(not target.online for target in targets)
    unable = sum(not target.capable for target in targets)
    parts = [
        plural(servers, "server") if servers else "",
        plural(admins, "administrator") if admins else "",
        f"{offline} offline now" if offline else "",
        f"{unable} without a usable method" if unable else "",
    ]
    said = in_a_row([part for part in parts if part], 4)
    return f"*Among them: {said}.*" if said else ""


def when_words(request: Request) -> str:
    """When it runs or ran."""
    if request.started_at is not None:
        ended = f", ended {moment(request.ended_at)}" if request.ended_at is not None else ""
        return f"started {moment(request.started_at)}{ended}"
    if request.state.final:
        return "it never started"
    if request.window is not None:
        return opening_words(request, request.window)
    approved = request.state is RequestState.APPROVED
    if request.plan.options.when is When.WINDOW:
        return _NOW if approved else in_windows(request.plan)
    return at_once_words(request.plan, approved=approved)


def at_once_words(plan: Plan, *, approved: bool) -> str:
    """When a plan begins that waits for no window: with its approval, or the end of its notice."""
    day = first_day(plan)
    if day is not None:
        return f"when the notice ends, {moment(day)}"
    return _NOW if approved else "as soon as it is approved"


def in_windows(plan: Plan) -> str:
    """In which openings of the maintenance window a plan runs that is not approved yet."""
    first = _first_window(plan)
    more = plan.options.nights - 1
    if not more:
        return first
    return f"{first}, and where needed in the {'one' if more == 1 else more} after it"


def _first_window(plan: Plan) -> str:
    """With its date as it is now, which an approval in time keeps."""
    if plan.opening is None or plan.time_zone is None:
        return "in the first maintenance window after approval"
    span = local_span(*plan.opening, plan.time_zone)
    return f"in the maintenance window {escape(span)} if it is approved before that ends"


def opening_words(request: Request, window: tuple[datetime, datetime]) -> str:
    """The opening it was approved for, in the client's time and the reader's."""
    zone = request.plan.time_zone
    theirs = f"{moment(window[0])} to {clock_time(window[1])}"
    words = f"{escape(local_span(*window, zone))}, for you {theirs}" if zone else theirs
    last = request.valid_until
    if request.plan.options.nights > 1 and last is not None:
        words += f"; where needed until {escape(local(last, zone)) if zone else moment(last)}"
    return words


def progress(request: Request) -> str:
    """How many targets stand how."""
    return tally(request).sentence


def decision_line(decision: Decision) -> str:
    """Who decided what, when and why."""
    approved = decision.verdict is Verdict.APPROVE
    why = f": {escape(decision.reason, 500)}" if decision.reason else ""
    icon, word = ("👍", "approved") if approved else ("🚫", "denied")
    return f"{icon} {escape(decision.by_name)} {word} it {moment(decision.at)}{why}"


def at_vendor(request: Request) -> str:
    """What cancelling can no longer stop, counted in targets."""
    sent = (StepState.DISPATCHING, StepState.DISPATCHED, StepState.RUNNING)
    jobs = [job for job in request.jobs if job.state.at_vendor]
    there = {step.target for step in request.steps if step.state in sent}
    stoppable = len(there & {t for job in jobs if job.cancellable for t in job.targets})
    if not there:
        return "nothing is at the vendor any more"
    return (
        f"{len(there)} at the vendor already: {stoppable} can be stopped, "
        f"{len(there) - stoppable} cannot"
    )


def expired(request: Request, now: datetime) -> bool:
    return request.state is RequestState.PENDING and now >= request.expires_at
