"""Judges everything that passed a stand-in by what is published about the service it plays."""

from collections.abc import Iterable, Iterator

from tests.described import graph, vendors
from tests.described.documents import SPECS
from tests.described.exchange import Exchange

AVAILABLE = SPECS.exists()
_SHOWN = 5


def check(heard: Iterable[Exchange]) -> None:
    """Raise AssertionError for what no description knows, the first few with their requests."""
    wrong = [problem for exchange in heard for problem in _wrong(exchange)] if AVAILABLE else []
    assert not wrong, "\n".join(wrong[:_SHOWN])


def _wrong(exchange: Exchange) -> Iterator[str]:
    said = f"{exchange.target}: {exchange.method} {exchange.path} ({exchange.status})"
    if exchange.target == "graph":
        yield from (f"{said} {problem}" for problem in graph.wrong(exchange))
    elif exchange.target in vendors.DESCRIPTIONS:
        yield from (f"{said} {problem}" for problem in vendors.wrong(exchange))
