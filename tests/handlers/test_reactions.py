"""What a change to a request sets off: its card, its next pass, a new look at its client."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.clients import Client, ClientKey
from core.domain.remediation import Request, RequestId, RequestState
from core.ports import Freeze
from engine.executor import Executor
from handlers.reactions import Reactions
from tests.patience import PATIENCE_S
from tests.rendering import making as make
from tests.usecases.requests_made import START, HandClock, a_client

ACME, BETA = a_client(), a_client(key=ClientKey("beta"))
OPEN, OLD = make.request(RequestState.RUNNING), make.request(RequestState.FAILED)


class Kept:
    """The stored requests, and everything that was set off."""

    def __init__(self) -> None:
        self.shown: list[RequestId] = []
        self.passes: list[RequestId] = []
        self.scans: list[list[ClientKey]] = []
        self.since = START
        self.freeze: Freeze | None = None
        self.freezes: list[Freeze] = []

    def get(self, request_id: RequestId) -> Request | None:
        return replace(OPEN, id=request_id) if request_id != "GONE" else None

    def open(self) -> tuple[Request, ...]:
        return (OPEN,)

    def finished_since(self, since: Any) -> tuple[Request, ...]:
        self.since = since
        return (replace(OLD, id=RequestId("OLD")),)

    def show_request(self, request: Request) -> None:
        self.shown.append(request.id)

    def last(self) -> Freeze | None:
        return self.freeze

    def show_freeze(self, freeze: Freeze) -> None:
        self.freezes.append(freeze)

    def soon(self, request_id: RequestId) -> None:
        self.passes.append(request_id)

    def scan(self, clients: Sequence[Client]) -> None:
        self.scans.append([client.key for client in clients])


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def executor() -> Executor:
    return Executor()


@pytest.fixture
def reactions(kept: Kept, executor: Executor) -> Reactions:
    whole: Any = kept
    return Reactions(
        clients=[ACME, BETA], requests=whole, switch=whole, chat=whole, progress=whole, scans=whole,
        executor=executor, clock=HandClock(),
    )  # fmt: skip


def show(reactions: Reactions) -> None:
    reactions.cards.start()
    reactions.cards.stop(5)


def test_a_change_is_shown_and_an_approval_is_acted_on_at_once(
    reactions: Reactions, kept: Kept, executor: Executor
) -> None:
    approved = make.request(RequestState.APPROVED)
    reactions.changed(approved)
    show(reactions)
    assert executor.drain(PATIENCE_S)
    assert (kept.shown, kept.passes, kept.scans) == ([approved.id], [approved.id], [])


def test_when_work_has_ended_its_client_alone_is_read_anew(
    reactions: Reactions, kept: Kept, executor: Executor
) -> None:
    ended = make.request(RequestState.SUCCEEDED)
    plan = replace(ended.plan, client=BETA.key)
    reactions.changed(replace(ended, plan=plan, started_at=START))
    reactions.changed(replace(make.request(RequestState.DENIED), plan=plan, started_at=None))
    assert executor.drain(PATIENCE_S)
    assert (kept.scans, kept.passes) == ([[BETA.key]], [])


def test_after_a_start_open_requests_and_those_of_the_last_day_are_shown(
    reactions: Reactions, kept: Kept
) -> None:
    reactions.show_all()
    reactions.cards.touch("GONE", urgent=False)
    show(reactions)
    assert kept.shown == [OPEN.id, "OLD"]
    assert kept.since == HandClock().now() - timedelta(days=1)


OLDER = timedelta(days=1, minutes=1)
STANDS = Freeze(at=START - timedelta(days=9), by=None, by_name="the command line", why="odd")


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (None, False),
        (STANDS, True),
        (replace(STANDS, ended_at=START - timedelta(hours=2)), True),
        (replace(STANDS, ended_at=START - OLDER), False),
    ],
)
def test_after_a_start_a_freeze_is_announced_that_stands_or_ended_of_late(
    reactions: Reactions, kept: Kept, last: Freeze | None, told: bool
) -> None:
    kept.freeze = last
    reactions.show_all()
    show(reactions)
    assert kept.freezes == ([last] if told else [])


def test_a_turn_of_the_switch_is_announced(reactions: Reactions, kept: Kept) -> None:
    kept.freeze = STANDS
    reactions.turned()
    show(reactions)
    assert kept.freezes == [STANDS]
