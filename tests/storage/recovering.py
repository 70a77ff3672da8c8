"""Opening a data directory again and again, and what it holds then."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.domain.events import Event
from core.domain.remediation import Request, RequestId
from core.ports import Freeze
from storage import Data, open_data
from tests.storage.making import SetClock, decided, dispatching, requested, started

ID = RequestId("R4K7Q")
AUDIT = "audit/2026-11.jsonl"


@contextmanager
def opened(path: Path) -> Iterator[Data]:
    data = open_data(path, clock=SetClock())
    try:
        yield data
    finally:
        data.close()


def kinds(data: Data) -> list[str]:
    return [entry.kind for entry in data.audit.entries()]


def steps(worker: str) -> list[Event]:
    return [requested(), decided(), started(), dispatching(worker)]


def at_the_vendor(data: Data) -> Request:
    """One request whose job is out."""
    for version, event in enumerate(steps(data.requests.worker())):
        request = data.requests.commit(ID, event, expected=version)
    return request


def frozen(data: Data) -> Freeze:
    freeze = data.switch.frozen()
    assert freeze is not None
    return freeze
