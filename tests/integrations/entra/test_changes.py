"""Adding to the group, taking out of it, signing out: once, honestly, and never a guess."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.remediation import Action, Job, JobKind, JobState, StepState
from core.errors import OutcomeUnknown, VendorBusy, VendorDown, VendorError, VendorForbidden
from core.ports import Report, Truth
from integrations.entra import EntraDirectory
from sandbox.estate.model import Group, User
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR
from tests.integrations.entra.conftest import Open
from tests.integrations.entra.house import REQUEST, House

ADD, REMOVE, REVOKE = JobKind.ADD_TO_GROUP, JobKind.REMOVE_FROM_GROUP, JobKind.REVOKE_SESSIONS
ENFORCE, UNDO = Action.ENFORCE_MFA, Action.UNDO_ENFORCE_MFA


def dispatch(house: House, job: Job, directory: EntraDirectory | None = None) -> Report:
    return (directory or house.directory).dispatch(house.client(), job, REQUEST)


def verify(house: House, job: Job, action: Action = ENFORCE) -> dict[str, StepResult]:
    results = house.directory.verify(house.client(), job, house.plan(action))
    return {result.target: result for result in results}


def of(report: Report, user: User) -> StepResult:
    return next(result for result in report.results if result.target == user.id)


# Adding.


def test_users_are_added_in_one_call_and_read_back(house: House) -> None:
    users = house.outside(5)
    job = house.job(ADD, *users)
    report = dispatch(house, job)
    assert report.state is JobState.DONE
    assert all(r.state is StepState.DONE and r.changed for r in report.results)
    assert house.effects("add_member") == [[user.id for user in users]]
    assert {user.id for user in users} <= set(house.members())
    assert all(result.state is StepState.VERIFIED for result in verify(house, job).values())


def test_whoever_is_in_already_is_not_sent_and_not_ours_to_undo(house: House) -> None:
    new, old = house.outside(1)[0], house.tenant().users[house.members()[0]]
    job = house.job(ADD, new, old)
    report = dispatch(house, job)
    assert of(report, new).changed is True
    assert of(report, old).changed is False
    assert of(report, old).state is StepState.DONE
    assert house.effects("add_member") == [[new.id]]


def test_nothing_is_sent_where_all_are_in_already(house: House) -> None:
    old = [house.tenant().users[member] for member in house.members()[:3]]
    report = dispatch(house, house.job(ADD, *old))
    assert report.state is JobState.DONE
    assert house.calls(method="PATCH") == 0


def test_a_refused_batch_is_read_again_and_sent_singly(house: House) -> None:
    kept, gone, joined = house.outside(3)
    job = house.job(ADD, kept, gone, joined)
    del house.tenant().users[gone.id]
    house.members().append(joined.id)  # by someone else, after the mark
    report = dispatch(house, job)
    assert report.state is JobState.DONE
    assert of(report, kept) == StepResult(target=kept.id, state=StepState.DONE, changed=True)
    assert of(report, gone).state is StepState.FAILED
    assert "no longer exists" in of(report, gone).reason
    assert of(report, joined).state is StepState.DONE
    assert of(report, joined).changed is False
    assert house.effects("add_member") == [[kept.id]]


def test_a_refusal_that_a_replica_cannot_explain_yet_is_still_success(open_house: Open) -> None:
    house = open_house(lag_share=1.0)
    user = house.outside(1)[0]
    job = house.job(ADD, user)
    again = replace(job, mark={"members": ""})
    assert of(dispatch(house, job), user).changed is True
    assert of(dispatch(house, again), user).changed is False
    assert house.members().count(user.id) == 1


def test_a_group_that_takes_nobody_fails_for_everyone(house: House) -> None:
    users = house.outside(2)
    job = house.job(ADD, *users)
    house.tenant().groups[job.group or ""].synced = True
    report = dispatch(house, job)
    assert report.state is JobState.FAILED
    assert all(result.state is StepState.FAILED for result in report.results)
    assert all("on-premises" in result.reason for result in report.results)


def test_what_is_not_visible_yet_is_not_called_verified(open_house: Open) -> None:
    house = open_house(lag_share=1.0)
    user = house.outside(1)[0]
    job = house.job(ADD, user)
    dispatch(house, job)
    assert verify(house, job)[user.id].state is StepState.DONE
    house.world.clock.advance(2)
    assert verify(house, job)[user.id].state is StepState.VERIFIED


def test_membership_through_a_nested_group_counts_when_read_back(house: House) -> None:
    user = house.outside(1)[0]
    inner = Group(id="0d000000-0000-4000-8000-000000000001", name="Inner", members=[user.id])
    house.tenant().groups[inner.id] = inner
    house.members().append(inner.id)
    assert verify(house, house.job(ADD, user))[user.id].state is StepState.VERIFIED


# Where the call fails.


def test_a_throttled_call_is_repeated_and_then_surely_not_carried_out(house: House) -> None:
    user = house.outside(1)[0]
    job = house.job(ADD, user)
    house.fault("status", method="PATCH", status=429, retry_after=2, count=1)
    assert of(dispatch(house, job), user).changed is True
    house.fault("status", method="PATCH", status=429)
    with pytest.raises(VendorBusy):
        dispatch(house, house.job(ADD, *house.outside(1)))


def test_a_forbidden_call_was_not_carried_out(house: House) -> None:
    house.tenant().write_roles = ["Directory.Read.All", "Policy.Read.All"]
    with pytest.raises(VendorForbidden):
        dispatch(house, house.job(ADD, *house.outside(1)))


@pytest.mark.parametrize("fault", [{"kind": "drop_after"}, {"kind": "status", "status": 503}])
def test_a_lost_answer_is_unknown_and_sent_once(house: House, fault: dict[str, object]) -> None:
    job = house.job(ADD, *house.outside(2))
    house.world.faults.add({"target": "graph", "method": "PATCH", **fault})
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    assert house.calls(method="PATCH") == 1


@pytest.mark.parametrize("lag_share", [0.0, 1.0])
def test_a_lost_answer_is_reconciled_exactly(open_house: Open, lag_share: float) -> None:
    house = open_house(lag_share=lag_share)
    users = house.outside(3)
    job = house.job(ADD, *users)
    house.fault("drop_after", method="PATCH")
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    house.world.faults.remove()
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.SENT
    assert evidence.detail == "Entra shows all 3 in the group."
    report = house.directory.follow(house.client(), job)
    assert report.state is JobState.DONE
    assert all(result.changed for result in report.results)
    assert house.effects("add_member") == [[user.id for user in users]]


def test_a_call_that_never_arrived_is_known_not_to_have_been_sent(house: House) -> None:
    job = house.job(ADD, *house.outside(3))
    house.fault("drop_before", method="PATCH")
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.NOT_SENT
    assert sum(house.sleeps.seconds) >= 15  # replicas were given time to show it
    assert house.effects("add_member") == []


def test_long_after_the_call_one_look_is_enough(house: House) -> None:
    job = house.job(ADD, *house.outside(3))
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    assert house.sleeps.seconds == []


def test_half_carried_out_was_sent_and_says_how_much(house: House) -> None:
    users = house.outside(3)
    job = house.job(ADD, *users)
    house.members().append(users[0].id)
    house.world.clock.advance(600)
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.SENT
    assert evidence.detail == "Entra shows 1 of the 3 in the group."
    states = [result.state for result in verify(house, job).values()]
    assert sorted(states) == [StepState.DONE, StepState.DONE, StepState.VERIFIED]


def test_whoever_was_in_before_is_no_evidence(house: House) -> None:
    old = house.tenant().users[house.members()[0]]
    new = house.outside(1)[0]
    job = house.job(ADD, old, new)
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    followed = house.directory.follow(house.client(), job)
    assert of(followed, old).changed is False


def test_one_lost_answer_among_singles_is_looked_up(house: House) -> None:
    first, second, third = house.outside(3)
    job = house.job(ADD, first, second, third)
    house.fault("status", method="PATCH", status=400)
    house.fault("drop_after", method="POST", path="*/members/$ref", count=1)
    report = dispatch(house, job)
    assert [of(report, user).changed for user in (first, second, third)] == [True, True, True]
    assert [len(row) for row in house.effects("add_member")] == [1, 1, 1]


def test_one_lost_call_among_singles_is_said_not_to_have_arrived(house: House) -> None:
    first, second = house.outside(2)
    job = house.job(ADD, first, second)
    house.fault("status", method="PATCH", status=400)
    house.fault("drop_before", method="POST", path="*/members/$ref", count=1)
    report = dispatch(house, job)
    assert of(report, first).state is StepState.FAILED
    assert of(report, second).changed is True


def test_where_looking_fails_too_it_stays_unknown(house: House) -> None:
    user, other = house.outside(2)
    job = house.job(ADD, user, other)
    house.fault("status", method="PATCH", status=400)
    house.fault("drop_after", method="POST", path="*/members/$ref", count=1)
    reads = house.calls(method="GET", path="/members")
    assert reads == 1
    original, seen = house.world.faults.take, []

    def break_later_reads(target: str, method: str, path: str) -> list[object]:
        if path.endswith("/members"):
            seen.append(path)
            if len(seen) == 2:
                house.fault("status", path="*/members", status=503)
        return original(target, method, path)  # type: ignore[return-value]

    house.world.faults.take = break_later_reads  # type: ignore[method-assign, assignment]
    report = dispatch(house, job)
    assert of(report, user).state is StepState.UNKNOWN
    assert "looking failed" in of(report, user).reason
    assert of(report, other).changed is True


def test_after_one_was_sent_a_later_failure_hides_nothing(house: House) -> None:
    first, second = house.outside(2)
    job = house.job(ADD, first, second)
    house.fault("status", method="PATCH", status=400)
    house.fault("status", method="POST", path="*/members/$ref", status=429, retry_after=99)
    with pytest.raises(VendorBusy):
        dispatch(house, job)
    house.world.faults.remove()
    house.fault("status", method="PATCH", status=400)
    house.world.faults.take = _fail_second_post(house)  # type: ignore[method-assign]
    report = dispatch(house, job)
    assert of(report, first).changed is True
    assert of(report, second).state is StepState.FAILED
    assert of(report, second).reason.startswith("not sent: HTTP 429")


def _fail_second_post(house: House):  # type: ignore[no-untyped-def] # noqa: ANN202 - one test's own
    original, posts = house.world.faults.take, []

    def take(target: str, method: str, path: str):  # type: ignore[no-untyped-def] # noqa: ANN202
        if path.endswith("/members/$ref"):
            posts.append(path)
            if len(posts) == 2:
                house.fault("status", method="POST", status=429, retry_after=99)
        return original(target, method, path)

    return take


# Taking out.


def test_users_are_taken_out_one_by_one_and_always_by_reference(house: House) -> None:
    users = [house.tenant().users[member] for member in house.members()[:2]]
    job = house.job(REMOVE, *users)
    report = dispatch(house, job)
    assert all(r.state is StepState.DONE and r.changed for r in report.results)
    assert house.effects("remove_member") == [[users[0].id], [users[1].id]]
    assert house.effects("delete_user") == []
    assert all(user.id in house.tenant().users for user in users)
    deletes = [sent for sent in house.wire.everything if sent.method == "DELETE"]
    assert [sent.path.endswith("/$ref") for sent in deletes] == [True, True]
    assert all(r.state is StepState.VERIFIED for r in verify(house, job, UNDO).values())


def test_whoever_is_out_already_is_not_ours(house: House) -> None:
    inside, outside = house.tenant().users[house.members()[0]], house.outside(1)[0]
    report = dispatch(house, house.job(REMOVE, inside, outside))
    assert of(report, inside).changed is True
    assert of(report, outside).changed is False
    assert house.calls(method="DELETE") == 1


def test_whoever_stays_in_through_another_group_is_not_verified(house: House) -> None:
    user = house.tenant().users[house.members()[0]]
    inner = Group(id="0d000000-0000-4000-8000-000000000001", name="Inner", members=[user.id])
    house.tenant().groups[inner.id] = inner
    house.members().append(inner.id)
    job = house.job(REMOVE, user)
    dispatch(house, job)
    # So soon it may as well be a replica that lags behind.
    assert verify(house, job, UNDO)[user.id].state is StepState.DONE
    house.world.clock.advance(600)
    result = verify(house, job, UNDO)[user.id]
    assert result.state is StepState.NOT_VERIFIED
    assert "through another group" in result.reason


@pytest.mark.parametrize("lag_share", [0.0, 1.0])
def test_a_lost_removal_is_looked_up(open_house: Open, lag_share: float) -> None:
    house = open_house(lag_share=lag_share)
    user = house.tenant().users[house.members()[0]]
    job = house.job(REMOVE, user)
    house.fault("drop_after", method="DELETE")
    report = dispatch(house, job)
    assert of(report, user).changed is True
    assert house.calls(method="DELETE") == 1
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.SENT


def test_a_removal_that_never_arrived_is_known_not_to_have_been_sent(house: House) -> None:
    user = house.tenant().users[house.members()[0]]
    job = house.job(REMOVE, user)
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    assert of(house.directory.follow(house.client(), job), user).changed is True


# Signing out.


def test_sessions_end_in_one_call_and_the_new_start_is_read_back(house: House) -> None:
    users = house.outside(6)
    job = house.job(REVOKE, *users)
    house.world.clock.advance(5)
    report = dispatch(house, job)
    assert report.state is JobState.DONE
    assert {result.changed for result in report.results} == {None}
    assert sorted(row[0] for row in house.effects("revoke_sessions")) == sorted(u.id for u in users)
    assert all(result.state is StepState.VERIFIED for result in verify(house, job).values())


def test_sessions_that_did_not_end_are_not_called_ended(house: House) -> None:
    user = house.outside(1)[0]
    assert verify(house, house.job(REVOKE, user))[user.id].state is StepState.DONE


def test_each_sign_out_has_its_own_fate(house: House) -> None:
    fine, gone, slow, guest = *house.outside(3), next(
        user for user in house.tenant().users.values() if user.external and user.enabled
    )  # fmt: skip
    job = house.job(REVOKE, fine, gone, slow, guest)
    house.world.clock.advance(5)
    del house.tenant().users[gone.id]
    house.fault("status", target="graph-batch", path=f"*{slow.id}*", method="POST", status=429,
                retry_after=3, count=1)  # fmt: skip
    report = dispatch(house, job)
    assert of(report, fine).state is StepState.DONE
    assert of(report, slow).state is StepState.DONE
    assert "no longer exists" in of(report, gone).reason
    assert of(report, guest).state is StepState.FAILED
    revoked = [row[0] for row in house.effects("revoke_sessions")]
    assert sorted(revoked) == sorted([fine.id, slow.id])
    assert 3 in house.sleeps.seconds


def test_a_sign_out_that_stays_throttled_was_not_made(house: House) -> None:
    user, other = house.outside(2)
    job = house.job(REVOKE, user, other)
    house.fault("status", target="graph-batch", path=f"*{user.id}*", method="POST", status=429)
    report = dispatch(house, job)
    assert of(report, user).state is StepState.FAILED
    assert of(report, other).state is StepState.DONE


def test_a_sign_out_that_fails_at_the_server_is_looked_up(house: House) -> None:
    user, other = house.outside(2)
    job = house.job(REVOKE, user, other)
    house.world.clock.advance(5)
    house.fault("status", target="graph-batch", path=f"*{user.id}*", method="POST", status=503)
    report = dispatch(house, job)
    assert of(report, user).state is StepState.FAILED
    assert of(report, other).state is StepState.DONE
    assert house.calls(target="graph-batch", method="POST") == 2


def test_a_sign_out_that_was_made_though_the_server_failed_is_seen(house: House) -> None:
    user = house.outside(1)[0]
    job = house.job(REVOKE, user)
    house.world.clock.advance(5)
    user.sessions_valid_from = house.world.clock.now()
    house.fault("status", target="graph-batch", path=f"*{user.id}*", method="POST", status=503)
    report = dispatch(house, job)
    assert of(report, user).state is StepState.DONE
    assert house.calls(target="graph-batch", method="POST") == 1


def test_where_a_sign_out_cannot_be_looked_up_it_stays_unknown(house: House) -> None:
    user = house.outside(1)[0]
    job = house.job(REVOKE, user)
    house.fault("status", target="graph-batch", path=f"*{user.id}*", status=503)
    assert of(dispatch(house, job), user).state is StepState.UNKNOWN


def test_a_lost_sign_out_is_reconciled_by_the_start_of_valid_sessions(house: House) -> None:
    users = house.outside(2)
    job = house.job(REVOKE, *users)
    house.world.clock.advance(5)
    house.fault("drop_after", path="/v1.0/$batch", count=1)
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.SENT
    assert house.directory.follow(house.client(), job).state is JobState.DONE
    assert len(house.effects("revoke_sessions")) == 2


def test_a_sign_out_that_never_arrived_is_known_not_to_have_been_sent(house: House) -> None:
    job = house.job(REVOKE, *house.outside(2))
    house.world.clock.advance(600)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT


def test_without_a_mark_the_time_of_the_call_decides(house: House) -> None:
    user = house.outside(1)[0]
    sent = house.world.clock.now() + timedelta(minutes=10)
    job = replace(house.job(REVOKE, user), mark={}, dispatched_at=sent)
    user.sessions_valid_from = sent - timedelta(minutes=5)
    assert verify(house, job)[user.id].state is StepState.DONE
    user.sessions_valid_from = sent + timedelta(seconds=1)
    assert verify(house, job)[user.id].state is StepState.VERIFIED


# Just before a call.


def test_nothing_changed_means_nothing_to_say(house: House) -> None:
    users = house.outside(3)
    recheck = house.directory.recheck(
        house.client(), house.plan(ENFORCE, *users), [u.id for u in users]
    )
    assert (recheck.gone, recheck.wider, recheck.offline) == ({}, None, frozenset())


def test_who_is_gone_disabled_or_excluded_since_is_named(house: House) -> None:
    fine, gone, disabled, excluded = house.outside(4)
    plan = house.plan(ENFORCE, fine, gone, disabled, excluded)
    del house.tenant().users[gone.id]
    disabled.enabled = False
    policy = next(p for p in house.tenant().policies if "Gatehouse" in p["displayName"])
    policy["conditions"]["users"]["excludeUsers"].append(excluded.id)
    targets = [target.id for target in plan.targets]
    recheck = house.directory.recheck(house.client(), plan, targets)
    assert set(recheck.gone) == {gone.id, disabled.id, excluded.id}
    assert "excluded by the policy" in recheck.gone[excluded.id]
    assert recheck.wider is None


def test_who_became_the_last_enabled_global_administrator_is_left_out(house: House) -> None:
    one, two, ordinary = house.outside(3)
    for user in house.tenant().users.values():
        user.roles = [GLOBAL_ADMINISTRATOR] if user in (one, two) else []
    plan = house.plan(ENFORCE, one, two, ordinary)
    plan = replace(plan, targets=tuple(replace(t, is_admin=True) for t in plan.targets))
    targets = [target.id for target in plan.targets]
    assert house.directory.recheck(house.client(), plan, targets).gone == {}
    two.enabled = False
    gone = house.directory.recheck(house.client(), plan, targets).gone
    assert gone[one.id] == "it is the last enabled Global Administrator by now"
    assert set(gone) == {one.id, two.id}


def test_a_group_that_does_more_since_supersedes_the_request(house: House) -> None:
    user = house.outside(1)[0]
    plan = house.plan(ENFORCE, user)
    house.tenant().groups[plan.group or ""].licences = ["SPB"]
    recheck = house.directory.recheck(house.client(), plan, [user.id])
    assert recheck.wider is not None
    assert "hands out licences" in recheck.wider


def test_another_configured_group_supersedes_the_request(house: House) -> None:
    user = house.outside(1)[0]
    other = next(g for g in house.tenant().groups.values() if g.name == "Sales")
    client = house.client(mfa_group=other.id)
    recheck = house.directory.recheck(client, house.plan(ENFORCE, user), [user.id])
    assert recheck.wider == "the configuration names another MFA group since"


def test_undo_skips_who_left_the_group_and_asks_nothing_of_the_policies(house: House) -> None:
    inside, left = house.tenant().users[house.members()[0]], house.outside(1)[0]
    plan = house.plan(UNDO, inside, left)
    recheck = house.directory.recheck(house.client(), plan, [inside.id, left.id])
    assert recheck.gone == {left.id: "no longer in the group"}
    assert house.calls(path="/policies") == 0
    del house.tenant().groups[plan.group or ""]
    recheck = house.directory.recheck(house.client(), plan, [inside.id])
    assert recheck.gone == {inside.id: "the group no longer exists"}


def test_whether_accounts_exist_is_told_or_raised_never_guessed(house: House) -> None:
    user, disabled = house.outside(2)
    disabled.enabled = False
    nobody = "00000000-0000-4000-8000-000000000001"
    found = house.directory.existing(house.client(), [user.id, disabled.id, nobody])
    assert found == {user.id: Fact.YES, disabled.id: Fact.NO, nobody: Fact.NO}
    house.fault("status", target="graph-batch", path=f"*{user.id}*", status=503)
    with pytest.raises(VendorDown):
        house.directory.existing(house.client(), [user.id])


# Who acts.


def test_changes_are_made_as_the_write_app_only(house: House) -> None:
    house.tenant().read_roles = None
    user = house.outside(1)[0]
    assert of(dispatch(house, house.job(ADD, user)), user).changed is True


def test_without_a_write_app_it_is_read_only_and_says_so(house: House) -> None:
    directory = house.reconnect(write=None)
    assert house.directory.can_write
    assert not directory.can_write
    job = house.job(ADD, *house.outside(1))
    with pytest.raises(VendorForbidden):
        dispatch(house, job, directory)


def test_a_job_of_another_kind_is_refused(house: House) -> None:
    job = replace(house.job(ADD, *house.outside(1)), kind=JobKind.SCAN)
    with pytest.raises(VendorError, match="nothing that is done in a tenant"):
        dispatch(house, job)
