"""What the server's database holds of updates: what agents reported and people decided, not the present truth."""

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sandbox.estate.model import Device, Update
from sandbox.rmm.tactical.words import ACTIONS, STATES, severity

_VERSION = re.compile(r"\(Version ([\d.]+)\)")


@dataclass(kw_only=True)
class Record:
    """One update on one agent. `installed_at` is set only for what Tactical itself installed."""

    id: int
    device: Device
    update: Update
    action: str
    installed: bool
    result: str = "n/a"
    installed_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether an install would take it."""
        return self.action == "approve" and not self.installed

    def decide(self, action: str) -> None:
        self.action = action
        if not self.installed and self.update.state != "superseded":
            self.update.state = STATES[action]  # type: ignore[assignment]


class Records:
    """All of them. A row lives until it is found superseded, however long ago it was last offered."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self._ids = itertools.count(1)
        self._rows: defaultdict[str, dict[str, Record]] = defaultdict(dict)
        for device in devices:
            if device.last_scan is not None:
                for update in device.updates:
                    self._see(device, update)
                self.prune(device)

    def of(self, device: Device) -> list[Record]:
        """The agent's rows, newest first."""
        return sorted(self._rows[device.uid].values(), key=lambda record: -record.id)

    def find(self, number: int) -> Record | None:
        rows = (record for rows in self._rows.values() for record in rows.values())
        return next((record for record in rows if record.id == number), None)

    def report(self, device: Device) -> None:
        """Take in a scan: new rows, and of known ones whether they are installed."""
        for update in device.updates:
            if update.state != "superseded":
                self._see(device, update)
        self.prune(device)

    def approve(self, device: Device, severities: Collection[str]) -> None:
        """Approve by policy, over whatever anybody decided before."""
        for record in self.of(device):
            if not record.installed and severity(record.update) in severities:
                record.decide("approve")

    def tried(self, record: Record, installed: bool, at: datetime) -> None:
        """Take in what an agent says of one install."""
        record.result = "success" if installed else "failed"
        if installed:
            record.installed, record.installed_at = True, at

    def drop(self, record: Record) -> None:
        self._rows[record.device.uid].pop(record.update.id, None)

    def prune(self, device: Device) -> None:
        """Of one article in several versions, as definitions come, keep the newest."""
        by_kb: defaultdict[str | None, list[Record]] = defaultdict(list)
        for record in self.of(device):
            by_kb[record.update.kb].append(record)
        for records in by_kb.values():
            versions = [_VERSION.search(record.update.title) for record in records]
            if len(records) > 1 and all(versions):
                newest = max(records, key=lambda record: _version(record.update.title))
                for record in records:
                    if record is not newest:
                        self.drop(record)

    def _see(self, device: Device, update: Update) -> None:
        """Updates without an article number, drivers for the most part, never get a row."""
        if update.kb is None or update.kind == "third_party":
            return
        record = self._rows[device.uid].get(update.id)
        if record is None:
            self._rows[device.uid][update.id] = self._new(device, update)
        else:
            record.update = update
            record.installed = update.state == "installed"
            record.action = ACTIONS.get(update.state, record.action)

    def _new(self, device: Device, update: Update) -> Record:
        by_us = update.state == "installed" and update.kind in ("cumulative", "dotnet", "security")
        return Record(
            id=next(self._ids),
            device=device,
            update=update,
            action="approve" if by_us else ACTIONS.get(update.state, "nothing"),
            installed=update.state == "installed",
            result={"failed": "failed", "installed": "success" if by_us else "n/a"}.get(
                update.state, "n/a"
            ),
            installed_at=update.installed_at if by_us else None,
        )


def _version(title: str) -> tuple[int, ...]:
    found = _VERSION.search(title)
    return tuple(int(part) for part in found[1].split(".")) if found else ()
