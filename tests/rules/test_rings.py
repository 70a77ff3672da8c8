"""Who goes first, and what they say about the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.patching import Ring
from core.domain.policy import RingPolicy
from core.domain.remediation import (
    RESTART_OWED,
    Action,
    Job,
    JobId,
    JobKind,
    JobState,
    Options,
    Plan,
    Request,
    Step,
    StepState,
    Target,
)
from core.rules.rings import Gate, canary, sent_first, with_rings
from tests.rules.requests import NOW, plan, request, target

POLICY = RingPolicy()
V, N, F, S, U, P, W, D = (
    StepState.VERIFIED,
    StepState.NOT_VERIFIED,
    StepState.FAILED,
    StepState.SKIPPED,
    StepState.UNKNOWN,
    StepState.PLANNED,
    StepState.WAITING,
    StepState.DISPATCHED,
)
UNSENT = (S, P, W)


def devices(count: int) -> list[Target]:
    return [target(f"t{n:03}") for n in range(count)]


def install(count: int, canaries: int) -> Plan:
    targets = [
        target(f"t{n:03}", ring=Ring.CANARY if n < canaries else Ring.BROAD) for n in range(count)
    ]
    return plan(*targets, action=Action.INSTALL_PATCHES)


def standing(*states: StepState, canaries: int = 1, reason: str = "") -> Request:
    """What is not planned, skipped or waiting was sent, in the plan's order."""
    of = install(len(states), canaries)
    steps = tuple(
        Step(target=t.id, state=s, reason=reason) for t, s in zip(of.targets, states, strict=True)
    )
    jobs = tuple(
        Job(
            id=JobId(f"J{n}"),
            kind=JobKind.INSTALL,
            account="ninja",
            client=of.client,
            targets=(step.target,),
            state=JobState.PLANNED if step.state in UNSENT else JobState.DISPATCHED,
            dispatched_at=None if step.state in UNSENT else NOW + timedelta(seconds=n),
        )
        for n, step in enumerate(steps)
    )
    return request(of=of, steps=steps, jobs=jobs)


def gate(*states: StepState, policy: RingPolicy = POLICY, **more: object) -> Gate:
    return canary(standing(*states, **more), policy).gate  # type: ignore[arg-type]


# Who goes first.


def test_online_workstations_of_which_something_is_known_go_first_and_servers_last() -> None:
    server, asleep, awake, unknown = (
        target("srv", is_server=True, count=1),
        target("a", online=False, count=1),
        target("c", count=1),
        target("b", count=None),
    )

    ordered = with_rings([server, asleep, awake, unknown], POLICY)

    assert [t.name for t in ordered] == ["c", "b", "a", "srv"]
    assert [t.ring for t in ordered] == [Ring.CANARY, *[Ring.BROAD] * 3]


@pytest.mark.parametrize(("count", "first"), [(2, 0), (3, 1), (20, 1), (21, 2), (40, 2), (41, 3)])
def test_a_share_of_the_devices_goes_first_and_at_least_one(count: int, first: int) -> None:
    ordered = with_rings(devices(count), POLICY)

    assert [t.ring for t in ordered] == [Ring.CANARY] * first + [Ring.BROAD] * (count - first)


@given(st.permutations(devices(30)))
def test_the_same_devices_go_first_in_whatever_order_they_were_chosen(chosen: list[Target]) -> None:
    assert with_rings(chosen, POLICY) == with_rings(devices(30), POLICY)


def test_who_goes_first_is_part_of_what_is_approved() -> None:
    assert install(5, 1).digest != install(5, 2).digest


def test_a_plan_without_canaries_keeps_the_digest_it_had_before_there_were_any() -> None:
    of = plan(target("t0"), action=Action.INSTALL_PATCHES)

    assert of.digest == "43a8ee9730fd5a013579141a4945e4a629e7287b04d52fa14aa7e94877e0779a"


def test_the_number_of_nights_is_part_of_what_is_approved() -> None:
    one, two = (replace(install(3, 1), options=Options(nights=n)) for n in (1, 2))

    assert one.digest == install(3, 1).digest
    assert two.digest != one.digest


# What they say.


def test_the_rest_waits_until_what_goes_first_is_verified() -> None:
    assert gate(D, P, P) is Gate.SHUT
    assert gate(V, P, P) is Gate.OPEN
    assert "t000" in canary(standing(D, P, P), POLICY).words


def test_one_that_failed_of_few_stops_the_rest_and_is_named() -> None:
    seen = canary(standing(N, P, P, reason="still missing: KB1"), POLICY)

    assert seen.gate is Gate.STOPPED
    assert "t000 (still missing: KB1)" in seen.words


def test_of_many_one_may_fail_but_not_two() -> None:
    most = [V] * 28
    assert gate(F, *most, V, V, P, canaries=31) is Gate.OPEN
    assert gate(F, N, *most, V, P, canaries=31) is Gate.STOPPED
    assert gate(F, *[V] * 18, V, P, canaries=20) is Gate.STOPPED


def test_a_failure_stops_the_rest_before_the_others_have_ended() -> None:
    assert gate(F, D, P, P, canaries=2) is Gate.STOPPED


def test_a_restart_that_is_owed_is_no_failure_unless_the_policy_says_so() -> None:
    strict = RingPolicy(restart_owed_fails=True)

    assert gate(N, P, P, reason=RESTART_OWED) is Gate.OPEN
    assert gate(N, P, P, reason=RESTART_OWED, policy=strict) is Gate.STOPPED


def test_what_nobody_can_tell_about_is_asked_before_the_rest_is_sent() -> None:
    assert gate(U, P, P) is Gate.ASKS
    assert gate(U, D, P, P, canaries=2) is Gate.SHUT


@pytest.mark.parametrize("absent", [S, W])
def test_one_that_is_left_out_or_waited_for_gives_its_turn_to_the_next(absent: StepState) -> None:
    assert gate(absent, P, P, P) is Gate.OPEN
    assert gate(absent, D, P, P) is Gate.SHUT
    assert gate(absent, F, P, P) is Gate.STOPPED
    assert gate(absent, V, P, P) is Gate.OPEN


@given(st.lists(st.sampled_from(list(StepState)), min_size=3, max_size=12), st.integers(1, 3))
def test_the_rest_is_never_open_while_one_of_the_first_has_not_ended(
    states: list[StepState], canaries: int
) -> None:
    request = standing(*states, canaries=canaries)
    first = [request.step(item) for item in sent_first(request)[:canaries]]
    seen = canary(request, POLICY).gate

    if len(first) == canaries and seen is Gate.OPEN:
        assert all(step.state in (V, S) for step in first)
    if any(step.state in (F, N) for step in first):
        assert seen is Gate.STOPPED
