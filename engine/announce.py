"""Tells the rest of the engine whenever a request or the switch changed."""

from collections.abc import Callable
from datetime import datetime

from core.domain.events import Event
from core.domain.remediation import Request, RequestId
from core.ports import Freeze, Requests, Switch


class AnnouncedRequests:
    """Requests, with `changed` called after each commit, on the committing thread."""

    def __init__(self, requests: Requests, changed: Callable[[Request], None]) -> None:
        self._requests = requests
        self._changed = changed

    def commit(self, request_id: RequestId, event: Event, *, expected: int) -> Request:
        request = self._requests.commit(request_id, event, expected=expected)
        self._changed(request)
        return request

    def get(self, request_id: RequestId) -> Request | None:
        return self._requests.get(request_id)

    def open(self) -> tuple[Request, ...]:
        return self._requests.open()

    def finished_since(self, since: datetime) -> tuple[Request, ...]:
        return self._requests.finished_since(since)

    def worker(self) -> str:
        return self._requests.worker()

    def is_dead(self, worker: str) -> bool:
        return self._requests.is_dead(worker)


class AnnouncedSwitch:
    """The switch, with `turned` called after each turn, on the turning thread."""

    def __init__(self, switch: Switch, turned: Callable[[], None]) -> None:
        self._switch = switch
        self._turned = turned

    def frozen(self) -> Freeze | None:
        return self._switch.frozen()

    def last(self) -> Freeze | None:
        return self._switch.last()

    def set(self, freeze: Freeze, *, actor: str, over: Freeze | None = None) -> None:
        self._switch.set(freeze, actor=actor, over=over)
        self._turned()
