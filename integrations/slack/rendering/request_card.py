"""The card of a request: a picture of its state, whatever that is."""

from datetime import datetime

from core.domain.remediation import Request, RequestState, StepState, Verdict
from core.usecases.plan_mfa import undoable
from integrations.slack.rendering.blocks import (
    actions,
    button,
    confirm,
    context,
    fields,
    header,
    message,
    section,
)
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, Message
from integrations.slack.rendering.mrkdwn import (
    code,
    escape,
    listed,
    moment,
    plural,
)
from integrations.slack.rendering.request_words import (
    DIRECTION_WORDS,
    STATE_WORDS,
    at_vendor,
    exact_change_of,
    expired,
    target_lines,
    title,
    when_words,
)

SHOWN_TARGETS, SHOWN_SKIPPED = 15, 5


def card(request: Request, *, now: datetime, on_top: str | None = None) -> Message:
    """The card as the request now stands. `on_top` is a line for one reader."""
    plan = request.plan
    headline = f"{title(plan)} · {plan.client_name}"
    blocks: list[Block] = [section(on_top)] if on_top else []
    blocks += [header(headline), section(_state_line(request, now)), section(exact_change_of(plan))]
    blocks += _facts(request)
    blocks += _targets(request)
    blocks += [context(f"⚠️ {escape(words, 400)}") for words in _warnings(request)]
    blocks += _decisions(request)
    blocks.append(_footer(request))
    buttons = _buttons(request, now)
    if buttons:
        blocks.append(actions(*buttons))
    return message(f"{request.id}: {headline}. {_plain_state(request)}", blocks)


def decidable(request: Request, *, now: datetime) -> bool:
    """Whether there is something left to decide."""
    return request.state is RequestState.PENDING and not expired(request, now)


def _plain_state(request: Request) -> str:
    return STATE_WORDS[request.state].split(" ", 1)[1] + "."


def _state_line(request: Request, now: datetime) -> str:
    line = f"*{STATE_WORDS[request.state]}*"
    match request.state:
        case RequestState.PENDING:
            votes = f"{len(request.approvals)} of {request.approvals_needed}"
            needed = "approval" if request.approvals_needed == 1 else "approvals"
            line += f" · {votes} {needed} · expires {moment(request.expires_at)}"
            if expired(request, now):
                line += " (its time is over)"
        case RequestState.CANCELLING:
            line += f" · {at_vendor(request)}"
        case RequestState.RUNNING | RequestState.NEEDS_PERSON:
            line += f" · {_progress(request)}"
        case _ if request.started_at is not None:
            line += f" · {_progress(request)}"
    return f"{line}\n{escape(request.note, 600)}" if request.note else line


def _progress(request: Request) -> str:
    verified = request.count(StepState.VERIFIED)
    parts = [f"{verified} of {len(request.steps)} verified"]
    counted = {
        "not verified": request.count(StepState.NOT_VERIFIED),
        "failed": request.count(StepState.FAILED),
        "skipped": request.count(StepState.SKIPPED),
        "unknown": request.count(StepState.UNKNOWN),
    }
    return ", ".join(parts + [f"{count} {word}" for word, count in counted.items() if count])


def _facts(request: Request) -> list[Block]:
    pairs = [
        ("Asked by", escape(request.requester_name)),
        ("When", when_words(request)),
        ("Reason", escape(request.reason, 500)),
    ]
    if request.ticket:
        pairs.append(("Ticket", escape(request.ticket)))
    return [fields(*pairs)]


def _targets(request: Request) -> list[Block]:
    blocks = [section(listed(target_lines(request), SHOWN_TARGETS))]
    skipped = [
        f"⏭️ {code(item.name)} left out: {escape(item.reason, 200)}" for item in request.plan.skipped
    ]
    if skipped:
        blocks.append(context(listed(skipped, SHOWN_SKIPPED, what="more left out")))
    return blocks


def _warnings(request: Request) -> tuple[str, ...]:
    """Warnings matter until the work is over."""
    return () if request.state.final else request.plan.warnings


def _decisions(request: Request) -> list[Block]:
    lines = [
        f"{'👍' if d.verdict is Verdict.APPROVE else '🚫'} {escape(d.by_name)} "
        f"{'approved' if d.verdict is Verdict.APPROVE else 'denied'} {moment(d.at)}"
        + (f": {escape(d.reason, 500)}" if d.reason else "")
        for d in request.decisions
    ]
    return [section("\n".join(lines))] if lines else []


def _footer(request: Request) -> Block:
    plan = request.plan
    weight = plural(plan.weight, "point")
    return context(
        f"*{request.id}* · {DIRECTION_WORDS[plan.direction]} · weight {weight} · "
        f"plan {request.digest[:12]} · asked {moment(request.created_at)}"
    )


def _buttons(request: Request, now: datetime) -> list[dict[str, object]]:
    if decidable(request, now=now):
        return [_approve(request), _deny(request), _cancel(request, "Withdraw")]
    if request.state in (RequestState.APPROVED, RequestState.SCHEDULED, RequestState.RUNNING):
        return [_cancel(request, "Cancel")]
    if request.state is RequestState.NEEDS_PERSON:
        return [
            button("Settle…", Act.SETTLE, request.id, label=f"Settle request {request.id}"),
            _cancel(request, "Cancel"),
        ]
    if undoable(request):
        return [button("Undo…", Act.UNDO, request.id, label=f"Ask to undo {request.id}")]
    return []


def _approve(request: Request) -> dict[str, object]:
    plan = request.plan
    sure = confirm(
        "Approve?",
        f"{title(plan)} at {plan.client_name}. It starts {_start_words(request)}.",
        "Approve",
    )
    label = f"Approve request {request.id}"
    return button("Approve", Act.APPROVE, request.id, style="primary", confirm=sure, label=label)


def _start_words(request: Request) -> str:
    from_window = request.plan.options.when.value == "window"
    return "in the maintenance window" if from_window else "at once"


def _deny(request: Request) -> dict[str, object]:
    label = f"Deny request {request.id}"
    return button("Deny…", Act.DENY, request.id, style="danger", label=label)


def _cancel(request: Request, word: str) -> dict[str, object]:
    sure = confirm(
        f"{word} {request.id}?",
        "Nothing more is sent. What the vendor already has is followed to its end.",
        word,
    )
    return button(word, Act.CANCEL, request.id, confirm=sure, label=f"{word} request {request.id}")
