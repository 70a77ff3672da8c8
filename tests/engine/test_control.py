"""The socket through which the command line speaks to the running bot."""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import GatehouseError, Refused
from engine.control import NAME, ControlServer, NotRunning, ask


def echo(question: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"heard": question["why"]}


def refuse(_question: Mapping[str, Any]) -> Mapping[str, Any]:
    raise Refused("Not today.")


def break_down(_question: Mapping[str, Any]) -> Mapping[str, Any]:
    raise RuntimeError("secret")


@pytest.fixture(params=["short", "long" * 40])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / request.param
    made.mkdir()
    server = ControlServer(made, {"freeze": echo, "refuse": refuse, "break": break_down})
    server.start()
    yield made
    server.stop()


def test_a_word_is_answered_as_it_would_be_without_a_socket(folder: Path) -> None:
    assert ask(folder, "freeze", why="odd") == echo({"why": "odd"})


def test_only_its_owner_may_speak_to_it(folder: Path) -> None:
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600


def test_a_refusal_comes_back_as_its_sentence(folder: Path) -> None:
    with pytest.raises(GatehouseError, match="Not today"):
        ask(folder, "refuse")


def test_a_failure_inside_tells_no_details(folder: Path) -> None:
    with pytest.raises(GatehouseError) as caught:
        ask(folder, "break")

    assert "secret" not in caught.value.sentence


def test_an_unknown_word_is_refused(folder: Path) -> None:
    with pytest.raises(GatehouseError, match="not known"):
        ask(folder, "dance")


def test_where_nothing_runs_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        ask(tmp_path, "freeze")


def test_a_socket_left_by_a_crash_does_not_stop_the_next_start(tmp_path: Path) -> None:
    first = ControlServer(tmp_path, {"freeze": echo})
    first.start()
    second = ControlServer(tmp_path, {"freeze": echo})
    second.start()

    assert ask(tmp_path, "freeze", why="again")["heard"] == "again"
    second.stop()
    first.stop()
