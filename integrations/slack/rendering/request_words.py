"""What requests, states and targets are called, in one place for cards, notices and lists."""

from collections.abc import Mapping
from datetime import datetime

from core.domain.remediation import (
    Action,
    Direction,
    Job,
    Plan,
    Request,
    RequestState,
    Step,
    StepState,
    When,
)
from integrations.slack.rendering.mrkdwn import code, escape, moment, plural

STATE_WORDS: Mapping[RequestState, str] = {
    RequestState.PENDING: "⏳ Waiting for approval",
    RequestState.APPROVED: "👍 Approved, starting",
    RequestState.SCHEDULED: "🗓️ Approved, waiting for the maintenance window",
    RequestState.RUNNING: "🔄 Running",
    RequestState.CANCELLING: "🛑 Being cancelled",
    RequestState.NEEDS_PERSON: "🙋 Needs a person",
    RequestState.SUCCEEDED: "✅ Done and verified",
    RequestState.PARTIAL: "⚠️ Done in part",
    RequestState.FAILED: "❌ Failed",
    RequestState.CANCELLED: "🛑 Cancelled",
    RequestState.DENIED: "🚫 Denied",
    RequestState.EXPIRED: "⌛ Expired",
    RequestState.WITHDRAWN: "↩️ Withdrawn",
    RequestState.SUPERSEDED: "⏭️ Superseded",
}

STEP_WORDS: Mapping[StepState, tuple[str, str]] = {
    StepState.PLANNED: ("▫️", "not started"),
    StepState.WAITING: ("⏸️", "waiting"),
    StepState.DISPATCHING: ("📤", "being sent"),
    StepState.DISPATCHED: ("📤", "accepted, not begun"),
    StepState.RUNNING: ("🔄", "running"),
    StepState.DONE: ("🔎", "carried out, being verified"),
    StepState.VERIFIED: ("✅", "verified"),
    StepState.NOT_VERIFIED: ("⚠️", "not verified"),
    StepState.FAILED: ("❌", "failed"),
    StepState.SKIPPED: ("⏭️", "skipped"),
    StepState.UNKNOWN: ("❔", "unknown"),
}

DIRECTION_WORDS: Mapping[Direction, str] = {
    Direction.RAISES: "raises protection",
    Direction.LOWERS: "⚠️ lowers protection",
    Direction.NEUTRAL: "changes nothing",
}


def title(plan: Plan) -> str:
    """What a plan does, with how many."""
    return work(plan.action, len(plan.targets))


def work(action: Action, count: int) -> str:
    """An action on so many targets."""
    people, devices = plural(count, "person", "people"), plural(count, "device")
    match action:
        case Action.ENFORCE_MFA:
            return f"Enforce MFA for {people}"
        case Action.UNDO_ENFORCE_MFA:
            return f"Stop enforcing MFA for {people}"
        case Action.INSTALL_PATCHES:
            return f"Install approved updates on {devices}"
        case Action.SCAN_PATCHES:
            return f"Scan {devices} for updates"


def exact_change_of(plan: Plan) -> str:
    """The exact change in one sentence, escaped."""
    group = escape(plan.group_name or plan.group or "")
    match plan.action:
        case Action.ENFORCE_MFA:
            sign_out = ", then sign them out everywhere" if plan.options.revoke_sessions else ""
            return f"Add them to the group *{group}*, which a policy in force covers{sign_out}."
        case Action.UNDO_ENFORCE_MFA:
            return f"Take out of the group *{group}* whom {plan.undo_of} put in."
        case Action.INSTALL_PATCHES:
            return f"Let {code(plan.account)} install what is approved for them."
        case Action.SCAN_PATCHES:
            return f"Let {code(plan.account)} look for missing updates on them."


def when_words(request: Request) -> str:
    """When it runs or ran."""
    if request.window is not None:
        opens, closes = request.window
        return f"{moment(opens)} to {moment(closes)}"
    if request.plan.options.when is When.WINDOW:
        return "in the next maintenance window"
    return "as soon as it is approved"


def target_lines(request: Request) -> list[str]:
    """One line per target: what was true before, or how it stands."""
    started = request.started_at is not None or request.state.final
    return [
        _step_line(request, step) if started else _plan_line(request.plan, step.target)
        for step in request.steps
    ]


def plan_lines(plan: Plan) -> list[str]:
    """One line per target, before any work."""
    return [_plan_line(plan, target.id) for target in plan.targets]


def _plan_line(plan: Plan, target_id: str) -> str:
    target = plan.target(target_id)
    marks = [
        "server" if target.is_server else "",
        "admin" if target.is_admin else "",
        "" if target.online else "offline now",
        "" if target.capable else "no usable method yet",
    ]
    count = target.before.get("to install")
    marks.append(plural(int(count), "update") + " today" if count is not None else "")
    said = ", ".join(filter(None, marks))
    return f"• {code(target.name)}{' (' + said + ')' if said else ''}"


def _step_line(request: Request, step: Step) -> str:
    icon, word = STEP_WORDS[step.state]
    reason = f": {escape(step.reason, 300)}" if step.reason else ""
    return f"{icon} {code(request.plan.target(step.target).name)} {word}{reason}"


def at_vendor(request: Request) -> str:
    """What cancelling can no longer stop."""
    jobs: list[Job] = [job for job in request.jobs if job.state.at_vendor]
    stoppable = sum(job.cancellable for job in jobs)
    return f"{len(jobs)} at the vendor: {stoppable} cancellable, {len(jobs) - stoppable} not"


def expired(request: Request, now: datetime) -> bool:
    return request.state is RequestState.PENDING and now >= request.expires_at
