"""The app's Home: what waits for me, what is mine, what is done."""

from dataclasses import dataclass
from datetime import timedelta

from core.domain.remediation import Request, RequestState
from core.errors import NotAllowed
from core.ports import Switch
from core.rules.notices import approvers
from handlers.desk import Asker, Desk
from handlers.door import Door
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import home
from integrations.slack.rendering.message import View

DONE_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Home:
    """Publishes a person's Home tab when they open it."""

    desk: Desk
    switch: Switch

    def register(self, door: Door) -> None:
        door.event("app_home_opened", self.opened)

    def opened(self, inbound: Inbound) -> None:
        if inbound.value not in ("home", ""):
            return
        try:
            view = self._view(self.desk.reader(inbound))
        except NotAllowed as refusal:
            view = home.stranger(refusal.sentence)
        self.desk.chat.publish_home(inbound.user_id, view)

    def _view(self, asker: Asker) -> View:
        now = self.desk.clock.now()
        me = asker.person.key
        open_requests = self.desk.requests.open()
        done = self.desk.requests.finished_since(now - timedelta(days=DONE_DAYS))
        return home.home(
            person=asker.person,
            waiting=[r for r in open_requests if self._waits_for(r, asker)],
            mine=[r for r in open_requests if r.requester == me],
            done=[r for r in done if asker.person.role_for(r.plan.client) is not None],
            frozen=self.switch.frozen(),
            now=now,
        )

    def _waits_for(self, request: Request, asker: Asker) -> bool:
        me = asker.person.key
        decided = any(decision.by == me for decision in request.decisions)
        pending = request.state is RequestState.PENDING
        return pending and not decided and me in approvers(request, self.desk.people)
