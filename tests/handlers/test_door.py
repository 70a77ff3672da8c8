"""The door: kept on disk before it is acknowledged, never raising, nothing foreign, nothing slow."""

import json
import threading
from typing import Any

import pytest

from core.errors import StorageFailed
from core.ports import Received
from handlers.answers import Answers
from handlers.lists import Lists
from integrations.slack.rendering.ids import Act, Field, Form
from tests.handlers.front import Front
from tests.handlers.staff import THEIRS
from tests.patience import PATIENCE_S, eventually

ODD: list[dict[str, Any]] = [
    {},
    {"type": "block_actions"},
    {"type": "block_actions", "user": "UTESS", "actions": [{"action_id": "approve"}]},
    {"type": "block_actions", "user": {"id": "UTESS", "team_id": "T1"}, "actions": "approve"},
    {"type": "block_actions", "user": {"id": "UTESS"}, "team": "T1", "actions": []},
    {"type": "view_submission", "user": {"id": "UTESS", "team_id": "T1"}, "view": ["deny_form"]},
    {"command": "/mfa", "team_id": "T1"},
    {"command": "/mfa", "user_id": "UTESS", "team_id": "T1", "text": None},
    {"type": "event_callback", "team_id": "T1", "event": "app_home_opened"},
    {"type": "event_callback", "team_id": "T1", "event": {}},
]


def broken_inbox(front: Front, error: Exception) -> None:
    def append(_item: Received) -> bool:
        raise error

    front.store.inbox.append = append  # type: ignore[method-assign, assignment]


def test_an_item_is_on_the_disk_before_it_is_acknowledged(front: Front) -> None:
    keep = front.store.inbox.append
    entered, go_on, answered = threading.Event(), threading.Event(), threading.Event()

    def slow(item: Received) -> bool:
        entered.set()
        assert go_on.wait(PATIENCE_S)
        return keep(item)

    def send() -> None:
        front.command("UTESS", "/gatehouse help")
        answered.set()

    front.store.inbox.append = slow  # type: ignore[method-assign]
    sending = threading.Thread(target=send)
    sending.start()
    assert entered.wait(PATIENCE_S)

    assert not answered.wait(0.2)
    go_on.set()
    assert answered.wait(PATIENCE_S)
    sending.join()


def test_a_full_disk_is_said_at_once_and_nothing_is_done(front: Front) -> None:
    front.store.kept.full = True

    response = front.command("UTESS", "/gatehouse freeze odd clicks")

    assert response.status == 200
    assert StorageFailed().sentence in response.body
    assert front.switch.frozen() is None


def test_a_click_that_cannot_be_kept_is_not_acknowledged(front: Front) -> None:
    front.asked_for()
    front.store.kept.full = True

    assert front.click("UMAYA", Act.APPROVE, "R00001").status == 404
    assert front.stored().decisions == ()


def test_a_form_that_cannot_be_kept_says_so_in_its_place(front: Front) -> None:
    front.asked_for()
    front.store.kept.full = True

    response = front.submit("UMAYA", Form.DENY, {Field.REASON: "No."}, request="R00001")

    answer = json.loads(response.body)
    assert answer["response_action"] == "update"
    assert StorageFailed().sentence in json.dumps(answer)


@pytest.mark.parametrize("error", [OSError("on purpose"), ValueError("a fault of ours")])
def test_a_listener_never_raises(front: Front, error: Exception) -> None:
    broken_inbox(front, error)

    response = front.command("UTESS", "/gatehouse help")

    assert response.status == 200
    assert StorageFailed().sentence in response.body


def test_a_check_that_breaks_lets_the_form_pass_to_whoever_looks_at_all_of_it(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.asked_for()
    monkeypatch.setattr("handlers.approvals._reason_given", lambda _inbound: 1 / 0)
    front.open()

    assert front.submit("UMAYA", Form.DENY, {Field.REASON: "No."}, request="R00001").status == 200
    assert front.stored().note == "No."


@pytest.mark.parametrize("payload", ODD, ids=range(len(ODD)))
def test_a_payload_that_is_not_slacks_raises_nothing_and_is_not_taken_in(
    front: Front, payload: dict[str, Any]
) -> None:
    front.send(payload)

    assert front.store.inbox._kept.seen == set()


@pytest.mark.parametrize("user", ["UMAYA", "UFAR"])
def test_nothing_from_another_workspace_gets_past_the_door(front: Front, user: str) -> None:
    front.asked_for()

    response = front.send(
        front.clicked(user, Act.APPROVE, "R00001")
        | {
            "user": {"id": user, "team_id": THEIRS},
            "team": {"id": THEIRS},
        }
    )

    assert (response.status, response.body) == (200, "")
    assert front.store.inbox._kept.seen == set()
    assert front.stored().decisions == ()
    (entry,) = [e for e in front.store.audit.entries if e.kind == "turned_away"]
    assert (entry.actor, entry.detail["workspace"]) == (user, THEIRS)


def test_while_slack_cannot_say_who_we_are_nothing_is_acknowledged(front: Front) -> None:
    front.web.down = True

    assert front.command("UTESS", "/gatehouse help").status == 503
    assert front.store.inbox._kept.seen == set()


def test_a_redelivery_is_worked_off_once(front: Front) -> None:
    front.asked_for()
    payload = front.clicked("UMAYA", Act.APPROVE, "R00001")

    for _ in range(3):
        assert front.send(payload).status == 200

    assert len(front.stored().decisions) == 1
    assert front.web.responses == []


def test_what_an_earlier_process_took_in_is_worked_off_once(front: Front) -> None:
    front.asked_for()
    front.executor.drain(PATIENCE_S)
    assert front.send(front.clicked("UMAYA", Act.APPROVE, "R00001")).status == 200
    assert front.stored().decisions == ()

    front.restart()
    front.settle()
    front.restart()
    front.settle()

    assert len(front.stored().decisions) == 1
    assert front.web.responses == []


def test_slacks_own_token_is_not_kept(front: Front) -> None:
    front.executor.drain(PATIENCE_S)
    front.command("UTESS", "/gatehouse help")

    (item,) = front.store.inbox.pending()
    assert "verification-token" not in json.dumps(item.payload)


MENUS = ((Field.DEVICES, "ws"), (Field.USERS, "ad"), (Field.EXEMPT_USERS, "ad"))


@pytest.mark.parametrize(("menu", "typed"), MENUS)
def test_only_who_may_ask_is_offered_names_in_a_menu(front: Front, menu: Field, typed: str) -> None:
    for user in ("UTESS", "UVIK"):
        front.command(user, "/gatehouse help")
    calls = len(front.web.asked)
    assert front.suggest("UTESS", menu, typed, client="acme")
    assert front.suggest("UVIK", menu, typed, client="acme") == []
    assert len(front.web.asked) == calls


def test_after_a_restart_a_menu_offers_names_once_somebody_is_known_again(front: Front) -> None:
    front.command("UTESS", "/patch run acme")
    front.restart()
    assert front.suggest("UTESS", Field.DEVICES, "ws", client="acme") == []
    front.command("UTESS", "/patch run acme")
    assert front.suggest("UTESS", Field.DEVICES, "ws", client="acme")


def test_suggestions_that_fail_are_none(front: Front) -> None:
    front.command("UTESS", "/gatehouse help")
    assert front.suggest("UTESS", Field.DEVICES, "ws", client="acme")
    assert front.suggest("UTESS", Field.DEVICES, "ws", client="gone") == []
    assert front.suggest("UTESS", Field.USERS, "ad", client=["odd"]) == []


def test_half_a_character_in_a_payload_does_not_lose_it(front: Front) -> None:
    assert front.command("UTESS", "/gatehouse freeze \ud83d").status == 200

    freeze = front.switch.frozen()
    assert freeze is not None


def test_slow_words_and_refreshes_hold_up_no_freeze(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    front = Front(workers=2)
    monkeypatch.setattr(Lists, "refresh", lambda *_: gate.wait(PATIENCE_S))
    monkeypatch.setattr(type(front.directory), "prove", lambda *_: gate.wait(PATIENCE_S))
    front.open()
    monkeypatch.setattr(front, "settle", lambda: None)
    for _ in range(8):
        front.click("UTESS", Act.REFRESH, 'mfa [null,"gaps",0]')
        front.command("UTESS", "/gatehouse clients")

    front.command("UTESS", "/gatehouse freeze now")

    eventually(lambda: front.switch.frozen() is not None, "the freeze")
    gate.set()
    front.executor.drain(PATIENCE_S)


def test_an_answer_that_never_leaves_is_waited_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("handlers.answers.SLACK_WAITS_SECONDS", 0.01)
    answers = Answers()
    answers.expect("key")
    answers.wait("key")
    answers.wait("key")
