"""Posts are made once, edits only where something changed, and within the workspace's budget."""

import threading
from dataclasses import replace

import pytest

from core.errors import VendorBusy, VendorDown
from core.ports import MessageRef, PostState
from integrations.slack.posting import METADATA, ON_ITS_WAY
from integrations.slack.web import TRIES, SlackRefused
from tests.integrations.slack.rig import APPROVALS, CLIENT_CHANNEL, MAYA, Rig, a_message


def test_a_post_is_made_once_however_often_it_is_asked_for(rig: Rig) -> None:
    first = rig.poster.once("R1:card", APPROVALS, a_message())
    assert first is not None
    assert rig.poster.once("R1:card", APPROVALS, a_message()) == first
    rig.restart()
    assert rig.poster.once("R1:card", APPROVALS, a_message("other words")) == first
    assert [m.text for m in rig.posted(APPROVALS)] == ["hello"]


def test_a_post_carries_its_key_and_nothing_else_in_its_metadata(rig: Rig) -> None:
    rig.poster.once("R1:card", APPROVALS, a_message())
    [posted] = rig.posted(APPROVALS)
    assert posted.metadata == {"event_type": METADATA, "event_payload": {"id": "R1:card"}}


def test_two_threads_that_post_the_same_post_one_message(rig: Rig) -> None:
    rig.fault("chat.postMessage", "latency", seconds=0.3)
    places: list[MessageRef | None] = []

    def post() -> None:
        places.append(rig.poster.once("R1:card", CLIENT_CHANNEL, a_message()))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(places) == 4
    assert len(set(places)) == 1
    assert len(rig.posted(CLIENT_CHANNEL)) == 1


# An answer that never came.


def test_a_lost_answer_is_looked_up_where_history_may_be_read(rig: Rig) -> None:
    rig.fault("chat.postMessage", "drop_after", count=1)
    place = rig.poster.once("R1:card", APPROVALS, a_message())
    [posted] = rig.posted(APPROVALS)
    assert place == MessageRef(channel=APPROVALS, ts=posted.ts)
    assert rig.poster.once("R1:card", APPROVALS, a_message()) == place
    assert len(rig.posted(APPROVALS)) == 1
    assert rig.lost == []


def test_a_lost_answer_in_a_thread_is_looked_up_in_the_thread(rig: Rig) -> None:
    card = rig.poster.once("R1:card", APPROVALS, a_message())
    rig.fault("chat.postMessage", "drop_after", count=1)
    note = rig.poster.once("R1:thread:started", APPROVALS, a_message("Started."), thread=card)
    assert note is not None
    assert note != card
    assert [m.text for m in rig.posted(APPROVALS)] == ["hello", "Started."]


def test_a_lost_answer_in_direct_messages_is_looked_up_there(rig: Rig) -> None:
    direct = rig.workspace.direct_channel(MAYA)
    rig.fault("chat.postMessage", "drop_after", count=1)
    place = rig.poster.once("R1:ask:maya", direct, a_message())
    assert [m.ts for m in rig.direct(MAYA)] == [place.ts if place else None]


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "truncate", "garbage", "html"])
def test_where_history_may_not_be_read_an_unknown_post_stays_unknown(rig: Rig, kind: str) -> None:
    rig.fault("chat.postMessage", kind, count=1)
    assert rig.poster.once("digest:acme:2026-11-23", CLIENT_CHANNEL, a_message()) is None
    rig.restart()
    assert rig.poster.once("digest:acme:2026-11-23", CLIENT_CHANNEL, a_message()) is None
    assert len(rig.posted(CLIENT_CHANNEL)) == (0 if kind == "drop_before" else 1)
    assert [post.key for post in rig.lost] == ["digest:acme:2026-11-23"]


def test_a_post_that_is_not_there_yet_is_not_sent_again_by_whoever_sent_it(rig: Rig) -> None:
    """It may still be on its way: a message that comes twice cannot be taken back."""
    rig.fault("chat.postMessage", "drop_before", count=1)
    assert rig.poster.once("R1:card", APPROVALS, a_message()) is None
    assert rig.poster.once("R1:card", APPROVALS, a_message()) is None
    assert rig.calls("chat.postMessage") == 2  # the lost one, and the owner's notice
    assert rig.posted(APPROVALS) == []


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_what_cannot_be_looked_up_while_slack_is_down_is_settled_once_it_is_back(
    rig: Rig, kind: str
) -> None:
    rig.fault("chat.postMessage", kind, count=1)
    rig.fault("conversations.history", "status", status=503, count=TRIES)
    with pytest.raises(VendorDown):
        rig.poster.once("R1:card", APPROVALS, a_message())
    rig.sandbox.world.clock.advance(ON_ITS_WAY.total_seconds())
    place = rig.poster.once("R1:card", APPROVALS, a_message())
    assert [m.ts for m in rig.posted(APPROVALS)] == [place.ts if place else None]
    assert rig.lost == []


def test_what_may_still_be_on_its_way_is_not_sent_again_once_slack_is_back(rig: Rig) -> None:
    rig.fault("chat.postMessage", "drop_before", count=1)
    rig.fault("conversations.history", "status", status=503, count=TRIES)
    with pytest.raises(VendorDown):
        rig.poster.once("R1:card", APPROVALS, a_message())
    with pytest.raises(VendorBusy, match="may still carry out the call for R1:card"):
        rig.poster.once("R1:card", APPROVALS, a_message())
    assert rig.calls("chat.postMessage") == 1


@pytest.mark.parametrize("looks_up", [0, TRIES])
def test_what_slack_turned_away_in_an_outage_is_posted_as_soon_as_it_is_back(
    rig: Rig, looks_up: int
) -> None:
    rig.fault("chat.postMessage", "status", status=503, count=1)
    if looks_up:
        rig.fault("conversations.history", "status", status=503, count=looks_up)
        with pytest.raises(VendorDown):
            rig.poster.once("R1:card", APPROVALS, a_message())
    with pytest.raises(VendorDown):
        rig.poster.once("R1:card", APPROVALS, a_message())
    place = rig.poster.once("R1:card", APPROVALS, a_message())
    assert [m.ts for m in rig.posted(APPROVALS)] == [place.ts if place else None]
    assert rig.lost == []


def test_what_a_gateway_gave_up_on_may_still_be_on_its_way(rig: Rig) -> None:
    rig.fault("chat.postMessage", "status", status=504, count=1)
    rig.fault("conversations.history", "status", status=503, count=TRIES)
    with pytest.raises(VendorDown):
        rig.poster.once("R1:card", APPROVALS, a_message())
    with pytest.raises(VendorBusy, match="may still carry out the call for R1:card"):
        rig.poster.once("R1:card", APPROVALS, a_message())
    assert rig.posted(APPROVALS) == []


def test_owners_are_told_once_about_a_post_of_unknown_fate(rig: Rig) -> None:
    rig.fault("chat.postMessage", "drop_before", count=1)
    for _ in range(3):
        rig.poster.once("digest:acme:2026-11-23", CLIENT_CHANNEL, a_message())
    rig.restart()
    rig.poster.once("digest:acme:2026-11-23", CLIENT_CHANNEL, a_message())
    [told] = rig.direct(MAYA)
    assert "Did the digest of 2026-11-23 for #acme arrive?" in told.text


def test_owners_are_not_told_that_they_may_not_have_been_told(rig: Rig) -> None:
    rig.fault("chat.postMessage", "drop_before")
    assert rig.poster.once("digest:acme:2026-11-23", CLIENT_CHANNEL, a_message()) is None
    digest = "digest:acme:2026-11-23"
    assert {post.key for post in rig.lost} == {digest, f"lost:{digest}:maya"}


# A process that died while posting.


def cut_off(rig: Rig, channel: str, *, arrived: bool) -> None:
    """As if an earlier process had died between the intent and the outcome."""
    rig.poster.once("R1:card", channel, a_message())
    if not arrived:
        rig.sandbox.slack.workspace.channels[channel].messages.clear()
    post = rig.store.kept.posts["R1:card"]
    rig.store.kept.posts["R1:card"] = replace(post, state=PostState.SENDING, ref=None, face="")
    rig.restart()


def test_after_a_crash_a_post_that_arrived_is_found_and_not_made_again(rig: Rig) -> None:
    cut_off(rig, APPROVALS, arrived=True)
    place = rig.poster.once("R1:card", APPROVALS, a_message())
    assert [m.ts for m in rig.posted(APPROVALS)] == [place.ts if place else None]


def test_after_a_crash_a_card_that_arrived_is_brought_to_how_things_stand_by_now(rig: Rig) -> None:
    cut_off(rig, APPROVALS, arrived=True)
    rig.poster.show("R1:card", APPROVALS, a_message("Approved."))
    assert [m.text for m in rig.posted(APPROVALS)] == ["Approved."]


def test_after_a_crash_a_post_that_did_not_arrive_is_made(rig: Rig) -> None:
    cut_off(rig, APPROVALS, arrived=False)
    assert rig.poster.once("R1:card", APPROVALS, a_message()) is not None
    assert len(rig.posted(APPROVALS)) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_crash_nothing_is_posted_blindly(rig: Rig, arrived: bool) -> None:
    cut_off(rig, CLIENT_CHANNEL, arrived=arrived)
    assert rig.poster.once("R1:card", CLIENT_CHANNEL, a_message()) is None
    assert len(rig.posted(CLIENT_CHANNEL)) == arrived
    assert [post.key for post in rig.lost] == ["R1:card"]


# What was surely not carried out.


def test_a_refused_post_may_be_made_later(rig: Rig) -> None:
    with pytest.raises(SlackRefused, match="Gatehouse is not in that channel"):
        rig.poster.once("R1:card", "C0GENERAL1", a_message())
    assert rig.poster.once("R1:card", APPROVALS, a_message()) is not None
    assert rig.lost == []


def test_a_post_that_slack_turned_away_is_made_after_the_wait_it_asked_for(rig: Rig) -> None:
    rig.fault("chat.postMessage", "status", status=429, retry_after=7, count=1)
    assert rig.poster.once("R1:card", APPROVALS, a_message()) is not None
    assert rig.time.slept == [7.0]
    assert len(rig.posted(APPROVALS)) == 1


def test_a_long_wait_is_left_to_whoever_asks_again(rig: Rig) -> None:
    rig.fault("chat.postMessage", "status", status=429, retry_after=300, count=1)
    with pytest.raises(VendorBusy):
        rig.poster.once("R1:card", APPROVALS, a_message())
    assert rig.time.slept == []
    assert rig.poster.once("R1:card", APPROVALS, a_message()) is not None


def test_a_post_that_never_left_may_be_made_later(rig: Rig) -> None:
    reachable = rig.web._client.base_url
    rig.web._client.base_url = "https://localhost:1/api/"
    with pytest.raises(VendorDown):
        rig.poster.once("R1:card", CLIENT_CHANNEL, a_message())
    rig.web._client.base_url = reachable
    assert rig.poster.once("R1:card", CLIENT_CHANNEL, a_message()) is not None
    assert rig.lost == []


# Editing.


def test_a_message_is_edited_only_where_it_would_look_different(rig: Rig) -> None:
    place = rig.poster.show("R1:card", APPROVALS, a_message("one"))
    assert rig.poster.show("R1:card", APPROVALS, a_message("one")) == place
    assert rig.calls("chat.update") == 0
    assert rig.poster.show("R1:card", APPROVALS, a_message("two")) == place
    assert rig.calls("chat.update") == 1
    assert [m.text for m in rig.posted(APPROVALS)] == ["two"]


def test_after_a_restart_nothing_is_edited_that_still_looks_right(rig: Rig) -> None:
    rig.poster.show("R1:card", APPROVALS, a_message("one"))
    rig.poster.show("R1:card", APPROVALS, a_message("two"))
    rig.restart()
    rig.poster.show("R1:card", APPROVALS, a_message("two"))
    assert rig.calls("chat.update") == 1


def test_a_message_that_is_gone_is_let_go(rig: Rig) -> None:
    rig.poster.show("R1:card", APPROVALS, a_message("one"))
    rig.sandbox.slack.workspace.channels[APPROVALS].messages.clear()
    for _ in range(3):
        rig.poster.show("R1:card", APPROVALS, a_message("two"))
    assert rig.calls("chat.update") == 1
    assert rig.calls("chat.postMessage") == 1


def test_an_edit_that_failed_is_made_with_the_next_showing(rig: Rig) -> None:
    rig.poster.show("R1:card", APPROVALS, a_message("one"))
    rig.fault("chat.update", "status", status=429, retry_after=120, count=1)
    with pytest.raises(VendorBusy):
        rig.poster.show("R1:card", APPROVALS, a_message("two"))
    rig.poster.show("R1:card", APPROVALS, a_message("two"))
    assert [m.text for m in rig.posted(APPROVALS)] == ["two"]


def test_no_more_than_forty_edits_are_made_in_any_minute(rig: Rig) -> None:
    rig.poster.show("R1:card", APPROVALS, a_message("0"))
    for number in range(1, 51):
        rig.poster.show("R1:card", APPROVALS, a_message(str(number)))
    assert rig.calls("chat.update") == 50
    assert rig.time.slept[0] == pytest.approx(60)
    assert sum(rig.time.slept) == pytest.approx(60)


def test_progress_is_spread_out_and_leaves_room_for_decisions(rig: Rig) -> None:
    rig.poster.show("R1:card", APPROVALS, a_message("0"))
    rig.poster.show("R2:card", APPROVALS, a_message("0"))
    for number in range(1, 11):
        rig.poster.show("R1:card", APPROVALS, a_message(str(number)), urgent=False)
    assert rig.time.slept == pytest.approx([2.0] * 9)
    rig.poster.show("R2:card", APPROVALS, a_message("decided"))
    assert len(rig.time.slept) == 9
