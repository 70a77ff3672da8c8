"""Whether Slack has our answer to a form yet: what an answer shows must never overwrite what its work showed."""

import threading
from collections.abc import Mapping
from typing import Any

from integrations.slack.inbound import once_key

#: Slack waits no longer for an answer, so that nothing has to wait longer for its having been given.
SLACK_WAITS_SECONDS = 3


class Answers:
    """By the key of a submission: its work waits until the answer has left, and at most a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._due: dict[str, threading.Event] = {}

    def expect(self, key: str) -> None:
        """An answer to this submission is about to be given."""
        with self._lock:
            self._due[key] = threading.Event()

    def given(self, payload: Mapping[str, Any]) -> None:
        """The answer to a payload has left, or never will."""
        if not self._due:
            return
        with self._lock:
            due = self._due.pop(key_of(payload), None)
        if due is not None:
            due.set()

    def wait(self, key: str) -> None:
        """Until the answer that is expected has left; at once where none is."""
        with self._lock:
            due = self._due.get(key)
        if due is not None and not due.wait(SLACK_WAITS_SECONDS):
            with self._lock:
                self._due.pop(key, None)


def key_of(payload: Mapping[str, Any]) -> str:
    """The key under which a payload is taken in."""
    return once_key(without_token(payload))


def without_token(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Slack's old verification token proves nothing, and is nothing to keep."""
    return {key: value for key, value in payload.items() if key != "token"}
