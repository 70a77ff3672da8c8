"""Finding the client a person means, however they write it."""

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.errors import NotFound
from core.rules.quoting import quoted

_CLOSE = 0.62
_SUGGESTIONS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientMatch:
    """The client meant; else all candidates (ambiguous), or the nearest names (unknown)."""

    client: Client | None = None
    ambiguous: bool = False
    candidates: tuple[Client, ...] = ()


def find_client(text: str, clients: Sequence[Client]) -> ClientMatch:
    """By key, name or alias: as written, by its beginning, then by the beginnings of its words."""
    wanted = _plain(text)
    if not wanted:
        return ClientMatch()
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: _plain(name) == wanted,
        lambda name: _plain(name).startswith(wanted),
        lambda name: _words_begin(text, name),
    )
    for test in tests:
        found = tuple(c for c in clients if any(test(name) for name in _names(c)))
        if len(found) == 1:
            return ClientMatch(client=found[0])
        if found:
            return ClientMatch(ambiguous=True, candidates=found)
    return ClientMatch(candidates=_nearest(wanted, clients))


def the_client(text: str, clients: Sequence[Client]) -> Client:
    """The client meant. Raises NotFound with what to type instead."""
    match = find_client(text, clients)
    if match.client is not None:
        return match.client
    names = " or ".join(client.name for client in match.candidates)
    if match.ambiguous:
        raise NotFound(f"{quoted(text)} could be {names}. Type a little more of the name.")
    unknown = f"There is no client {quoted(text)}."
    if match.candidates:
        raise NotFound(f"{unknown} Did you mean {names}?")
    raise NotFound(f"{unknown} /gatehouse status lists the clients.")


def _names(client: Client) -> tuple[str, ...]:
    return (client.key, client.name, *client.aliases)


def _plain(text: str) -> str:
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    """Lower case, no accents, no punctuation; "&" is "and"."""
    decomposed = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    bare = (c for c in decomposed if not unicodedata.combining(c) and c not in "'\u2019")
    return "".join(c if c.isalnum() else " " for c in bare).split()


def _words_begin(text: str, name: str) -> bool:
    """Every word typed begins a word of the name, in order: "riv law" is Blue River Law."""
    rest = iter(_words(name))
    return all(any(word.startswith(part) for word in rest) for part in _words(text))


def _nearest(wanted: str, clients: Iterable[Client]) -> tuple[Client, ...]:
    scored = [
        (max(_likeness(wanted, _plain(name)) for name in _names(client)), client)
        for client in clients
    ]
    close = [(score, client) for score, client in scored if score >= _CLOSE]
    ranked = sorted(close, key=lambda pair: (-pair[0], pair[1].name))
    return tuple(client for _, client in ranked[:_SUGGESTIONS])


def _likeness(wanted: str, name: str) -> float:
    """Between 0 and 1; the beginning of a long name may be what was meant."""
    start = name[: len(wanted)]
    return max(
        difflib.SequenceMatcher(None, wanted, name).ratio(),
        difflib.SequenceMatcher(None, wanted, start).ratio(),
    )
