"""The whole front of the bot behind a real Bolt app: payloads go in, what Slack was told comes out. No network."""

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from datetime import time as clock_time
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.middleware.authorization import SingleTeamAuthorization
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.facts import Coverage, Fact
from core.domain.findings import (
    DeviceVerdict,
    MfaSection,
    MfaVerdict,
    PatchSection,
    Requirement,
    Snapshot,
)
from core.domain.identity import AccountKind, GroupProof, PerUserState, UserId
from core.domain.patching import Capabilities, DeviceId, DeviceKind, DevicePreview, RebootControl
from core.domain.people import EVERY_CLIENT, People, Person, PersonKey, Role
from core.domain.policy import ApprovalPolicy, MfaPolicy, RingPolicy
from core.domain.remediation import JobKind, Request
from core.domain.tenant_change import ReportOnlyImpact, TenantControls
from core.domain.what_if import WhatIf
from core.errors import VendorDown
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from core.usecases.exempted_snapshots import ExemptedSnapshots
from core.usecases.request_plan import RequestPlan
from engine.executor import Executor
from engine.intake import Intake
from engine.parallel import ThreadParallel
from handlers.desk import Desk
from handlers.door import Door
from handlers.features import Features
from handlers.refusals import Refusals
from integrations.slack.chat import SlackChat
from integrations.slack.directory import Workspace
from integrations.slack.posting import Poster
from integrations.slack.web import SlackRefused
from tests.fakes.effector import FakeEffector
from tests.fakes.memory_store import MemoryStore
from tests.fakes.tenant import controls
from tests.usecases.requests_made import REQUEST, START, HandClock, a_client, a_plan

OURS, THEIRS = "T1", "T2"
BETA = ClientKey("beta")
ACME_CHANNEL, SHARED_CHANNEL = "C1", "C2"

TESS = Person(
    key=PersonKey("tess"),
    name="Tess",
    chat_ids=frozenset({"UTESS"}),
    emails=frozenset({"tess@msp.example"}),
    roles={EVERY_CLIENT: Role.TECHNICIAN},
)
MAYA = Person(
    key=PersonKey("maya"),
    name="Maya",
    chat_ids=frozenset({"UMAYA", "UMAYA2"}),
    roles={EVERY_CLIENT: Role.APPROVER},
)
#: Only an e-mail address is configured; two accounts show it.
DEVON = Person(
    key=PersonKey("devon"),
    name="Devon",
    emails=frozenset({"devon@msp.example"}),
    roles={EVERY_CLIENT: Role.APPROVER},
)
VIK = Person(
    key=PersonKey("vik"),
    name="Vik",
    chat_ids=frozenset({"UVIK"}),
    roles={EVERY_CLIENT: Role.VIEWER},
)
#: Knows one client only.
BO = Person(
    key=PersonKey("bo"), name="Bo", chat_ids=frozenset({"UBO"}), roles={BETA: Role.APPROVER}
)


def an_account(user_id: str, **other: Any) -> dict[str, Any]:
    """A user as users.info tells it."""
    return {
        "id": user_id,
        "team_id": OURS,
        "real_name": user_id.title(),
        "is_email_confirmed": True,
        "profile": {},
    } | other


class FakeWeb:
    """Slack's Web API as SlackWeb offers it; keeps what was written."""

    def __init__(self) -> None:
        self.down = False
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.responses: list[tuple[str, dict[str, Any]]] = []
        self.files: list[tuple[str, str, bytes]] = []
        self.asked: list[str] = []
        self.refuse: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self.users: dict[str, dict[str, Any]] = {
            user["id"]: user
            for user in (
                an_account("UTESS"),
                an_account("UMAYA"),
                an_account("UMAYA2"),
                an_account("UDEVON", profile={"email": "Devon@MSP.example"}),
                an_account("UDEVON2", profile={"email": "devon@msp.example"}),
                an_account("UVIK"),
                an_account("UBO"),
                an_account("UEVE"),
                an_account("UGUEST", is_restricted=True, profile={"email": "tess@msp.example"}),
                an_account("UGONE", deleted=True, profile={"email": "devon@msp.example"}),
                an_account("UBOT", is_bot=True, profile={"email": "devon@msp.example"}),
                an_account("UFAR", team_id=THEIRS, profile={"email": "devon@msp.example"}),
                an_account(
                    "UTYPED", is_email_confirmed=False, profile={"email": "devon@msp.example"}
                ),
            )
        }
        self.channels: dict[str, dict[str, Any]] = {
            ACME_CHANNEL: {"id": ACME_CHANNEL, "name": "acme"},
            SHARED_CHANNEL: {"id": SHARED_CHANNEL, "name": "joint", "is_ext_shared": True},
            "C9": {"id": "C9", "name": "approvals"},
        }

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        self._reach(method)
        match method:
            case "auth.test":
                return {"team_id": OURS, "user_id": "UGATE"}
            case "users.info":
                return {"user": self._user(arguments["user"])}
            case "users.lookupByEmail":
                return {"user": self._user_of(arguments["email"])}
            case "conversations.info":
                return {"channel": self._channel(arguments["channel"])}
            case "users.conversations":
                return {"channels": list(self.channels.values())}
            case "conversations.open":
                return {"channel": {"id": f"D-{arguments['users']}"}}
        raise AssertionError(method)

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        self._reach(method)
        self.written.append((method, arguments))
        number = next(self._numbers)
        return {
            "channel": arguments.get("channel"),
            "ts": f"{number}.0",
            "view": {"id": f"V{number}"},
        }

    def respond(self, response_url: str, body: Mapping[str, Any]) -> bool:
        if self.down:
            return False
        self.responses.append((response_url, dict(body)))
        return True

    def upload(self, channel: str, *, name: str, content: bytes, comment: str) -> None:
        self._reach("files.upload")
        self.files.append((channel, name, content))

    def _reach(self, method: str) -> None:
        self.asked.append(method)
        if self.down:
            raise VendorDown("Slack", "could not be reached")
        if method in self.refuse:
            raise SlackRefused(self.refuse[method])

    def _user(self, user_id: str) -> Mapping[str, Any]:
        if user_id not in self.users:
            raise SlackRefused("user_not_found")
        return self.users[user_id]

    def _user_of(self, email: str) -> Mapping[str, Any]:
        for user in self.users.values():
            if user["profile"].get("email", "").lower() == email:
                return user
        raise SlackRefused("users_not_found")

    def _channel(self, channel_id: str) -> Mapping[str, Any]:
        if channel_id not in self.channels:
            raise SlackRefused("channel_not_found")
        return self.channels[channel_id]


def an_app() -> App:
    """Bolt's app as the bot makes it, knowing beforehand what it would ask Slack about itself."""
    app = App(client=WebClient("xoxb-test"), token_verification_enabled=False)
    own = {"ok": True, "team_id": OURS, "user_id": "UGATE", "bot_id": "BGATE", "user": "gatehouse"}
    for middleware in app._middleware_list:
        if isinstance(middleware, SingleTeamAuthorization):
            middleware.auth_test_result = SlackResponse(
                client=app.client,
                http_verb="POST",
                api_url="",
                req_args={},
                data=own,
                headers={},
                status_code=200,
            )
    return app


class FakeRmm(FakeEffector):
    """One account whose devices wait for two updates each."""

    account, vendor_name = "ninja", "NinjaOne"
    capabilities = Capabilities(scan=True, install=True, reboot_control=RebootControl.OURS)

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        return {
            item: DevicePreview(
                device_id=item,
                name=item,
                kind=DeviceKind.WORKSTATION,
                online=Fact.YES,
                patch_keys=frozenset({"KB1", "KB2"}),
                count=2,
            )
            for item in devices
        }


class FakeDirectory(FakeEffector):
    """Tenants in which all is well; `down` says otherwise."""

    can_write = True
    down = False
    settings = controls(role_holders={GLOBAL_ADMINISTRATOR: frozenset({"bg1"})})

    def existing(self, client: Client, user_ids: Sequence[str]) -> Mapping[str, Fact]:
        if self.down:
            raise VendorDown("Entra", "could not be reached")
        return dict.fromkeys(user_ids, Fact.YES)

    def prove_group(self, client: Client) -> GroupProof:
        return GroupProof(group_id=client.mfa_group or "", name="MFA required", problems=())

    def what_if(self, client: Client, user_id: UserId) -> WhatIf:
        raise VendorDown("Entra", "could not be reached")

    def controls(self, client: Client) -> TenantControls:
        if self.down:
            raise VendorDown("Entra", "could not be reached")
        return self.settings

    def per_user_states(
        self, client: Client, user_ids: Sequence[str]
    ) -> Mapping[str, PerUserState]:
        return dict.fromkeys(user_ids, PerUserState.DISABLED)

    def impact(self, client: Client, policy_id: str, since: datetime) -> ReportOnlyImpact:
        raise VendorDown("Entra", "could not be reached")

    def prove(self, client: Client) -> Any:
        raise VendorDown("Entra", "could not be reached")


def a_snapshot(client: ClientKey) -> Snapshot:
    """Two overdue workstations, two people without MFA and the emergency account."""
    devices = tuple(
        DeviceVerdict(
            device_id=DeviceId(f"ninja:{n}"),
            account="ninja",
            name=f"WS-{n}",
            kind=DeviceKind.WORKSTATION,
            os="Windows 11",
            online=Fact.YES,
            last_seen=START,
            last_scan=START,
            overdue=Fact.YES,
        )
        for n in (1, 2)
    )
    people = tuple(
        MfaVerdict(
            user_id=UserId(name),
            name=name.title(),
            upn=f"{name}@{client}.example",
            kind=AccountKind.MEMBER,
            requirement=Requirement.UNCOVERED,
            registered=Fact.YES,
            capable=Fact.YES,
            enforced=Fact.NO,
            gap=Fact.YES,
            held_out="break-glass" if name == "bg1" else None,
        )
        for name in ("ada", "ben", "bg1")
    )
    return Snapshot(
        client=client,
        mfa=MfaSection(observed_at=START, verdicts=people, coverage=Coverage()),
        patches=PatchSection(observed_at=START, devices=devices, coverage=Coverage()),
        tried_at=START,
    )


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
        door = Door(
            self.app,
            clock=self.clock,
            ours=self.desk.chat.workspace.is_ours,
            turned_away=self.refusals.turned_away,
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
        self._until(lambda: len(seen) > before)
        self.settle()
        return response

    def settle(self) -> None:
        """Wait until everything taken in is worked off."""
        self._until(lambda: not self.executor._running)

    def _until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not done():
            assert time.monotonic() < end, "it does not end"
            time.sleep(0.002)

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
