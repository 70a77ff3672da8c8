"""The patch history: one line per attempt, in the codes of the Windows Update Agent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.estate.model import Device, Update
from sandbox.rmm.automate.rows import Row
from sandbox.rmm.automate.words import article, on_windows, stamp
from sandbox.rmm.fleet import Node

#: How far back the history made up at the start goes.
_REACHES_BACK = timedelta(days=30)
_INSTALLATION = {"Id": 1, "Name": "Installation"}
_SUCCEEDED = {"Id": 2, "Name": "Succeeded"}
_FAILED = {"Id": 4, "Name": "Failed"}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One install that was tried."""

    device: Device
    update: Update
    installed: bool
    at: datetime


class History:
    """All attempts so far, oldest first. Software of other makers has a history of its own."""

    def __init__(self, nodes: Iterable[Node], made_at: datetime) -> None:
        self._clients = {n.device.number: n.company for n in nodes}
        self._attempts = [a for n in nodes for a in _past(n.device, made_at)]
        self._attempts.sort(key=lambda attempt: attempt.at)

    def add(self, attempt: Attempt) -> None:
        if attempt.update.kind != "third_party" and on_windows(attempt.device):
            self._attempts.append(attempt)

    def rows(self) -> list[Row]:
        return [self._row(attempt) for attempt in self._attempts]

    def _row(self, attempt: Attempt) -> Row:
        company, update = self._clients[attempt.device.number], attempt.update
        title = {
            "Id": article(update) % 100_000,
            "Title": update.title,
            "KnowledgeBaseId": article(update),
        }
        return {
            "ActionDate": stamp(attempt.at),
            "ComputerId": attempt.device.number,
            "OperationCode": _INSTALLATION,
            "ResultCode": _SUCCEEDED if attempt.installed else _FAILED,
            "PatchHistoryTitle": title,
            "PatchHistoryClient": {"Id": company.rmm_number, "Name": company.rmm_name},
            "UpdateId": update.id,
        }


def _past(device: Device, made_at: datetime) -> list[Attempt]:
    """A month of what the device did before the sandbox began."""
    if not on_windows(device):
        return []
    tried = [(u, u.installed_at or u.failed_at) for u in device.updates if u.kind != "third_party"]
    return [
        Attempt(device=device, update=update, installed=update.installed_at is not None, at=at)
        for update, at in tried
        if at is not None and made_at - at < _REACHES_BACK
    ]
