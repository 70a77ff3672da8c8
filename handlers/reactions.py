"""What follows from a change: to a request its card, its next pass and a new look at its client; to the switch a word."""

from collections.abc import Sequence
from datetime import timedelta

from core.domain.clients import Client
from core.domain.remediation import Request, RequestId
from core.ports import Chat, Clock, Requests, Switch
from engine.cards import CardPump
from engine.executor import Executor
from handlers.clock.progress import Progress, wakes
from handlers.clock.scans import Scans

CARD_DAYS = 1
#: Among the requests whose cards are due: the freeze. No request has such an id.
FREEZE = "the freeze"


class Reactions:
    """Told of every change on the thread that made it; the work is left to others."""

    def __init__(
        self,
        *,
        clients: Sequence[Client],
        requests: Requests,
        switch: Switch,
        chat: Chat,
        progress: Progress,
        scans: Scans,
        executor: Executor,
        clock: Clock,
    ) -> None:
        self.cards = CardPump(self._show)
        self._clients = clients
        self._requests = requests
        self._switch = switch
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

    def turned(self) -> None:
        self.cards.touch(FREEZE, urgent=True)

    def show_all(self) -> None:
        """Cards are projections: after a restart each is shown as its request now stands."""
        recent = self._clock.now() - timedelta(days=CARD_DAYS)
        freeze = self._switch.last()
        if freeze is not None and (freeze.ended_at is None or freeze.ended_at > recent):
            self.turned()
        for request in (*self._requests.open(), *self._requests.finished_since(recent)):
            self.cards.touch(request.id, urgent=False)

    def _rescan(self, request: Request) -> None:
        """What a request changed shall show in the lists, not only on its card."""
        mine = [client for client in self._clients if client.key == request.plan.client]
        self._executor.submit(f"rescan:{request.plan.client}", lambda: self._scans.scan(mine))

    def _show(self, request_id: str) -> None:
        freeze = self._switch.last()
        if request_id == FREEZE and freeze is not None:
            self._chat.show_freeze(freeze)
            return
        request = self._requests.get(RequestId(request_id))
        if request is not None:
            self._chat.show_request(request)
