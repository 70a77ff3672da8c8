"""One approved request through one vendor's adapter, and a process that dies in the middle of its call."""

from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.patching import RebootControl
from core.domain.policy import ApprovalPolicy, RingPolicy
from core.domain.remediation import Job, Plan, Request, RequestId, Verdict
from core.ports import Report
from core.usecases.advance_request import AdvanceRequest
from core.usecases.decide_request import DecideRequest
from core.usecases.request_plan import RequestPlan
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from tests.contracts.vendor_bench import ACCOUNT, REQUEST, Bench
from tests.fakes.memory_store import MemoryStore
from tests.sandbox.rmm_desk import need_no_restart, willing
from tests.usecases.requests_made import MAYA, TESS, an_account

POLICY = ApprovalPolicy()


class KilledError(BaseException):
    """The process is gone: nothing of it catches this."""


@dataclass
class Killed:
    """An account whose process dies in the middle of a call, after the vendor has had it."""

    real: RmmAccount

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        self.real.dispatch(client, job, request_id)
        raise KilledError


@dataclass
class Desk:
    """One approved request for one device of one vendor's stand-in."""

    bench: Bench
    company: Company
    device: Device
    store: MemoryStore

    @classmethod
    def make(cls, bench: Bench) -> "Desk":
        company, device = bench.pick(willing)
        account = bench.account()
        if account.capabilities.reboot_control is RebootControl.OURS:
            need_no_restart(device)
        return cls.approved(bench, company, device, bench.plan(account, company, device))

    @classmethod
    def approved(cls, bench: Bench, company: Company, device: Device, plan: Plan) -> "Desk":
        """The plan is for this device alone."""
        made = cls(bench, company, device, MemoryStore(bench.world.clock))
        made._approve(plan)
        return made

    @property
    def client(self) -> Client:
        return self.bench.client(self.company)

    @property
    def plan(self) -> Plan:
        (request,) = self.store.requests.open()
        return request.plan

    def _approve(self, plan: Plan) -> None:
        clock = self.bench.world.clock
        ask = RequestPlan(
            requests=self.store.requests, switch=self.store.switch, policy=POLICY, clock=clock
        )
        ask(
            REQUEST, plan, client=self.client, person=TESS, identity=an_account(),
            reason="They are overdue.", ticket=None,
        )  # fmt: skip
        decide = DecideRequest(requests=self.store.requests, policy=POLICY, clock=clock)
        decide(
            REQUEST, Verdict.APPROVE, client=self.client, person=MAYA, identity=an_account(),
            reason="",
        )  # fmt: skip

    def advance(self, account: object, passes: int = 1) -> Request:
        """So many passes of one process, two seconds apart."""
        advance = AdvanceRequest(
            requests=self.store.requests,
            effectors={ACCOUNT: account},  # type: ignore[dict-item]
            rmms={ACCOUNT: account},  # type: ignore[dict-item]
            clients={self.client.key: self.client},
            switch=self.store.switch,
            policy=POLICY,
            rings=RingPolicy(),
            clock=self.bench.world.clock,
        )
        for _ in range(passes):
            request = advance(REQUEST)
            self.bench.world.clock.advance(2)
        return request

    def restart(self) -> None:
        self.store = self.store.restarted()
