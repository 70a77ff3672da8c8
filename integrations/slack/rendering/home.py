"""The app's Home tab: waiting for me, mine, done."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.people import Person
from core.domain.remediation import Direction, Request
from core.ports import Freeze
from integrations.slack.rendering.blocks import (
    actions,
    button,
    context,
    divider,
    header,
    section,
)
from integrations.slack.rendering.freezes import frozen_blocks
from integrations.slack.rendering.guide import WORDS
from integrations.slack.rendering.ids import Act, Command
from integrations.slack.rendering.message import Block, ListView, View
from integrations.slack.rendering.mrkdwn import escape, listed, moment
from integrations.slack.rendering.request_card import LOWERS, decision_buttons
from integrations.slack.rendering.request_words import (
    among_them,
    exact_change_of,
    headline,
    when_words,
)
from integrations.slack.rendering.status import request_line
from integrations.slack.rendering.targets import plan_text

SHOWN = 10
ROOM_FOR_TARGETS = 1_000


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
        header("Waiting for your decision"),
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
        return [section("Nothing.")]
    blocks: list[Block] = []
    for request in requests[:SHOWN]:
        blocks += [section(_asked(request)), *_warnings(request), _buttons(request)]
    if len(requests) > SHOWN:
        blocks.append(context(f"and {len(requests) - SHOWN} more: `/gatehouse status`"))
    return blocks


def _asked(request: Request) -> str:
    """As much as it takes to decide: the whole change, every target there is room for."""
    plan = request.plan
    lines = [
        f"*{request.id}* {escape(headline(request), 150)}",
        LOWERS if plan.direction is Direction.LOWERS else "",
        exact_change_of(plan),
        among_them(plan),
        plan_text(plan, ROOM_FOR_TARGETS),
        f"When: {when_words(request)}",
        f"{escape(request.requester_name)}: {escape(request.reason, 300)}",
        f"expires {moment(request.expires_at)}",
    ]
    return "\n".join(line for line in lines if line)


def _warnings(request: Request) -> list[Block]:
    words = [f"• {escape(warning, 400)}" for warning in request.plan.warnings]
    return [context("\n".join(words))] if words else []


def _buttons(request: Request) -> Block:
    return actions(*decision_buttons(request))


def _examples() -> str:
    return " · ".join(f"`{WORDS[command][0][0]}`" for command in Command)
