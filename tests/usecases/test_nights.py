"""Never two domain controllers, a host and its guests, or both nodes of a cluster in one night."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.clients import Client, GroupKind, ServerGroup
from core.domain.events import StepResult
from core.domain.remediation import (
    Action,
    Job,
    JobKind,
    Plan,
    RequestId,
    RequestState,
    StepState,
    When,
)
from core.ports import Report
from core.rules.nights import NIGHT, apart
from tests.fakes.effector import FakeEffector
from tests.usecases.requests_made import MAYA, Office, a_client, a_plan

CONTROLLERS = ServerGroup(kind=GroupKind.DOMAIN_CONTROLLERS, devices=frozenset({"ws-1", "ws-2"}))
HOSTING = ServerGroup(
    kind=GroupKind.HOST_AND_GUESTS, host="ws-3", devices=frozenset({"ws-1", "ws-4"})
)
FREE = ServerGroup(kind=GroupKind.INDEPENDENT, devices=frozenset({"ws-6"}))
ACME = a_client(server_groups=(CONTROLLERS, HOSTING, FREE))
SECOND = RequestId("R00002")


def servers(*numbers: int, when: When = When.NOW, action: Action = Action.INSTALL_PATCHES) -> Plan:
    plan = a_plan(6, when=when, action=action)
    return replace(
        plan, targets=tuple(replace(plan.targets[n - 1], is_server=True) for n in numbers)
    )


def an_office() -> Office:
    return Office(client=ACME)


def approved(office: Office, plan: Plan, request_id: RequestId) -> None:
    office.request_id = request_id
    office.ask(plan, request_id=request_id)
    office.decide(MAYA)


def test_the_second_controller_of_a_request_waits_and_is_named_at_the_end() -> None:
    office = an_office()
    office.approved(servers(1, 2, 6))

    waiting = office.advance(3)
    assert office.vendor.sent == [("ninja:1",), ("ninja:6",)]
    assert waiting.step("ninja:2").reason == "never in one night with WS-1"

    office.clock.move(hours=5)
    done = office.advance()
    assert done.state is RequestState.PARTIAL
    assert done.step("ninja:2").state is StepState.SKIPPED
    assert "ended before it was sent; never in one night with WS-1" in done.step("ninja:2").reason


def test_a_second_request_of_the_same_night_waits_too() -> None:
    office = an_office()
    office.approved(servers(1))
    office.advance(2)
    assert office.stored().state is RequestState.SUCCEEDED
    approved(office, servers(2), SECOND)

    assert office.advance(3).step("ninja:2").reason == "never in one night with WS-1"
    assert office.vendor.sent == [("ninja:1",)]

    office.clock.move(hours=12, minutes=1)
    approved(office, servers(2), RequestId("R00003"))
    assert office.advance(2).state is RequestState.SUCCEEDED


def test_a_server_whose_end_nobody_knows_keeps_the_other_waiting_for_days() -> None:
    office = an_office()
    office.vendor.verified = {"ninja:1": StepResult(target="ninja:1", state=StepState.UNKNOWN)}
    office.approved(servers(1))
    office.advance(2)
    office.clock.move(days=2)
    approved(office, servers(2), SECOND)

    assert office.advance(2).step("ninja:2").state is StepState.PLANNED
    assert office.vendor.sent == [("ninja:1",)]


def test_restarts_are_nights_apart_as_installs_are() -> None:
    office = an_office()
    office.approved(servers(1, 2, action=Action.RESTART_DEVICES))

    assert office.advance(3).step("ninja:2").reason == "never in one night with WS-1"
    assert office.vendor.kinds == [JobKind.RESTART]


def test_a_scan_troubles_nobody() -> None:
    office = an_office()
    office.approved(servers(1, 2, action=Action.SCAN_PATCHES))

    assert office.advance(2).state is RequestState.SUCCEEDED
    assert office.vendor.kinds == [JobKind.SCAN, JobKind.SCAN]


def test_of_two_requests_sent_at_the_same_moment_at_most_one_gets_through() -> None:
    office = an_office()
    office.approved(servers(1))
    approved(office, servers(2), SECOND)

    def the_other_goes_between() -> None:
        office.request_id = RequestId("R00001")
        office.advance()

    office.vendor.while_rechecking = [lambda: None, the_other_goes_between]
    office.request_id = SECOND
    held = office.advance()

    assert office.vendor.sent == [("ninja:1",)]
    assert held.step("ninja:2").reason.endswith("never in one night with WS-1")


# Whatever is asked for, and whenever.


class Recorder(FakeEffector):
    """Notes when what was sent."""

    def __init__(self, office: Office, sent: list[tuple[str, datetime]]) -> None:
        super().__init__()
        self.office, self.noted = office, sent

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        self.noted += [(target, self.office.clock.now()) for target in job.targets]
        return super().dispatch(client, job, request_id)


PASSES = st.lists(
    st.tuples(st.sampled_from(["R00001", "R00002"]), st.integers(0, 200)), max_size=12
)
CHOSEN = st.lists(st.integers(1, 6), min_size=1, max_size=6, unique=True)


@settings(max_examples=60)
@given(CHOSEN, CHOSEN, PASSES)
def test_no_two_that_are_kept_apart_are_ever_sent_in_one_night(
    one: list[int], other: list[int], passes: list[tuple[str, int]]
) -> None:
    office = an_office()
    office.policy = replace(office.policy, approved_minutes=7 * 24 * 60)
    sent: list[tuple[str, datetime]] = []
    office.vendor = Recorder(office, sent)
    office.approved(servers(*one))
    approved(office, servers(*other), SECOND)

    for request_id, minutes in passes:
        office.request_id = RequestId(request_id)
        office.advance()
        office.clock.move(minutes=minutes)

    plan = servers(*range(1, 7))
    for n, (name, at) in enumerate(sent):
        for before, earlier in sent[:n]:
            if apart(plan.target(name), plan.target(before), ACME):
                assert at - earlier >= NIGHT, (before, name)
