"""Keeps what chat shows true to the stored requests: the urgent ones first, each as it is by then."""

import logging
import threading
from collections.abc import Callable

from core.errors import GatehouseError

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 300


class CardPump:
    """Shows changed requests one after another.

    A request that changes ten times before its turn is shown once; the chat adapter keeps the budget for
    edits by making this one thread wait. What cannot be shown is tried again, each time twice as late.
    """

    def __init__(self, show: Callable[[str], None], *, retry_seconds: float = 5) -> None:
        self._show = show
        self._retry_seconds = retry_seconds
        self._failures: dict[str, int] = {}
        self._changed = threading.Condition()
        self._dirty: dict[str, bool] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="cards", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def touch(self, request_id: str, *, urgent: bool) -> None:
        """The request changed; `urgent` for decisions and final states."""
        with self._changed:
            self._dirty[request_id] = self._dirty.get(request_id, False) or urgent
            self._changed.notify()

    def stop(self, seconds: float) -> None:
        """Show what is still due, for at most so long, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while (due := self._next()) is not None:
            request_id, urgent = due
            try:
                self._show(request_id)
            except GatehouseError as error:
                log.warning("The card of %s could not be shown: %s", request_id, error)
                self._try_later(request_id, urgent=urgent)
            except Exception:
                log.exception("The card of %s could not be shown", request_id)
                self._try_later(request_id, urgent=urgent)
            else:
                self._failures.pop(request_id, None)

    def _try_later(self, request_id: str, *, urgent: bool) -> None:
        with self._changed:
            if self._stopping:
                return
        failed = self._failures[request_id] = self._failures.get(request_id, 0) + 1
        wait = min(self._retry_seconds * 2 ** (failed - 1), LONGEST_WAIT_SECONDS)
        timer = threading.Timer(wait, self.touch, args=(request_id,), kwargs={"urgent": urgent})
        timer.daemon = True
        timer.start()

    def _next(self) -> tuple[str, bool] | None:
        """The next request to show, and whether it is urgent, once there is one; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._dirty or self._stopping)
            if not self._dirty:
                return None
            urgent = next((key for key, value in self._dirty.items() if value), None)
            request_id = urgent if urgent is not None else next(iter(self._dirty))
            return request_id, self._dirty.pop(request_id)
