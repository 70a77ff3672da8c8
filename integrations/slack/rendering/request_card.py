"""The card of a request: a picture of its state, whatever that is."""

from datetime import datetime

from core.domain.remediation import Action, Direction, Request, RequestState, When
from core.rules.local_times import local
from core.rules.notice_period import day_words, first_day
from core.usecases.plan_mfa import undoable
from core.usecases.undo_tenant import tenant_undoable
from integrations.slack.rendering.blocks import (
    Element,
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
from integrations.slack.rendering.mrkdwn import code, escape, listed, moment
from integrations.slack.rendering.request_words import (
    DIRECTION_WORDS,
    among_them,
    at_vendor,
    decision_line,
    exact_change_of,
    expired,
    headline,
    progress,
    standing_of,
    state_words,
    title,
    when_words,
)
from integrations.slack.rendering.targets import left_out_text, targets_text

SHOWN_DECISIONS = 5
LOWERS = "⚠️ *This lowers protection.*"


def card(request: Request, *, now: datetime) -> Message:
    """The card as the request now stands, for everybody in the approval channel."""
    return message(_in_one_line(request), [*_blocks(request, now), *_buttons(request, now)])


def approvers_copy(request: Request, *, now: datetime) -> Message:
    """The card of a request that waits, for one approver; taking it back is not theirs to do."""
    asked = f"{escape(request.requester_name)} asks for your decision."
    buttons = [actions(*decision_buttons(request))] if decidable(request, now=now) else []
    return message(_in_one_line(request), [section(asked), *_blocks(request, now), *buttons])


def decidable(request: Request, *, now: datetime) -> bool:
    """Whether there is something left to decide."""
    return request.state is RequestState.PENDING and not expired(request, now)


def decision_buttons(request: Request) -> list[Element]:
    """Approve and Deny."""
    approve = button(
        "Approve",
        Act.APPROVE,
        request.id,
        style="primary",
        confirm=confirm("Approve?", _what_follows(request), "Approve"),
        label=f"Approve request {request.id}",
    )
    label = f"Deny request {request.id}"
    return [approve, button("Deny…", Act.DENY, request.id, style="danger", label=label)]


def _in_one_line(request: Request) -> str:
    return f"{request.id}: {headline(request)}. {state_words(request)}."


# From top to bottom.


def _blocks(request: Request, now: datetime) -> list[Block]:
    """Before it runs, what is asked comes first; from then on, what became of it."""
    plan = request.plan
    asked = [_change(request), _facts(request)]
    targets = section(targets_text(request))
    return [
        header(f"{title(plan)} · {plan.client_name}"),
        section(_state_line(request, now)),
        *([*asked, targets] if request.started_at is None else [targets, *asked]),
        *_left_out(request),
        *_warnings(request),
        *_decisions(request),
        _footer(request),
    ]


def _state_line(request: Request, now: datetime) -> str:
    line = f"*{standing_of(request)}*"
    match request.state:
        case RequestState.PENDING if expired(request, now):
            line = "*⌛ Nobody decided in time*"
        case RequestState.PENDING:
            needed = request.approvals_needed
            votes = f"{len(request.approvals)} of {needed} approval{'s' if needed > 1 else ''}"
            line += f" · {votes} · expires {moment(request.expires_at)}"
        case RequestState.APPROVED if request.valid_until is not None:
            line += f" · expires {moment(request.valid_until)} if it cannot"
        case RequestState.CANCELLING:
            line += f" · {at_vendor(request)}"
        case _ if request.started_at is not None:
            line += f" · {progress(request)}"
    return f"{line}\n{escape(request.note, 600)}" if request.note else line


def _change(request: Request) -> Block:
    plan = request.plan
    lowers = LOWERS if plan.direction is Direction.LOWERS else ""
    return section("\n".join(filter(None, [lowers, exact_change_of(plan), among_them(plan)])))


def _facts(request: Request) -> Block:
    pairs = [
        ("Reason", escape(request.reason, 500)),
        ("Asked by", escape(request.requester_name)),
        ("When", when_words(request)),
    ]
    if request.ticket:
        pairs.append(("Ticket", escape(request.ticket)))
    return fields(*pairs)


def _left_out(request: Request) -> list[Block]:
    text = left_out_text(request.plan)
    return [context(text)] if text else []


def _warnings(request: Request) -> list[Block]:
    """To be read before deciding, to be remembered until the work is over."""
    words = [escape(warning, 400) for warning in request.plan.warnings]
    if not words or request.state.final:
        return []
    if request.state is RequestState.PENDING:
        return [section("\n".join(["*Before you approve*", *(f"• {word}" for word in words)]))]
    return [context("\n".join(f"• {word}" for word in words))]


def _decisions(request: Request) -> list[Block]:
    lines = [decision_line(decision) for decision in request.decisions]
    return [section(listed(lines, SHOWN_DECISIONS))] if lines else []


def _footer(request: Request) -> Block:
    return context(
        f"*{request.id}* · {DIRECTION_WORDS[request.plan.direction]} · "
        f"asked {moment(request.created_at)} · plan {code(request.digest[:12])}"
    )


# What can be done now.


def _buttons(request: Request, now: datetime) -> list[Block]:
    elements = _elements(request, now)
    return [actions(*elements)] if elements else []


def _elements(request: Request, now: datetime) -> list[Element]:
    if decidable(request, now=now):
        return [*decision_buttons(request), _withdraw(request)]
    if request.state in (RequestState.APPROVED, RequestState.SCHEDULED, RequestState.RUNNING):
        return [_cancel(request)]
    if request.state is RequestState.NEEDS_PERSON:
        label = f"Settle request {request.id}"
        return [button("Settle…", Act.SETTLE, request.id, label=label), _cancel(request)]
    if undoable(request) or tenant_undoable(request):
        text = "End early…" if request.plan.action is Action.EXEMPT_MFA else "Undo…"
        return [button(text, Act.UNDO, request.id, label=f"Ask to undo {request.id}")]
    return []


def _what_follows(request: Request) -> str:
    lowers = "It lowers protection. " if request.plan.direction is Direction.LOWERS else ""
    missing = request.approvals_needed - len(request.approvals) - 1
    if missing > 0:
        then = f"After yours, {missing} more approval{'s are' if missing > 1 else ' is'} needed."
    elif request.plan.options.when is When.WINDOW:
        then = f"It starts in the next maintenance window{_opening(request)}."
    elif (day := first_day(request.plan)) is not None:
        then = f"It starts when the notice ends, {day_words(day)}."
    else:
        then = "It starts at once, unless Gatehouse is frozen."
    return f"{headline(request)}. {lowers}{then}"


def _opening(request: Request) -> str:
    """Its day, where it is known; in plain text."""
    plan = request.plan
    if plan.opening is None or plan.time_zone is None:
        return ""
    return f", {local(plan.opening[0], plan.time_zone)}, if that is not over by then"


def _withdraw(request: Request) -> Element:
    sure = confirm(f"Withdraw {request.id}?", "Nothing has been done yet.", "Withdraw")
    label = f"Withdraw request {request.id}"
    return button("Withdraw", Act.CANCEL, request.id, confirm=sure, label=label)


def _cancel(request: Request) -> Element:
    words = (
        "Nothing has been sent yet, and nothing will be."
        if request.started_at is None
        else "Nothing more is sent. What the vendor already has is followed to its end."
    )
    sure = confirm(f"Cancel {request.id}?", words, "Cancel it")
    label = f"Cancel request {request.id}"
    return button("Cancel…", Act.CANCEL, request.id, confirm=sure, label=label)
