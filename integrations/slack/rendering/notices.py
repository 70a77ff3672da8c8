"""Direct messages and thread posts about a request."""

from datetime import datetime

from core.domain.exemptions import Reminder
from core.domain.remediation import Request, RequestState
from core.ports import Post
from core.rules.exemptions import day_words
from core.rules.notice_period import first_day
from core.rules.notices import NoticeKind
from integrations.slack.rendering.blocks import context, message, section
from integrations.slack.rendering.message import Block, Message
from integrations.slack.rendering.mrkdwn import (
    bold,
    code,
    escape,
    in_a_row,
    listed,
    moment,
    plural,
)
from integrations.slack.rendering.request_card import approvers_copy
from integrations.slack.rendering.request_words import (
    decision_line,
    headline,
    opening_words,
    progress,
    standing_of,
    state_words,
)
from integrations.slack.rendering.targets import left_out_text, outcome_text

ON_THE_CARD = "The card in the approval channel shows how it goes."
WHO_SETTLES = "An approver who did not ask for it settles it on the card in the approval channel."


SHOWN_EXEMPTIONS = 10


def notice(request: Request, kind: NoticeKind, *, now: datetime, frozen: bool = False) -> Message:
    """The message of one kind about a request; `frozen`: nothing starts for now."""
    match kind:
        case NoticeKind.APPROVAL_WANTED if request.state is RequestState.PENDING:
            return approvers_copy(request, now=now)
        case NoticeKind.APPROVAL_WANTED:
            return _after_the_decision(request)
        case NoticeKind.STARTED:
            return _said(request, "started", ["🔄 Started. The card above shows how it goes."])
        case NoticeKind.ENDED | NoticeKind.FINISHED:
            return _ended(request)
        case NoticeKind.DECIDED:
            return _decided(request, frozen=frozen)
        case NoticeKind.CLOSED:
            return _said(request, state_words(request), _state(request))
        case NoticeKind.NEEDS_PERSON:
            return _said(request, "needs a person", _state(request), foot=WHO_SETTLES)
        case NoticeKind.REST_STOPPED:
            why = f"🛑 *The rest is {escape(request.stopped, 600)}*"
            return _said(request, "the rest is stopped", [why], foot=ON_THE_CARD)


def reminder(due: Reminder) -> Message:
    """Exemptions that somebody wanted end soon, and what can be done about it."""
    first = due.exemptions[0]
    what = f"{plural(len(due.exemptions), 'MFA exemption')} at {due.client_name}"
    last = day_words(first.until)
    names = listed([f"• {code(item.name)}" for item in due.exemptions], SHOWN_EXEMPTIONS)
    line = f"⏰ *{escape(what)} hold to the end of {last}*, then they count as gaps again."
    body = section(f"{line}\n{names}\n{escape(first.reason, 500)} ({first.request})")
    foot = "To prolong: `/mfa exempt`. To close the gap instead: `/mfa enforce`."
    return message(f"{what} end after {last}", [body, context(foot)])


def lost_post(post: Post) -> Message:
    """For an owner: nobody can tell whether a message arrived."""
    what, where = _what_was_posted(post.key), _where(post.channel)
    rest = (
        "The connection to Slack broke while it was sent, and Gatehouse may not read what was said "
        "there. Please look. It is not posted again; /gatehouse status lists the open requests."
    )
    return message(
        f"Did {what} arrive? {rest}", [section(f"❔ *Did {escape(what)} arrive{where}?*\n{rest}")]
    )


def _after_the_decision(request: Request) -> Message:
    """Says the decision, and once more the end; never the progress, so that it is edited twice at most."""
    if request.state.final:
        return _said(request, state_words(request), [*_state(request), *_decisions(request)])
    return _said(request, "decided", _decisions(request), foot=ON_THE_CARD)


def _decided(request: Request, *, frozen: bool) -> Message:
    if request.state is RequestState.DENIED:
        return _said(request, "denied", _decisions(request))
    names = in_a_row([escape(decision.by_name) for decision in request.approvals], 5)
    return _said(request, "approved", [f"👍 {names} approved it. {_start(request, frozen=frozen)}"])


def _start(request: Request, *, frozen: bool) -> str:
    day = first_day(request.plan)
    if day is not None:
        return f"It starts when the notice ends, {moment(day)}."
    if request.window is None:
        return f"It starts {'once Gatehouse is unfrozen' if frozen else 'at once'}."
    return f"It runs {opening_words(request, request.window)}."


def _ended(request: Request) -> Message:
    left_out = left_out_text(request.plan)
    lines = [*_state(request), outcome_text(request), *([left_out] if left_out else [])]
    return _said(request, f"{state_words(request)} ({progress(request)})", lines)


def _state(request: Request) -> list[str]:
    line = f"*{standing_of(request)}*"
    if request.started_at is not None:
        line += f" · {progress(request)}"
    return [line, escape(request.note, 600)] if request.note else [line]


def _decisions(request: Request) -> list[str]:
    return [decision_line(decision) for decision in request.decisions]


def _said(request: Request, news: str, lines: list[str], *, foot: str = "") -> Message:
    """`news` is what a phone shows behind the request's number."""
    what, news = headline(request), news[:1].lower() + news[1:]
    body: list[Block] = [section("\n".join([bold(f"{request.id}: {what}", 200), *lines]))]
    return message(f"{request.id}: {news}. {what}", [*body, context(foot)] if foot else body)


def _what_was_posted(key: str) -> str:
    """An outbox key in words."""
    subject, _, rest = key.partition(":")
    if subject == "digest":
        channel, _, day = rest.rpartition(":")
        return f"the digest of {day} for #{channel}"
    if subject == "freeze":
        return "a message about a freeze"
    kinds = {"card": "the card", "thread": "a note in the thread", "ask": "an approver's message"}
    return f"{kinds.get(rest.partition(':')[0], 'a direct message')} of {subject}"


def _where(channel: str) -> str:
    """Direct channels have no name that could be shown."""
    return f" in <#{channel}>" if channel.startswith(("C", "G")) and channel.isalnum() else ""
