"""The calls a plan takes, and how a request ends."""

import itertools

import pytest

from core.domain.patching import SYSTEM_ALONE, Family
from core.domain.remediation import (
    Action,
    JobId,
    JobKind,
    Options,
    Plan,
    RequestState,
    Step,
    StepState,
)
from core.rules.jobs import jobs_of
from core.rules.outcome import outcome, tally
from tests.rules.requests import plan, request, target

V, N, F, S, U, P = (
    StepState.VERIFIED,
    StepState.NOT_VERIFIED,
    StepState.FAILED,
    StepState.SKIPPED,
    StepState.UNKNOWN,
    StepState.PLANNED,
)


def many(count: int, action: Action, options: Options | None = None) -> Plan:
    return plan(
        *(target(f"t{n}") for n in range(count)), action=action, options=options or Options()
    )


def test_a_call_may_install_what_was_approved_for_its_device() -> None:
    both = frozenset(Family)
    of = plan(
        target("t1", families=both, chosen={"KB1": "KB1"}),
        target("t2"),
        action=Action.INSTALL_PATCHES,
    )
    first, second = jobs_of(of, lambda: JobId("J"))
    assert (first.families, first.chosen) == (both, ("KB1",))
    assert (second.families, second.chosen) == (SYSTEM_ALONE, ())


def shape(of: Plan) -> list[tuple[JobKind, int]]:
    numbers = itertools.count(1)
    jobs = jobs_of(of, lambda: JobId(f"J{next(numbers)}"))
    assert [job.id for job in jobs] == [f"J{n}" for n in range(1, len(jobs) + 1)]
    return [(job.kind, len(job.targets)) for job in jobs]


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Action.INSTALL_PATCHES, JobKind.INSTALL),
        (Action.SCAN_PATCHES, JobKind.SCAN),
        (Action.RESTART_DEVICES, JobKind.RESTART),
    ],
)
def test_every_device_gets_a_call_of_its_own(action: Action, kind: JobKind) -> None:
    assert shape(many(3, action)) == [(kind, 1)] * 3


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Action.ENFORCE_MFA, JobKind.ADD_TO_GROUP),
        (Action.UNDO_ENFORCE_MFA, JobKind.REMOVE_FROM_GROUP),
    ],
)
def test_users_go_twenty_to_a_call(action: Action, kind: JobKind) -> None:
    assert shape(many(45, action)) == [(kind, 20), (kind, 20), (kind, 5)]
    assert shape(many(20, action)) == [(kind, 20)]


def test_signing_out_comes_after_all_additions_and_only_where_asked_for() -> None:
    signing_out = many(21, Action.ENFORCE_MFA, Options(revoke_sessions=True))
    assert shape(signing_out) == [
        (JobKind.ADD_TO_GROUP, 20),
        (JobKind.ADD_TO_GROUP, 1),
        (JobKind.REVOKE_SESSIONS, 20),
        (JobKind.REVOKE_SESSIONS, 1),
    ]


def test_devices_are_never_signed_out() -> None:
    assert shape(many(1, Action.INSTALL_PATCHES, Options(revoke_sessions=True))) == [
        (JobKind.INSTALL, 1)
    ]


def test_the_jobs_carry_every_target_once_in_the_plans_order() -> None:
    of = many(41, Action.ENFORCE_MFA)
    jobs = jobs_of(of, lambda: JobId("J"))
    assert [t for job in jobs for t in job.targets] == [t.id for t in of.targets]
    assert {(job.account, job.client, job.group) for job in jobs} == {
        ("entra", "acme", "mfa-group")
    }


@pytest.mark.parametrize(
    ("steps", "state", "ended"),
    [
        ([V, V], RequestState.RUNNING, RequestState.SUCCEEDED),
        ([V, V], RequestState.CANCELLING, RequestState.SUCCEEDED),
        ([V, F], RequestState.RUNNING, RequestState.PARTIAL),
        ([V, N], RequestState.RUNNING, RequestState.PARTIAL),
        ([V, S], RequestState.CANCELLING, RequestState.PARTIAL),
        ([F, N], RequestState.RUNNING, RequestState.FAILED),
        ([N], RequestState.RUNNING, RequestState.FAILED),
        ([S, S], RequestState.RUNNING, RequestState.FAILED),
        ([S, S], RequestState.CANCELLING, RequestState.CANCELLED),
        ([S, F], RequestState.CANCELLING, RequestState.FAILED),
        ([U], RequestState.RUNNING, RequestState.PARTIAL),
        ([U, S], RequestState.CANCELLING, RequestState.PARTIAL),
    ],
)
def test_a_request_ends_as_its_steps_did(
    steps: list[StepState], state: RequestState, ended: RequestState
) -> None:
    assert outcome(request(*steps, state=state)) is ended


def test_what_was_already_so_is_success_and_counted_apart() -> None:
    steps = (
        Step(target="t0", state=V, changed=True),
        Step(target="t1", state=V, changed=False),
        Step(target="t2", state=F),
        Step(target="t3", state=P),
    )
    counted = tally(request(V, V, F, P, steps=steps))
    assert (counted.verified, counted.already, counted.failed, counted.open) == (2, 1, 1, 1)
    assert counted.sentence == "2 verified (1 already so), 1 failed, 1 still open"


def test_the_sentence_names_only_what_there_is() -> None:
    assert tally(request(S, U, N)).sentence == "1 not verified, 1 skipped, 1 unknown"
    assert tally(request()).sentence == "no targets"


def test_job_carries_the_updates_of_its_device_and_the_digest_holds_them() -> None:
    named = plan(
        target("a", chosen={"17": "KB5000002", "16": "KB5000001"}),
        target("b"),
        action=Action.INSTALL_PATCHES,
    )
    jobs = jobs_of(named, lambda: JobId("J"))
    assert [job.chosen for job in jobs] == [("16", "17"), ()]
    fewer = plan(
        target("a", chosen={"16": "KB5000001"}), target("b"), action=Action.INSTALL_PATCHES
    )
    unnamed = plan(target("a"), target("b"), action=Action.INSTALL_PATCHES)
    assert len({item.digest for item in (named, fewer, unnamed)}) == 3
