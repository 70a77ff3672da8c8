"""The Slack front door as a whole: what comes in, is taken in once, and is worked off by the features."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from slack_bolt import App

from core.domain.clients import Client
from core.domain.people import People
from core.domain.policy import Policy
from core.ports import Clock, Requests, Switch
from engine.executor import Executor
from engine.intake import Intake
from handlers.answers import Answers
from handlers.clock.clockwork import Clockwork
from handlers.desk import Desk
from handlers.door import Door
from handlers.features import Features
from handlers.refusals import Refusals
from handlers.sources import Sources
from integrations.slack.chat import SlackChat
from integrations.slack.socket_mode import SocketIntake
from integrations.slack.web import SlackWeb
from storage import Data


@dataclass(frozen=True, kw_only=True)
class Front:
    """What its parts share. `app_token` and `tls` are for the connection by which Slack speaks to us."""

    clients: Sequence[Client]
    people: People
    policy: Policy
    sources: Sources
    data: Data
    requests: Requests
    switch: Switch
    clockwork: Clockwork
    chat: SlackChat
    web: SlackWeb
    app_token: str = field(repr=False)
    tls: ssl.SSLContext
    executor: Executor
    clock: Clock

    @cached_property
    def socket(self) -> SocketIntake:
        """Where it comes in."""
        return SocketIntake(
            self._bolt,
            app_token=self.app_token,
            context=self.tls,
            answered=self._answers.given,
        )

    @cached_property
    def intake(self) -> Intake:
        """What is kept until it is worked off."""
        desk = self._desk()
        door = Door(
            self._bolt,
            clock=self.clock,
            ours=self.chat.workspace.is_ours,
            turned_away=desk.refusals.turned_away,
            answers=self._answers,
        )
        self._features(desk).register(door)
        intake = Intake(
            inbox=self.data.inbox,
            executor=self.executor,
            handlers=door.kinds(),
            apologise=desk.apologise,
        )
        door.open(intake)
        return intake

    @cached_property
    def _answers(self) -> Answers:
        return Answers()

    @cached_property
    def _bolt(self) -> App:
        return App(client=self.web.client, token_verification_enabled=False)

    def _desk(self) -> Desk:
        return Desk(
            clients=self.clients,
            people=self.people,
            chat=self.chat,
            snapshots=self.clockwork.snapshots,
            requests=self.requests,
            clock=self.clock,
            scan=self.clockwork.scans.scan,
            refusals=Refusals(audit=self.data.audit),
        )

    def _features(self, desk: Desk) -> Features:
        return Features(
            desk=desk,
            directory=self.sources.directory,
            rmms=self.sources.rmms,
            requests=self.requests,
            snapshots=self.clockwork.snapshots,
            drafts=self.data.drafts,
            switch=self.switch,
            exemptions=self.data.exemptions,
            evidence=self.clockwork.evidence.of,
            policy=self.policy.approval,
            mfa_policy=self.policy.mfa,
            rings=self.policy.rings,
            clock=self.clock,
            parallel=self.sources.parallel,
            sockets=lambda: self.socket.sockets,
        )
