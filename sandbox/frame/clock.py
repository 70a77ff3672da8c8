"""One clock for the sandbox and the bot: real time plus an offset that tests may advance."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SandboxClock:
    """Real time plus an offset; the offset is written to a file the bot's own clock reads.

    It begins at `begins` (aware), else at the time it is.
    """

    def __init__(self, offset_file: Path | None = None, *, begins: datetime | None = None) -> None:
        self._offset_file = offset_file
        now = datetime.now(UTC)
        self.offset_s = ((begins or now) - now).total_seconds()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def timestamp(self) -> float:
        """Seconds since the epoch, as most vendors send times."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """Move sandbox and bot together. Time never goes back."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self.offset_s += seconds
        self.publish()

    def publish(self) -> None:
        """Write the offset file whole, so that a reader never sees half of it."""
        if self._offset_file is None:
            return
        draft = self._offset_file.with_suffix(".new")
        draft.write_text(json.dumps({"offset_s": self.offset_s}))
        draft.replace(self._offset_file)
