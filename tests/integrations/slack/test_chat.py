"""Cards, direct messages, answers and files, as people in the workspace get them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.people import People, Person, PersonKey
from core.domain.remediation import Request, RequestState, Step, StepState
from core.errors import Refused, VendorBusy, VendorDown
from core.ports import Freeze
from integrations.slack.inbound import Inbound
from integrations.slack.rendering.home import stranger
from sandbox.slack.hooks import Hook
from tests.integrations.slack.rig import (
    APPROVALS,
    CLIENT_CHANNEL,
    DEVON,
    MAYA,
    TESS,
    Rig,
    a_message,
    staff,
    with_user,
)
from tests.rendering import making as make

GUEST = "U0GUEST001"


def request(rig: Rig, state: RequestState = RequestState.PENDING, **changes: Any) -> Request:
    now = rig.sandbox.world.clock.now()
    facts = {"created_at": now, "expires_at": now + timedelta(hours=1)}
    return make.request(state, **(facts | changes))


def texts(messages: list[Any]) -> list[str]:
    return [message.text for message in messages]


# The switch.


def test_a_freeze_and_its_end_are_told_in_the_approval_channel_once_each(rig: Rig) -> None:
    frozen = Freeze(at=rig.sandbox.world.clock.now(), by=None, by_name="Tess", why="<!channel>")
    asked = replace(frozen, unfreeze_by=PersonKey("maya"), unfreeze_name="Maya")
    ended = replace(asked, ended_name="Devon", ended_at=frozen.at)
    for step in (frozen, frozen, asked, asked, ended, ended):
        rig.chat.show_freeze(step)
    card, note, over = rig.posted(APPROVALS)
    assert "Gatehouse was frozen" in card.text
    assert "<!channel>" not in str(card.blocks)
    assert "Maya has agreed to unfreeze" in note.text
    assert over.text == "Gatehouse acts again: Maya and Devon agreed to unfreeze."


def test_a_freeze_is_told_once_more_where_it_is_unknown_whether_that_arrived(rig: Rig) -> None:
    frozen = Freeze(at=rig.sandbox.world.clock.now(), by=None, by_name="Tess", why="odd")
    rig.fault("chat.postMessage", "drop_before", count=1)
    for _ in range(2):
        rig.chat.show_freeze(frozen)
    [told] = rig.posted(APPROVALS)
    assert told.text == "Gatehouse is frozen by Tess: odd"


def test_whoever_asked_is_not_told_that_it_starts_at_once_while_a_freeze_stands(rig: Rig) -> None:
    rig.chat.show_request(request(rig, RequestState.APPROVED))
    frozen = Freeze(at=rig.sandbox.world.clock.now(), by=None, by_name="Tess", why="odd")
    rig.store.switch.set(frozen, actor="tess")
    rig.chat.show_request(request(rig, RequestState.APPROVED, id="R00002"))
    before, during = (str(message.blocks) for message in rig.direct(TESS))
    assert "It starts at once." in before
    assert "It starts once Gatehouse is unfrozen." in during


# Cards.


def test_a_request_is_shown_in_the_approval_channel_and_to_every_approver_but_the_requester(
    rig: Rig,
) -> None:
    rig.chat.show_request(request(rig))
    assert len(rig.posted(APPROVALS)) == 1
    assert len(rig.direct(MAYA)) == 1
    assert len(rig.direct(DEVON)) == 1
    assert rig.direct(TESS) == []


def test_showing_a_request_again_changes_nothing(rig: Rig) -> None:
    same = request(rig)
    for _ in range(3):
        rig.chat.show_request(same)
    assert rig.calls("chat.postMessage") == 3
    assert rig.calls("chat.update") == 0


def test_a_decision_reaches_the_card_the_approvers_copies_and_the_requester(rig: Rig) -> None:
    rig.chat.show_request(request(rig))
    rig.chat.show_request(request(rig, RequestState.DENIED))
    for shown in (rig.posted(APPROVALS)[0], rig.direct(MAYA)[0], rig.direct(DEVON)[0]):
        assert "Denied" in str(shown.blocks)
        assert "approve" not in [
            e["action_id"] for b in shown.blocks if b["type"] == "actions" for e in b["elements"]
        ]
    assert texts(rig.direct(TESS)) == [
        "R4K7QX: denied. Install approved updates on 2 devices at Acme Dental"
    ]


def life(rig: Rig, ticks: int) -> list[Request]:
    """A request from asking to its end, with so many steps of progress."""
    plan = make.plan(*(make.target(f"WS-{n:02}") for n in range(ticks)))
    done = [
        replace(
            request(rig, RequestState.RUNNING, of=plan),
            steps=tuple(
                Step(target=t.id, state=StepState.VERIFIED if n <= tick else StepState.RUNNING)
                for n, t in enumerate(plan.targets)
            ),
        )
        for tick in range(ticks)
    ]
    return [
        request(rig, of=plan),
        request(rig, RequestState.APPROVED, of=plan),
        *done,
        request(rig, RequestState.SUCCEEDED, of=plan),
    ]


def test_progress_edits_the_card_only_and_asks_slack_about_nobody(rig: Rig) -> None:
    asked, approved, *running, ended = life(rig, 8)
    rig.chat.show_request(asked)
    rig.chat.show_request(approved)
    rig.chat.show_request(running[0])
    before = (
        rig.calls("users.info"),
        rig.calls("conversations.info"),
        rig.calls("chat.postMessage"),
    )
    edits = rig.calls("chat.update")
    for step in running[1:]:
        rig.chat.show_request(step)
    assert rig.calls("chat.update") - edits == 7
    after = (
        rig.calls("users.info"),
        rig.calls("conversations.info"),
        rig.calls("chat.postMessage"),
    )
    assert after == before
    rig.chat.show_request(ended)
    assert "Done and verified" in rig.posted(APPROVALS)[0].text


def test_an_approvers_copy_is_edited_twice_in_the_life_of_a_request(rig: Rig) -> None:
    for step in life(rig, 6):
        rig.chat.show_request(step)
    cards = 1 + 6 + 1  # approved, progress, ended
    assert rig.calls("chat.update") == cards + 2 * 2


def test_only_progress_waits_for_its_turn(rig: Rig) -> None:
    for step in (
        request(rig),
        request(rig, RequestState.APPROVED),
        request(rig, RequestState.NEEDS_PERSON),
    ):
        rig.chat.show_request(step)
    assert rig.time.slept == []


def test_after_a_restart_a_finished_request_costs_nothing(rig: Rig) -> None:
    steps = life(rig, 3)
    for step in steps:
        rig.chat.show_request(step)
    rig.restart()
    edits, posts = rig.calls("chat.update"), rig.calls("chat.postMessage")
    rig.chat.show_request(steps[-1])
    assert (rig.calls("chat.update"), rig.calls("chat.postMessage")) == (edits, posts)


def test_the_thread_tells_of_start_and_end(rig: Rig) -> None:
    for state in (
        RequestState.PENDING,
        RequestState.APPROVED,
        RequestState.RUNNING,
        RequestState.PARTIAL,
    ):
        rig.chat.show_request(request(rig, state))
    card, *thread = rig.posted(APPROVALS)
    assert [message.thread_ts for message in thread] == [card.ts] * 2
    assert "started" in thread[0].text
    assert "done in part" in thread[1].text


def test_nobody_is_asked_for_a_decision_on_what_is_decided(rig: Rig) -> None:
    rig.chat.show_request(request(rig, RequestState.APPROVED))
    assert rig.direct(MAYA) == []


def test_approvers_are_asked_though_the_approval_channel_is_out_of_reach(rig: Rig) -> None:
    lost = Rig(rig.sandbox, approval_channel="no-such-channel")
    with pytest.raises(Refused, match="/invite @Gatehouse"):
        lost.chat.show_request(request(lost))
    assert len(lost.direct(MAYA)) == 1
    assert len(lost.direct(DEVON)) == 1


def test_one_approver_out_of_reach_keeps_nobody_else_from_being_asked(rig: Rig) -> None:
    with with_user(rig.sandbox, MAYA, deleted=True):
        rig.chat.show_request(request(rig))
    assert rig.direct(MAYA) == []
    assert len(rig.direct(DEVON)) == 1


def test_an_approver_with_a_guest_account_gets_no_card(rig: Rig) -> None:
    people = People(tuple(_with_account(p, GUEST) if p.key == "maya" else p for p in staff()))
    Rig(rig.sandbox, people=people).chat.show_request(request(rig))
    assert rig.direct(GUEST) == []


def _with_account(person: Person, user_id: str) -> Person:
    return replace(person, chat_ids=frozenset({user_id}))


def test_what_slack_could_not_take_now_is_raised_so_that_it_is_tried_again(rig: Rig) -> None:
    rig.chat.show_request(request(rig))
    rig.fault("chat.postMessage", "status", status=429, retry_after=600)
    with pytest.raises(VendorBusy):
        rig.chat.show_request(request(rig, RequestState.DENIED))
    rig.sandbox.world.faults.remove()
    rig.chat.show_request(request(rig, RequestState.DENIED))
    assert len(rig.direct(TESS)) == 1


# Digests.


def test_a_digest_is_posted_once_per_channel_and_day(rig: Rig) -> None:
    digest = make.digest(channel="acme-dental")
    assert rig.chat.post_digest(digest) is True
    rig.restart()
    assert rig.chat.post_digest(digest) is True
    assert len(rig.posted(CLIENT_CHANNEL)) == 1


def test_a_digest_of_unknown_fate_is_said_to_be_so(rig: Rig) -> None:
    rig.fault("chat.postMessage", "drop_after", count=1)
    assert rig.chat.post_digest(make.digest(channel="acme-dental")) is False
    assert "Did the digest of 2026-11-23 for #acme-dental arrive?" in rig.direct(MAYA)[0].text


def test_a_digest_never_goes_where_another_company_reads(rig: Rig) -> None:
    with pytest.raises(Refused, match="shared with another company"):
        rig.chat.post_digest(make.digest(channel="client-shared"))
    assert rig.posted("C0SHARED01") == []


# Answers.


def inbound(
    rig: Rig,
    *,
    channel: str | None = CLIENT_CHANNEL,
    url: bool = True,
    message_ts: str | None = None,
) -> Inbound:
    hook = Hook(
        user=TESS, channel=CLIENT_CHANNEL, made_at=rig.sandbox.slack.now, message_ts=message_ts
    )
    made = rig.sandbox.slack.hooks.make("commands", hook) if url else None
    return Inbound(
        kind="command", user_id=TESS, team_id=None, channel_id=channel, response_url=made
    )


def ephemeral(rig: Rig, channel: str = CLIENT_CHANNEL) -> list[Any]:
    return [
        m
        for m in rig.sandbox.slack.workspace.channels[channel].messages.values()
        if m.seen_by == TESS
    ]


def test_an_answer_is_seen_by_the_asker_only(rig: Rig) -> None:
    rig.chat.answer(inbound(rig), a_message("the list"))
    assert texts(ephemeral(rig)) == ["the list"]
    assert rig.posted(CLIENT_CHANNEL) == []


def test_an_answer_may_take_the_place_of_the_one_clicked_in(rig: Rig) -> None:
    rig.chat.answer(inbound(rig), a_message("page 1"))
    clicked = inbound(rig, message_ts=ephemeral(rig)[0].ts)
    rig.chat.answer(clicked, a_message("page 2"), replace=True)
    assert texts(ephemeral(rig)) == ["page 2"]


def test_an_answer_whose_url_is_worn_out_is_given_in_the_channel(rig: Rig) -> None:
    late = inbound(rig)
    rig.sandbox.world.clock.advance(31 * 60)
    rig.chat.answer(late, a_message("the list"))
    assert texts(ephemeral(rig)) == ["the list"]


def test_an_answer_goes_to_direct_messages_where_the_channel_cannot_be_written_to(rig: Rig) -> None:
    rig.chat.answer(inbound(rig, channel="C0GENERAL1", url=False), a_message("the list"))
    assert texts(rig.direct(TESS)) == ["the list"]


@pytest.mark.parametrize("channel", [None, "D0SOMEONES"])
def test_an_answer_without_a_channel_of_ours_goes_to_direct_messages(
    rig: Rig, channel: str | None
) -> None:
    rig.chat.answer(inbound(rig, channel=channel, url=False), a_message("the list"))
    assert texts(rig.direct(TESS)) == ["the list"]


def test_a_file_comes_with_its_comment_as_plain_words(rig: Rig) -> None:
    rig.chat.send_file(TESS, "mfa-acme.csv", b"a,b\r\n", comment="<!channel>, as of today")
    [sent] = rig.direct(TESS)
    assert sent.text == "&lt;!channel&gt;, as of today"
    assert sent.files[0].name == "mfa-acme.csv"


def test_the_home_tab_is_published_for_one_person(rig: Rig) -> None:
    rig.chat.publish_home(TESS, stranger("Not on the list."))
    assert rig.calls("views.publish") == 1


def test_an_identity_is_read_anew_for_every_question(rig: Rig) -> None:
    assert not rig.chat.who(TESS).guest
    with with_user(rig.sandbox, TESS, guest=True):
        assert rig.chat.who(TESS).guest
    rig.fault("users.info", "drop_before")
    with pytest.raises(VendorDown):
        rig.chat.who(TESS)
