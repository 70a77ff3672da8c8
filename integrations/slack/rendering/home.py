"""The app's Home tab: waiting for me, mine, done."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.people import Person
from core.domain.remediation import Request
from core.ports import Freeze
from integrations.slack.rendering.blocks import (
    actions,
    button,
    context,
    divider,
    header,
    section,
)
from integrations.slack.rendering.guide import WORDS
from integrations.slack.rendering.ids import Act, Command
from integrations.slack.rendering.message import Block, ListView, View
from integrations.slack.rendering.mrkdwn import escape, listed, moment
from integrations.slack.rendering.request_words import title
from integrations.slack.rendering.status import frozen_blocks, request_line

SHOWN = 10


def home(
    *,
    person: Person,
    waiting: Sequence[Request],
    mine: Sequence[Request],
    done: Sequence[Request],
    frozen: Freeze | None,
    now: datetime,
) -> View:
    """What concerns one person now."""
    blocks: list[Block] = [
        *frozen_blocks(frozen),
        header("Waiting for you"),
        *_waiting(waiting),
        divider(),
        header("Asked by you"),
        section(listed([request_line(r) for r in mine], SHOWN) or "Nothing is open."),
        divider(),
        header("Ended in the last seven days"),
        section(listed([request_line(r) for r in done], SHOWN) or "Nothing."),
        divider(),
        actions(
            button("MFA gaps", Act.MFA_LIST, ListView().encode()),
            button("Overdue patches", Act.PATCH_LIST, ListView().encode()),
        ),
        context(f"{escape(person.name)} · {_examples()} · as of {moment(now)}"),
    ]
    return {"type": "home", "blocks": blocks}


def stranger(sentence: str) -> View:
    """For whoever Gatehouse does not know."""
    return {"type": "home", "blocks": [section(f"⚠️ {escape(sentence, 500)}")]}


def _waiting(requests: Sequence[Request]) -> list[Block]:
    if not requests:
        return [section("Nothing waits for your decision.")]
    blocks: list[Block] = []
    for request in requests[:SHOWN]:
        what = escape(f"{title(request.plan)} at {request.plan.client_name}", 150)
        why = escape(request.reason, 200)
        who = escape(request.requester_name)
        blocks += [
            section(f"*{request.id}* {what}\n{who}: {why}\nexpires {moment(request.expires_at)}"),
            actions(
                button("Approve", Act.APPROVE, request.id, style="primary"),
                button("Deny…", Act.DENY, request.id, style="danger"),
            ),
        ]
    if len(requests) > SHOWN:
        blocks.append(context(f"and {len(requests) - SHOWN} more: /gatehouse status"))
    return blocks


def _examples() -> str:
    return " · ".join(f"`{WORDS[command][0][0]}`" for command in Command)
