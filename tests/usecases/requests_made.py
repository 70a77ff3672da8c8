"""A small MSP for the tests of use cases: one client, a few people, a clock that is moved by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from core.domain.clients import Client, ClientKey, MaintenanceWindow
from core.domain.people import EVERY_CLIENT, ChatIdentity, Person, PersonKey, Role
from core.domain.policy import ApprovalPolicy, RingPolicy
from core.domain.remediation import (
    Action,
    Direction,
    Options,
    Plan,
    Request,
    RequestId,
    Target,
    Verdict,
)
from core.usecases.advance_request import AdvanceRequest
from core.usecases.calls import Calls
from core.usecases.cancel_request import CancelRequest
from core.usecases.decide_request import DecideRequest
from core.usecases.freeze import FreezeSwitch
from core.usecases.keep_exemptions import ExemptionKeeper
from core.usecases.request_plan import RequestPlan
from core.usecases.settle_step import SettleStep
from tests.fakes.effector import FakeEffector
from tests.fakes.memory_store import MemoryStore

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
ACME = ClientKey("acme")
REQUEST = RequestId("R00001")


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


def a_client(**other: object) -> Client:
    window = MaintenanceWindow(
        days=frozenset({5}), start=time(22), minutes=240, time_zone="Europe/London"
    )
    given = {
        "key": ACME,
        "name": "Acme Dental",
        "channel": "acme",
        "time_zone": "Europe/London",
        "digest_at": time(7),
        "maintenance_window": window,
        "break_glass": ("bg1",),
        "mfa_group": "group",
    } | other
    return Client(**given)  # type: ignore[arg-type]


def a_person(key: str, role: Role) -> Person:
    return Person(key=PersonKey(key), name=key.title(), roles={EVERY_CLIENT: role})


def an_account(**other: object) -> ChatIdentity:
    given = {"user_id": "U1", "team_id": "T1", "name": "Someone"} | other
    return ChatIdentity(**given)  # type: ignore[arg-type]


TESS = a_person("tess", Role.TECHNICIAN)
MAYA = a_person("maya", Role.APPROVER)
DEVON = a_person("devon", Role.APPROVER)


def a_plan(count: int = 1, *, action: Action = Action.INSTALL_PATCHES, **options: object) -> Plan:
    lowers = action is Action.UNDO_ENFORCE_MFA
    return Plan(
        client=ACME,
        client_name="Acme Dental",
        account="ninja",
        action=action,
        direction=Direction.LOWERS if lowers else Direction.RAISES,
        options=Options(**options),  # type: ignore[arg-type]
        targets=tuple(Target(id=f"ninja:{n}", name=f"WS-{n}") for n in range(1, count + 1)),
        group=None if action.on_devices else "group",
        made_at=START,
    )


@dataclass
class Office:
    """All use cases over one store, one vendor and one clock."""

    clock: HandClock = field(default_factory=HandClock)
    policy: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    rings: RingPolicy = field(default_factory=RingPolicy)
    client: Client = field(default_factory=a_client)
    vendor: FakeEffector = field(default_factory=FakeEffector)
    client_left: bool = False
    request_id: RequestId = REQUEST

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.clock)
        self.calls = Calls()

    def restart(self) -> None:
        """The process dies; another one opens the same store."""
        self.store = self.store.restarted()
        self.calls = Calls()

    def ask(self, plan: Plan, *, person: Person = TESS, request_id: RequestId = REQUEST) -> Request:
        ask = RequestPlan(
            requests=self.store.requests,
            switch=self.store.switch,
            policy=self.policy,
            clock=self.clock,
        )
        return ask(
            request_id,
            plan,
            client=self.client,
            person=person,
            identity=an_account(),
            reason="They are overdue.",
            ticket=None,
        )

    def decide(
        self, person: Person, verdict: Verdict = Verdict.APPROVE, *, reason: str = ""
    ) -> Request:
        decide = DecideRequest(requests=self.store.requests, policy=self.policy, clock=self.clock)
        return decide(
            self.request_id,
            verdict,
            client=self.client,
            person=person,
            identity=an_account(),
            reason=reason,
        )

    def advance(self, times: int = 1) -> Request:
        advance = AdvanceRequest(
            requests=self.store.requests,
            effectors={"ninja": self.vendor, "entra": self.vendor, "gatehouse": self.keeper()},
            rmms={"ninja": self.vendor},  # type: ignore[dict-item]
            clients={client.key: client for client in self.clients},
            switch=self.store.switch,
            policy=self.policy,
            rings=self.rings,
            clock=self.clock,
            calls=self.calls,
        )
        for _ in range(times):
            request = advance(self.request_id)
        return request

    def keeper(self) -> ExemptionKeeper:
        return ExemptionKeeper(
            exemptions=self.store.exemptions, requests=self.store.requests, clock=self.clock
        )

    def cancel(self, person: Person) -> Request:
        cancel = CancelRequest(requests=self.store.requests, clock=self.clock)
        return cancel(self.request_id, person=person, identity=an_account())

    def settle(self, person: Person, *, carried_out: bool) -> Request:
        settle = SettleStep(requests=self.store.requests, clock=self.clock)
        return settle(
            self.request_id,
            carried_out=carried_out,
            reason="I looked at it.",
            person=person,
            identity=an_account(),
        )

    @property
    def clients(self) -> tuple[Client, ...]:
        """Who is in the configuration now."""
        return () if self.client_left else (self.client,)

    def freeze(self) -> FreezeSwitch:
        return FreezeSwitch(switch=self.store.switch, clock=self.clock)

    def approved(self, plan: Plan | None = None) -> Request:
        self.ask(plan or a_plan())
        return self.decide(MAYA)

    def stored(self) -> Request:
        request = self.store.requests.get(self.request_id)
        assert request is not None
        return request
