"""Which digests were due, claimed and posted, one row per channel and local date."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from core.domain.clients import ClientKey
from core.domain.digest import Numbers
from core.ports import Clock, SlotState
from storage.codec import decode, encode
from storage.tinydb_storage import Database

TABLE = "slots"
#: Older rows go, except a channel's last posted one; a date as old as that can no longer be claimed.
KEPT = timedelta(days=35)


class SlotTable:
    """Claims are made by adding a row whose key may exist once."""

    def __init__(self, database: Database, *, clock: Clock, worker: str) -> None:
        self._storage = database.storage
        self._rows = database.rows(TABLE)
        self._clock = clock
        self._worker = worker

    def claim(self, channel: str, day: date) -> bool:
        """True for exactly one caller ever."""
        oldest = self._clock.now().date() - KEPT
        if day < oldest:
            return False
        with self._storage.transaction():
            self._prune(oldest)
            return self._rows.add(
                _key(channel, day), self._row(channel, day, SlotState.CLAIMED, {})
            )

    def settle(
        self, channel: str, day: date, state: SlotState, numbers: Mapping[ClientKey, Numbers]
    ) -> None:
        """Record what became of a claimed slot and the numbers it showed."""
        self._rows.put(_key(channel, day), self._row(channel, day, state, numbers))

    def last_numbers(
        self, channel: str, before: date
    ) -> tuple[date, Mapping[ClientKey, Numbers]] | None:
        """The numbers of the last digest posted before a date."""
        posted = [
            row
            for row in self._rows
            if row["channel"] == channel
            and row["state"] == SlotState.POSTED
            and row["day"] < before.isoformat()
        ]
        if not posted:
            return None
        last = max(posted, key=lambda row: str(row["day"]))
        numbers = {ClientKey(key): decode(Numbers, n) for key, n in last["numbers"].items()}
        return date.fromisoformat(last["day"]), numbers

    def unsettled(self) -> tuple[tuple[str, date], ...]:
        """Slots claimed and never settled (the process died between)."""
        cut_off = [
            (date.fromisoformat(row["day"]), str(row["channel"]))
            for row in self._rows
            if row["state"] == SlotState.CLAIMED and row["worker"] != self._worker
        ]
        return tuple((channel, day) for day, channel in sorted(cut_off))

    def _row(
        self, channel: str, day: date, state: SlotState, numbers: Mapping[ClientKey, Numbers]
    ) -> dict[str, Any]:
        return {
            "channel": channel,
            "day": day.isoformat(),
            "state": str(state),
            "worker": self._worker,
            "numbers": {key: encode(value) for key, value in numbers.items()},
        }

    def _prune(self, oldest: date) -> None:
        last_posted: dict[str, str] = {}
        rows = sorted(self._rows, key=lambda row: str(row["day"]))
        for row in rows:
            if row["state"] == SlotState.POSTED:
                last_posted[row["channel"]] = row["day"]
        old = [row for row in rows if row["day"] < oldest.isoformat()]
        gone = [row for row in old if last_posted.get(row["channel"]) != row["day"]]
        self._rows.drop(*(_key(row["channel"], date.fromisoformat(row["day"])) for row in gone))


def _key(channel: str, day: date) -> str:
    return f"{day.isoformat()} {channel}"
