"""What follows from a change to a request: its card, its next pass, and a new look at its client."""

from collections.abc import Sequence
from datetime import timedelta

from core.domain.clients import Client
from core.domain.remediation import Request, RequestId
from core.ports import Chat, Clock, Requests
from engine.cards import CardPump
from engine.executor import Executor
from handlers.clock.progress import Progress, wakes
from handlers.clock.scans import Scans

CARD_DAYS = 1


class Reactions:
    """Told of every change on the thread that made it; the work is left to others."""

    def __init__(
        self,
        *,
        clients: Sequence[Client],
        requests: Requests,
        chat: Chat,
        progress: Progress,
        scans: Scans,
        executor: Executor,
        clock: Clock,
    ) -> None:
        self.cards = CardPump(self._show)
        self._clients = clients
        self._requests = requests
        self._chat = chat
        self._progress = progress
        self._scans = scans
        self._executor = executor
        self._clock = clock

    def changed(self, request: Request) -> None:
        self.cards.touch(request.id, urgent=request.state.final or not request.state.in_flight)
        if wakes(request):
            self._progress.soon(request.id)
        if request.state.final and request.started_at is not None:
            self._rescan(request)

    def show_all(self) -> None:
        """Cards are projections: after a restart each is shown as its request now stands."""
        recent = self._clock.now() - timedelta(days=CARD_DAYS)
        for request in (*self._requests.open(), *self._requests.finished_since(recent)):
            self.cards.touch(request.id, urgent=False)

    def _rescan(self, request: Request) -> None:
        """What a request changed shall show in the lists, not only on its card."""
        mine = [client for client in self._clients if client.key == request.plan.client]
        self._executor.submit(f"rescan:{request.plan.client}", lambda: self._scans.scan(mine))

    def _show(self, request_id: str) -> None:
        request = self._requests.get(RequestId(request_id))
        if request is not None:
            self._chat.show_request(request)
