"""Direct messages and thread posts about a request."""

from datetime import datetime

from core.domain.remediation import Request, RequestState
from core.ports import Post
from core.rules.notices import NoticeKind
from integrations.slack.rendering.blocks import message, section
from integrations.slack.rendering.message import Message
from integrations.slack.rendering.mrkdwn import escape, listed
from integrations.slack.rendering.request_card import card
from integrations.slack.rendering.request_words import STATE_WORDS, target_lines, title

SHOWN_TARGETS = 20


def notice(request: Request, kind: NoticeKind, *, now: datetime) -> Message:
    """The message of one kind about a request."""
    match kind:
        case NoticeKind.APPROVAL_WANTED:
            wanted = request.state is RequestState.PENDING
            on_top = f"{escape(request.requester_name)} asks for your decision." if wanted else None
            return card(request, now=now, on_top=on_top)
        case NoticeKind.STARTED:
            return _said(request, "Started. This thread and the card above tell how it goes.")
        case NoticeKind.ENDED | NoticeKind.FINISHED:
            return _ended(request)
        case NoticeKind.DECIDED:
            return _said(request, _decision_words(request))
        case NoticeKind.CLOSED:
            return _said(request, f"{STATE_WORDS[request.state]}. {escape(request.note, 600)}")
        case NoticeKind.NEEDS_PERSON:
            return _said(request, f"🙋 It needs a person. {escape(request.note, 600)}")


def lost_post(post: Post) -> Message:
    """For an owner: nobody can tell whether a message arrived."""
    sentence = (
        f"It is unknown whether the message {post.key} arrived in {post.channel}: the connection broke, "
        "and Gatehouse may not read that channel's history. It is not posted again by itself; please look."
    )
    return message(sentence, [section(f"❔ {escape(sentence, 600)}")])


def _decision_words(request: Request) -> str:
    last = request.decisions[-1]
    who = escape(last.by_name)
    if request.state is RequestState.DENIED:
        return f"🚫 {who} denied it: {escape(last.reason, 600)}"
    later = " It runs in the maintenance window." if request.window is not None else " It runs now."
    return f"👍 {who} approved it.{later}"


def _ended(request: Request) -> Message:
    lines = listed(target_lines(request), SHOWN_TARGETS)
    return _said(request, f"*{STATE_WORDS[request.state]}*\n{lines}")


def _said(request: Request, words: str) -> Message:
    plan = request.plan
    what = f"{request.id}: {title(plan)} at {plan.client_name}"
    return message(what, [section(f"*{escape(what, 200)}*\n{words}")])
