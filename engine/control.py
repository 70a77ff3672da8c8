"""A Unix socket in the data directory, through which the command line hands work to the running bot."""

import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import GatehouseError

log = logging.getLogger(__name__)

NAME = "gatehouse.sock"
LIMIT = 64 * 1024
LONGEST_PATH = 100
Word = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class NotRunning(GatehouseError):
    """No Gatehouse is running on this data directory."""


class ControlServer:
    """Answers one JSON line per connection: {"word": ..., ...} -> what the word says, or {"error": ...}."""

    def __init__(self, data_dir: Path, words: Mapping[str, Word]) -> None:
        self._data_dir = data_dir
        self._words = words
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)

    def start(self) -> None:
        (self._data_dir / NAME).unlink(missing_ok=True)
        with _short_path(self._data_dir) as path:
            before = os.umask(0o177)
            try:
                self._socket.bind(path)
            finally:
                os.umask(before)
        self._socket.listen()
        self._thread.start()

    def stop(self) -> None:
        self._socket.close()
        (self._data_dir / NAME).unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            try:
                question = json.loads(_line(connection))
                connection.settimeout(None)
                answer = dict(self._words[question["word"]](question))
            except (KeyError, ValueError, TimeoutError):
                answer = {"error": "That word is not known here."}
            except GatehouseError as error:
                answer = {"error": error.sentence}
            except Exception:
                log.exception("A control word failed")
                answer = {"error": "It failed inside the running bot; its log says why."}
            with suppress(OSError):  # whoever asked has gone
                connection.sendall(json.dumps(answer).encode() + b"\n")


def ask(data_dir: Path, word: str, **details: object) -> Mapping[str, Any]:
    """Hand a word to the running bot and wait for its answer.

    Raises NotRunning where none runs, GatehouseError with the bot's sentence where it refuses.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with _short_path(data_dir) as path:
                connection.connect(path)
        except OSError as error:
            raise NotRunning from error
        connection.sendall(json.dumps({"word": word, **details}).encode() + b"\n")
        answer: Mapping[str, Any] = json.loads(_line(connection))
    if "error" in answer:
        raise GatehouseError(str(answer["error"]))
    return answer


def _line(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\n") and len(received) < LIMIT:
        piece = connection.recv(4096)
        if not piece:
            break
        received += piece
    return received


@contextmanager
def _short_path(data_dir: Path) -> Iterator[str]:
    """A Unix socket's path may have 108 bytes; go through the folder's descriptor where it is longer."""
    whole = str(data_dir / NAME)
    if len(whole.encode()) < LONGEST_PATH:
        yield whole
        return
    folder = os.open(data_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)
