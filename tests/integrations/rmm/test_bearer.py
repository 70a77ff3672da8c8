"""Tokens are renewed in time, and once after a refusal."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import MalformedAnswer
from integrations.rmm.bearer import Bearer, Token, read_token
from tests.storage.making import SetClock


class Desk:
    """Hands out numbered tokens that live an hour."""

    def __init__(self) -> None:
        self.given = 0

    def token(self) -> Token:
        self.given += 1
        return Token(value=f"t{self.given}", life=timedelta(hours=1))


def header(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


def test_token_is_kept_until_shortly_before_its_end() -> None:
    desk, clock = Desk(), SetClock()
    bearer = Bearer(desk.token, clock)
    assert bearer(False) == header("t1")
    clock.move(minutes=57)
    assert bearer(False) == header("t1")
    clock.move(minutes=1)
    assert bearer(False) == header("t2")
    assert desk.given == 2


def test_refused_token_is_replaced() -> None:
    desk = Desk()
    bearer = Bearer(desk.token, SetClock())
    assert bearer(False) == header("t1")
    assert bearer(True) == header("t2")
    assert bearer(False) == header("t2")


def test_short_lived_token_is_still_used() -> None:
    clock = SetClock()
    bearer = Bearer(lambda: Token(value="t", life=timedelta(seconds=10)), clock)
    bearer(False)
    clock.move(seconds=8)
    assert bearer(False) == header("t")


def test_scopes_are_read_from_the_answer() -> None:
    told = {"access_token": "t", "expires_in": 3600, "scope": "monitoring management"}
    assert read_token("N", told).scopes == {"monitoring", "management"}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"access_token": 1, "expires_in": 3600},
        {"access_token": "t"},
        {"access_token": "t", "expires_in": "3600"},
        {"access_token": "t", "expires_in": 0},
        {"access_token": "t", "expires_in": True},
    ],
)
def test_answer_without_token_or_life_is_malformed(answer: Any) -> None:
    with pytest.raises(MalformedAnswer):
        read_token("N", answer)
