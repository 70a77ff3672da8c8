"""Finding the client a person means."""

import pytest

from core.domain.clients import Client, ClientKey
from core.errors import NotFound
from core.rules.client_names import find_client, the_client
from tests.rules.fleets import client


def named(key: str, name: str, *aliases: str) -> Client:
    return client(key=ClientKey(key), name=name, aliases=aliases)


ACME = named("acme-dental", "Acme Dental Group", "acme", "ADG")
BLUE = named("blue-river-law", "Blue River Law")
BLUEBELL = named("bluebell", "Bluebell Nurseries")
CEDAR = named("cedar-finch", "Cedar & Finch Architects")
CAFE = named("cafe-zoe", "Café Zoë")
ALL = (ACME, BLUE, BLUEBELL, CEDAR, CAFE)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("acme-dental", ACME),
        ("ACME", ACME),
        ("  acme dental group ", ACME),
        ("adg", ACME),
        ("Acme Dent", ACME),
        ("blue river", BLUE),
        ("riv law", BLUE),
        ("blue-RIVER_law!", BLUE),
        ("cedar and finch", CEDAR),
        ("Cedar & Finch", CEDAR),
        ("finch", CEDAR),
        ("cafe zoe", CAFE),
        ("CAFÉ", CAFE),
        ("blueb", BLUEBELL),
    ],
)
def test_case_punctuation_accents_and_beginnings_are_forgiven(text: str, meant: Client) -> None:
    assert find_client(text, ALL).client is meant


def test_an_exact_name_wins_over_longer_ones_that_begin_with_it() -> None:
    short = named("blue", "Blue")
    assert find_client("blue", (*ALL, short)).client is short


def test_an_ambiguous_name_gets_all_candidates() -> None:
    found = find_client("blue", ALL)
    assert (found.client, found.ambiguous, found.candidates) == (None, True, (BLUE, BLUEBELL))
    with pytest.raises(NotFound, match="could be Blue River Law or Bluebell Nurseries"):
        the_client("blue", ALL)


@pytest.mark.parametrize(
    ("text", "near"), [("acne dentl", ACME), ("bleu river", BLUE), ("ceder", CEDAR), ("zeo", None)]
)
def test_an_unknown_name_gets_suggestions_and_is_never_guessed(
    text: str, near: Client | None
) -> None:
    found = find_client(text, ALL)
    assert found.client is None
    assert not found.ambiguous
    assert found.candidates[:1] == ((near,) if near else ())


def test_the_refusal_says_what_to_type_instead() -> None:
    with pytest.raises(NotFound, match="Did you mean Cedar & Finch Architects"):
        the_client("ceder", ALL)
    with pytest.raises(NotFound, match="/gatehouse status lists the clients"):
        the_client("wholly different", ALL)


@pytest.mark.parametrize("text", ["", "   ", "---"])
def test_nothing_typed_finds_nothing(text: str) -> None:
    assert find_client(text, ALL).candidates == ()
