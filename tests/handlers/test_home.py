"""The Home tab: for people who are known, and a friendly no for others."""

import json

from tests.handlers.front import Front


def test_it_shows_what_waits_for_whom(front: Front) -> None:
    front.asked_for()

    front.open_home("UMAYA")
    front.open_home("UBO")

    mine, theirs = map(json.dumps, front.views("views.publish"))
    assert "R00001" in mine
    assert "R00001" not in theirs


def test_strangers_are_told_whom_to_ask(front: Front) -> None:
    front.open_home("UEVE")

    (view,) = front.views("views.publish")
    assert "not on Gatehouse's list" in json.dumps(view)
    assert front.web.responses == []


def test_other_tabs_are_left_alone(front: Front) -> None:
    front.open_home("UMAYA", tab="messages")

    assert front.web.written == []
