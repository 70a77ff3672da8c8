"""Paging over NinjaOne's reports, whose position lives on the server and moves with every answer."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import MalformedAnswer
from integrations.rmm.ninjaone.api import every
from integrations.rmm.ninjaone.scan import Scan

ROWS = [{"n": number} for number in range(25)]


class Server:
    """Ten rows a page. `skips` are the calls whose answer is lost, so that the client asks again."""

    def __init__(self, *, of_end: bool = False, skips: tuple[int, ...] = ()) -> None:
        self.calls = 0
        self._of_end = of_end
        self._skips = skips
        self._offset = 0

    def page(self, cursor: str | None) -> dict[str, Any]:
        self.calls += 1
        if cursor is None:
            self._offset = 0
        answer = self._next()
        return self._next() if self.calls in self._skips else answer

    def _next(self) -> dict[str, Any]:
        rows = ROWS[self._offset : self._offset + 10]
        begin, self._offset = self._offset, self._offset + len(rows)
        offset = self._offset if self._of_end else begin
        return {"results": rows, "cursor": {"name": "c1", "offset": offset, "count": len(rows)}}


def read(page: Callable[[str | None], dict[str, Any]]) -> list[Any]:
    return list(Scan("N", "patches", page, every).rows())


@pytest.mark.parametrize("of_end", [False, True])
def test_all_pages_are_read_under_one_name(of_end: bool) -> None:
    server = Server(of_end=of_end)
    assert read(server.page) == ROWS
    assert server.calls == 4


@pytest.mark.parametrize("of_end", [False, True])
@pytest.mark.parametrize("call", [2, 3])
def test_skipped_page_starts_the_scan_anew(of_end: bool, call: int) -> None:
    server = Server(of_end=of_end, skips=(call,))
    assert read(server.page) == ROWS
    assert server.calls == call + 4


def test_scan_that_never_adds_up_is_given_up() -> None:
    server = Server(skips=tuple(range(2, 100)))
    with pytest.raises(MalformedAnswer, match="do not add up"):
        read(server.page)


def test_report_without_offsets_is_read_to_its_end() -> None:
    def page(cursor: str | None) -> dict[str, Any]:
        return {"results": [{"n": 2}]} if cursor else {"results": [{"n": 1}], "cursor": "next"}

    assert read(page) == [{"n": 1}, {"n": 2}]


def test_report_without_a_cursor_is_one_page() -> None:
    assert read(lambda _: {"results": [{"n": 1}]}) == [{"n": 1}]


@pytest.mark.parametrize("results", [None, {}, [1], "x"])
def test_results_that_are_no_rows_are_malformed(results: object) -> None:
    with pytest.raises(MalformedAnswer):
        read(lambda _: {"results": results})


def test_report_that_does_not_move_is_not_followed_for_ever() -> None:
    page = {"results": [{"n": 1}], "cursor": {"name": "c1", "offset": 0}}
    with pytest.raises(MalformedAnswer):
        read(lambda _: page)


def test_rows_that_are_not_wanted_still_count_for_the_position() -> None:
    server = Server(skips=(3,))
    wanted = Scan("N", "patches", server.page, lambda row: row["n"] % 2 == 0).rows()
    assert wanted == ROWS[::2]
