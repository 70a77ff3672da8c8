"""Direct messages and thread posts: who is told what, and how often a message changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.remediation import Options, Request, RequestState, Step, StepState, When
from core.ports import Post, PostState
from core.rules.notices import NoticeKind
from integrations.slack.rendering.notices import lost_post, notice
from tests.rendering import making as make
from tests.rendering.making import NOW


def copy(request: Request) -> object:
    return notice(request, NoticeKind.APPROVAL_WANTED, now=NOW)


def test_an_approver_gets_the_whole_card_with_approve_and_deny_only() -> None:
    wanted = notice(make.request(), NoticeKind.APPROVAL_WANTED, now=NOW)
    assert make.buttons(wanted) == ["approve", "deny"]
    assert "Tess Morgan asks for your decision." in make.words(wanted)
    assert "Overdue since October." in make.words(wanted)


def test_an_approvers_copy_changes_at_most_twice_after_the_decision() -> None:
    """Edits are a budget of the whole workspace: progress does not spend it on every approver."""
    plan = make.plan(*(make.target(name) for name in "ABC"))
    steps = [
        tuple(Step(target=t.id, state=state) for t in plan.targets)
        for state in (StepState.PLANNED, StepState.DISPATCHED, StepState.RUNNING, StepState.DONE)
    ]
    approved = make.request(RequestState.APPROVED, plan)
    life = [
        approved,
        *(replace(make.request(RequestState.RUNNING, plan), steps=some) for some in steps),
        make.request(RequestState.NEEDS_PERSON, plan, note="Look at it."),
        make.request(RequestState.RUNNING, plan, note="Settled by Maya."),
        make.request(RequestState.CANCELLING, plan, note="Tess cancelled it."),
        make.request(RequestState.PARTIAL, plan, note="Tess cancelled it."),
    ]
    faces = [copy(request) for request in life]
    assert len({repr(face) for face in faces}) == 2
    assert all(face == faces[0] for face in faces[:-1])


def test_an_approvers_copy_has_no_buttons_once_it_is_decided() -> None:
    for state in set(RequestState) - {RequestState.PENDING}:
        shown = notice(make.request(state), NoticeKind.APPROVAL_WANTED, now=NOW)
        assert make.buttons(shown) == []


def test_an_approvers_copy_says_who_decided_and_later_how_it_ended() -> None:
    decided = notice(make.request(RequestState.RUNNING), NoticeKind.APPROVAL_WANTED, now=NOW)
    assert "👍 Maya approved it" in make.words(decided)
    ended = notice(make.request(RequestState.PARTIAL), NoticeKind.APPROVAL_WANTED, now=NOW)
    assert "Done in part* · 1 verified, 1 failed" in make.words(ended)
    denied = notice(make.request(RequestState.DENIED), NoticeKind.APPROVAL_WANTED, now=NOW)
    assert "Maya denied it" in make.words(denied)
    assert "Wrong weekend." in make.words(denied)


def test_an_expired_copy_offers_no_decision_even_before_the_state_says_so() -> None:
    late = notice(make.request(), NoticeKind.APPROVAL_WANTED, now=NOW + timedelta(hours=2))
    assert make.buttons(late) == []


def test_the_requester_learns_who_approved_and_when_it_runs() -> None:
    now = notice(make.request(RequestState.APPROVED), NoticeKind.DECIDED, now=NOW)
    assert "Maya approved it. It starts at once." in make.words(now)
    later = make.request(RequestState.SCHEDULED, make.plan(options=Options(when=When.WINDOW)))
    assert "It runs <!date^" in make.words(notice(later, NoticeKind.DECIDED, now=NOW))
    both = make.request(RequestState.APPROVED, decisions=(make.approval(), make.approval("devon")))
    assert "Maya and Devon approved it." in make.words(notice(both, NoticeKind.DECIDED, now=NOW))


def test_a_denial_comes_with_its_reason() -> None:
    denied = notice(make.request(RequestState.DENIED), NoticeKind.DECIDED, now=NOW)
    assert "Maya denied it" in make.words(denied)
    assert "Wrong weekend." in make.words(denied)
    assert denied.text.startswith("R4K7QX: denied.")


def test_the_end_is_told_in_the_notification_with_its_numbers() -> None:
    ended = notice(make.request(RequestState.PARTIAL), NoticeKind.FINISHED, now=NOW)
    assert ended.text == (
        "R4K7QX: done in part (1 verified, 1 failed). "
        "Install approved updates on 2 devices at Acme Dental"
    )
    assert "❌ *1 failed*: `SRV-02`" in make.words(ended)


def test_approvers_learn_that_the_rest_is_stopped_and_by_which_device() -> None:
    why = "stopped, because 1 of the 1 that went first did not go well: WS-1 (<!channel>)"
    told = notice(make.request(RequestState.RUNNING, stopped=why), NoticeKind.REST_STOPPED, now=NOW)
    assert told.text.startswith("R4K7QX: the rest is stopped.")
    assert "WS-1 (&lt;!channel&gt;)" in make.words(told)


def test_a_request_that_closed_by_itself_says_why() -> None:
    note = "Nobody decided within 60 minutes."
    closed = notice(make.request(RequestState.EXPIRED, note=note), NoticeKind.CLOSED, now=NOW)
    assert note in make.words(closed)
    assert "nothing was done" in closed.text


def test_whoever_asked_learns_that_somebody_else_has_to_settle_it() -> None:
    request = make.request(RequestState.NEEDS_PERSON, note="1 target is unknown.")
    words = make.words(notice(request, NoticeKind.NEEDS_PERSON, now=NOW))
    assert "1 target is unknown." in words
    assert "An approver who did not ask for it settles it" in words


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("R4K7QX:card", "Did the card of R4K7QX arrive"),
        ("R4K7QX:ask:maya", "Did an approver's message of R4K7QX arrive"),
        ("R4K7QX:thread:ended", "Did a note in the thread of R4K7QX arrive"),
        ("R4K7QX:finished", "Did a direct message of R4K7QX arrive"),
        ("digest:acme-dental:2026-11-23", "Did the digest of 2026-11-23 for #acme-dental arrive"),
    ],
)
def test_a_post_of_unknown_fate_is_named_in_words(key: str, words: str) -> None:
    lost = lost_post(Post(key=key, state=PostState.UNKNOWN, channel="C0CLIENT001", at=NOW))
    assert words in make.words(lost)
    assert "in <#C0CLIENT001>?" in make.words(lost)
    assert "It is not posted again" in lost.text


def test_a_direct_channel_is_not_named_by_its_id() -> None:
    lost = lost_post(Post(key="R1:finished", state=PostState.UNKNOWN, channel="D0123", at=NOW))
    assert "D0123" not in make.words(lost)
