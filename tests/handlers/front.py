"""The whole front of the bot behind a real Bolt app: payloads go in, what Slack was told comes out. No network."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time as clock_time
from typing import Any

from slack_bolt import BoltRequest, BoltResponse

from core.domain.clients import Client, RmmBinding
from core.domain.people import People, Person
from core.domain.policy import ApprovalPolicy, MfaPolicy, RingPolicy
from core.domain.remediation import Request
from core.usecases.exempted_snapshots import ExemptedSnapshots
from core.usecases.request_plan import RequestPlan
from engine.executor import Executor
from engine.intake import Intake
from engine.parallel import ThreadParallel
from handlers.answers import Answers
from handlers.desk import Desk
from handlers.door import Door
from handlers.features import Features
from handlers.refusals import Refusals
from integrations.slack.chat import SlackChat
from integrations.slack.directory import Workspace
from integrations.slack.posting import Poster
from tests.fakes.memory_store import MemoryStore
from tests.handlers.fake_sources import FakeDirectory, FakeRmm, a_snapshot
from tests.handlers.fake_web import FakeWeb, an_app
from tests.handlers.staff import ACME_CHANNEL, BETA, BO, DEVON, MAYA, OURS, TESS, VIK
from tests.patience import eventually
from tests.usecases.requests_made import REQUEST, HandClock, a_client, a_plan


@dataclass
class Front:
    """Puts everything together as the running bot does."""

    clock: HandClock = field(default_factory=HandClock)
    web: FakeWeb = field(default_factory=FakeWeb)
    policy: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    rmm: FakeRmm = field(default_factory=FakeRmm)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    people: People = field(default_factory=lambda: People((TESS, MAYA, DEVON, VIK, BO)))
    workers: int = 4

    def __post_init__(self) -> None:
        binding = RmmBinding(account="ninja", vendor="ninjaone", organisation="1")
        self.acme = a_client(tenant_id="t1", rmm=(binding,))
        self.beta = replace(self.acme, key=BETA, name="Beta Legal", digest_at=clock_time(8))
        self.store = MemoryStore(self.clock)
        self.scanned: list[Sequence[Client]] = []
        self._triggers = itertools.count(1)
        for client in self.clients:
            self.store.snapshots.put(a_snapshot(client.key))
        self.open()

    @property
    def clients(self) -> tuple[Client, ...]:
        return (self.acme, self.beta)

    def restart(self) -> None:
        """The process dies; another one opens the same store and works off what was left."""
        self.store = self.store.restarted()
        self.open()
        self.intake.resume()

    def open(self) -> None:
        self.executor = Executor(self.workers)
        self.requests, self.switch = self.store.requests, self.store.switch
        self.shown = ExemptedSnapshots(
            snapshots=self.store.snapshots,
            exemptions=self.store.exemptions,
            clients=self.clients,
            clock=self.clock,
        )
        self.refusals = Refusals(audit=self.store.audit)
        self.desk = self._desk()
        self.app = an_app()
        self.answers = Answers()
        door = Door(
            self.app,
            clock=self.clock,
            ours=self.desk.chat.workspace.is_ours,
            turned_away=self.refusals.turned_away,
            answers=self.answers,
        )
        self._features().register(door)
        self.intake = Intake(
            inbox=self.store.inbox,
            executor=self.executor,
            handlers=door.kinds(),
            apologise=self.desk.apologise,
        )
        door.open(self.intake)

    # What comes in.

    def payload(self, user: str, *, team: str = OURS, **more: Any) -> dict[str, Any]:
        number = next(self._triggers)
        return {
            "token": "verification-token",
            "user": {"id": user, "team_id": team},
            "team": {"id": team},
            "trigger_id": f"trigger-{number}",
            "response_url": f"https://hooks.slack.example/{number}",
        } | more

    def send(self, payload: Mapping[str, Any]) -> BoltResponse:
        """Through the socket's way into Bolt; what was taken in is worked off before this returns."""
        response = self.app.dispatch(BoltRequest(mode="socket_mode", body=dict(payload)))
        self.answers.given(payload)
        self.settle()
        return response

    def command(
        self, user: str, text: str, *, channel: str = ACME_CHANNEL, **more: Any
    ) -> BoltResponse:
        return self.send(self.commanded(user, text, channel=channel, **more))

    def commanded(
        self, user: str, text: str, *, channel: str = ACME_CHANNEL, **more: Any
    ) -> dict[str, Any]:
        word, _, words = text.partition(" ")
        return (
            self.payload(user)
            | {
                "command": word,
                "text": words,
                "user_id": user,
                "team_id": OURS,
                "channel_id": channel,
            }
            | more
        )

    def click(
        self, user: str, action_id: str, value: str = "", *, channel: str = "C9", **more: Any
    ) -> BoltResponse:
        return self.send(self.clicked(user, action_id, value, channel=channel, **more))

    def clicked(
        self, user: str, action_id: str, value: str = "", *, channel: str = "C9", **more: Any
    ) -> dict[str, Any]:
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
        return self.payload(
            user,
            type="block_actions",
            channel={"id": channel},
            container={"type": "message", "message_ts": "1.0", "channel_id": channel},
            actions=[action],
            **more,
        )

    def submit(
        self,
        user: str,
        callback_id: str,
        values: Mapping[Any, Any],
        *,
        view_id: str = "V1",
        **held: Any,
    ) -> BoltResponse:
        state = {name: {name: element(value)} for name, value in values.items()}
        view = {
            "id": view_id,
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": json.dumps(held),
            "state": {"values": state},
        }
        return self.send(self.payload(user, type="view_submission", view=view))

    def suggest(self, user: str, field_id: str, typed: str, **held: Any) -> list[dict[str, Any]]:
        view = {"id": "V1", "type": "modal", "private_metadata": json.dumps(held)}
        response = self.send(
            self.payload(
                user,
                type="block_suggestion",
                view=view,
                action_id=field_id,
                block_id=field_id,
                value=typed,
            )
        )
        found: list[dict[str, Any]] = json.loads(response.body)["options"]
        return found

    def open_home(self, user: str, *, tab: str = "home") -> BoltResponse:
        """Bolt acknowledges events by itself, before its listener has run."""
        seen = self.store.inbox._kept.seen
        before = len(seen)
        event = {"type": "app_home_opened", "user": user, "tab": tab, "channel": f"D-{user}"}
        response = self.send(
            {"type": "event_callback", "team_id": OURS, "event": event, "event_id": f"E{user}{tab}"}
        )
        eventually(lambda: len(seen) > before)
        self.settle()
        return response

    def settle(self) -> None:
        """Wait until everything taken in is worked off."""
        eventually(lambda: not self.executor._running)

    # What is there.

    def asked_for(self, *, by: Person = TESS) -> Request:
        """A pending request."""
        ask = RequestPlan(
            requests=self.requests, switch=self.switch, policy=self.policy, clock=self.clock
        )
        identity = self.desk.chat.who(next(iter(by.chat_ids)))
        return ask(
            REQUEST,
            a_plan(),
            client=self.acme,
            person=by,
            identity=identity,
            reason="They are overdue.",
            ticket=None,
        )

    def stored(self) -> Request:
        request = self.requests.get(REQUEST)
        assert request is not None
        return request

    def told(self) -> str:
        """Everything anybody was answered, as text."""
        said = [body for _, body in self.web.responses]
        said += [args for _, args in self.web.written]
        return json.dumps(said, ensure_ascii=False)

    def views(self, method: str) -> list[dict[str, Any]]:
        """The views that were opened, updated or published."""
        return [args["view"] for name, args in self.web.written if name == method]

    def refused(self) -> list[tuple[str, str, str]]:
        """Who was refused what, by the record."""
        entries = [e for e in self.store.audit.entries if e.kind == "refused"]
        return [(e.actor, str(e.detail["what"]), str(e.detail["of"])) for e in entries]

    # Putting together.

    def _desk(self) -> Desk:
        workspace = Workspace(self.web)  # type: ignore[arg-type]
        poster = Poster(web=self.web, outbox=self.store.outbox, clock=self.clock)  # type: ignore[arg-type]
        chat = SlackChat(
            web=self.web,  # type: ignore[arg-type]
            workspace=workspace,
            poster=poster,
            people=self.people,
            clock=self.clock,
            approval_channel="approvals",
            frozen=self.switch.frozen,
        )
        return Desk(
            clients=self.clients,
            people=self.people,
            chat=chat,
            snapshots=self.shown,
            requests=self.requests,
            clock=self.clock,
            scan=self.scanned.append,
            refusals=self.refusals,
        )

    def _features(self) -> Features:
        directory: Any = self.directory
        rmms: Any = {"ninja": self.rmm}
        return Features(
            desk=self.desk,
            directory=directory,
            rmms=rmms,
            requests=self.requests,
            snapshots=self.shown,
            drafts=self.store.drafts,
            switch=self.switch,
            exemptions=self.store.exemptions,
            evidence=lambda _client: None,
            policy=self.policy,
            mfa_policy=MfaPolicy(),
            rings=RingPolicy(),
            clock=self.clock,
            parallel=ThreadParallel(),
            sockets=lambda: 1,
        )


def element(value: Any) -> dict[str, Any]:
    """A form's input as Slack sends its state."""
    if isinstance(value, list):
        options = [{"text": {"type": "plain_text", "text": item}, "value": item} for item in value]
        return {"type": "multi_external_select", "selected_options": options}
    return {"type": "plain_text_input", "value": value}
