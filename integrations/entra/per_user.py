"""The per-user MFA state of the accounts that nothing else is sure to cover, asked while accounts still come in."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from core.domain.identity import DirectoryReading, DirectoryUser, UserId
from core.rules.ca_coverage import per_user_state_decides
from integrations.entra.api import GraphApi
from integrations.entra.batch import SIZE, Batches, Outcome


class PerUserStates:
    """One item per account, so only of those it may decide; of nobody before it is known who is covered."""

    def __init__(self, api: GraphApi) -> None:
        self._batches = Batches(api=api, version="beta")
        self._start = api.parallel.start
        self._lock = threading.Lock()
        self._ground: DirectoryReading | None = None
        self._unseen: list[DirectoryUser] = []
        self._waiting: list[UserId] = []
        self._asked: list[Callable[[], dict[str, Outcome]]] = []

    def came(self, users: Iterable[DirectoryUser]) -> None:
        """More accounts are known. Only full batches leave, for the next ones may fill the last."""
        with self._lock:
            self._unseen += users
            self._look()
            self._ask(len(self._waiting) // SIZE * SIZE)

    def covered_by(self, ground: DirectoryReading) -> None:
        """It is known now what covers accounts: everything about them but the list itself."""
        with self._lock:
            self._ground = ground
            self._look()
            self._ask(len(self._waiting))

    def answers(self) -> dict[str, Outcome]:
        """By account, once all have come. Raises VendorError where the first batches as a whole fail."""
        with self._lock:
            self._ask(len(self._waiting))
        ended: dict[str, Outcome] = {}
        for answers in self._asked:
            ended |= answers()
        return ended

    def _look(self) -> None:
        if self._ground is not None:
            new = replace(self._ground, users=tuple(self._unseen))
            self._waiting += per_user_state_decides(new)
            self._unseen = []

    def _ask(self, count: int) -> None:
        if count:
            urls: dict[str, str] = {
                user: f"/users/{user}/authentication/requirements" for user in self._waiting[:count]
            }
            self._waiting = self._waiting[count:]
            self._asked.append(self._start(lambda: self._batches.get(urls)))
