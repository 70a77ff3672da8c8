"""The time: the machine's, or for the sandbox the machine's plus an offset read from a file."""

import json
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class OffsetClock:
    """The machine's clock plus the seconds a sandbox wrote to `path` as {"offset_s": number}.

    The offset never shrinks within one process, so that time does not run backwards.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        #: A sandbox may live in the past, too.
        self._offset = -inf

    def now(self) -> datetime:
        self._offset = max(self._offset, self._read())
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def _read(self) -> float:
        try:
            return float(json.loads(self._path.read_text())["offset_s"])
        except FileNotFoundError:
            return 0.0
