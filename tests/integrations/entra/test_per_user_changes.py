"""Per-user MFA where conditional access is for nobody, or for others: switched once, read back, told honestly."""

from dataclasses import replace

import pytest

from core.domain.events import StepResult
from core.domain.identity import PerUserState
from core.domain.remediation import Action, Job, JobKind, JobState, StepState
from core.domain.tenant_change import TenantPower
from core.errors import OutcomeUnknown, VendorForbidden
from core.ports import Recheck, Report, Truth
from sandbox.estate.model import User
from tests.integrations.entra.house import REQUEST, House

ON, OFF = JobKind.ENABLE_PER_USER, JobKind.DISABLE_PER_USER
CEDAR = "cedar-finch"
#: Licensed for conditional access, and not everybody in it.
SAILS = "plover-sails"


def people(house: House, state: str, count: int = 1) -> list[User]:
    """Enabled members in a state, of whom the first ones have a method."""
    found = [
        user
        for user in house.tenant(CEDAR).users.values()
        if user.enabled and user.purpose == "person" and user.per_user_mfa == state
        and not user.external
    ]  # fmt: skip
    return sorted(found, key=lambda user: not user.methods)[:count]


def job_of(house: House, kind: JobKind, *users: User) -> Job:
    return house.job(kind, *users, key=CEDAR)


def dispatch(house: House, job: Job) -> dict[str, StepResult]:
    report: Report = house.directory.dispatch(house.client(CEDAR), job, REQUEST)
    assert report.state is JobState.DONE
    return {result.target: result for result in report.results}


def verify(house: House, job: Job) -> dict[str, StepResult]:
    plan = house.plan(Action.ENABLE_PER_USER, key=CEDAR)
    results = house.directory.verify(house.client(CEDAR), job, plan)
    return {result.target: result for result in results}


def test_it_is_enabled_in_one_batch_and_read_back(house: House) -> None:
    users = people(house, "disabled", 5)
    job = job_of(house, ON, *users)
    results = dispatch(house, job)
    assert all(r.state is StepState.DONE and r.changed for r in results.values())
    assert house.effects("per_user_mfa") == [[user.id] for user in users]
    assert {user.per_user_mfa for user in users} <= {"enabled", "enforced"}
    verified = verify(house, job)
    assert {result.state for result in verified.values()} == {StepState.VERIFIED}
    assert verified[users[0].id].reason == f"per-user MFA is {users[0].per_user_mfa}"


def test_whoever_has_it_already_is_not_sent_and_not_ours_to_undo(house: House) -> None:
    (old,), (new,) = people(house, "enforced"), people(house, "disabled")
    results = dispatch(house, job_of(house, ON, old, new))
    assert (results[old.id].changed, results[new.id].changed) == (False, True)
    assert house.effects("per_user_mfa") == [[new.id]]
    assert old.per_user_mfa == "enforced"


def test_it_is_set_back_to_what_it_was(house: House) -> None:
    users = people(house, "disabled", 3)
    dispatch(house, job_of(house, ON, *users))
    back = job_of(house, OFF, *users)
    assert all(result.changed for result in dispatch(house, back).values())
    assert {user.per_user_mfa for user in users} == {"disabled"}
    assert {r.state for r in verify(house, back).values()} == {StepState.VERIFIED}


def test_every_account_has_its_own_outcome(house: House) -> None:
    fine, gone = people(house, "disabled", 2)
    guest = next(user for user in house.tenant(CEDAR).users.values() if user.external)
    job = job_of(house, ON, fine, gone, guest)
    del house.tenant(CEDAR).users[gone.id]
    results = dispatch(house, job)
    assert results[fine.id].state is StepState.DONE
    assert results[gone.id].reason == "the account no longer exists"
    assert results[guest.id].state is StepState.FAILED


def test_a_lost_answer_is_looked_up_and_not_sent_again(house: House) -> None:
    users = people(house, "disabled", 2)
    job = job_of(house, ON, *users)
    house.fault("drop_after", method="POST", path="/beta/$batch", count=1)
    with pytest.raises(OutcomeUnknown):
        house.directory.dispatch(house.client(CEDAR), job, REQUEST)
    assert house.directory.reconcile(house.client(CEDAR), job, REQUEST).truth is Truth.SENT
    assert len(house.effects("per_user_mfa")) == 2


def test_what_was_never_sent_is_known_not_to_have_been(house: House) -> None:
    job = job_of(house, ON, *people(house, "disabled", 2))
    house.world.clock.advance(60)
    assert house.directory.reconcile(house.client(CEDAR), job, REQUEST).truth is Truth.NOT_SENT


def test_states_are_read_before_anything_is_planned(house: House) -> None:
    (on,), (off,) = people(house, "enforced"), people(house, "disabled")
    states = house.directory.per_user_states(house.client(CEDAR), [on.id, off.id, "nobody"])
    assert states == {on.id: PerUserState.ENFORCED, off.id: PerUserState.DISABLED}


# Just before.


def recheck(house: House, *users: User, key: str = CEDAR) -> Recheck:
    plan = replace(house.plan(Action.ENABLE_PER_USER, *users, key=key), group=None)
    return house.directory.recheck(house.client(key), plan, [user.id for user in users])


def test_who_got_a_licence_for_conditional_access_since_is_left_out_by_name(house: House) -> None:
    users = people(house, "disabled", 2)
    assert recheck(house, *users) == Recheck()
    house.tenant(CEDAR).skus["SPB"] = 5
    users[0].sku = "SPB"
    found = recheck(house, *users)
    assert found.wider is None
    assert found.gone == {
        users[0].id: "its licence holds Entra ID P1: enforce MFA with the MFA group"
    }


def test_whom_a_policy_asks_since_is_left_out_by_name(house: House) -> None:
    tenant = house.tenant(SAILS)
    group = tenant.groups[tenant.mfa_group_id or ""]
    loft = [user for user in tenant.users.values() if user.department == "Operations"]
    first, second = [user for user in loft if user.id not in group.members][:2]
    assert recheck(house, first, second, key=SAILS) == Recheck()
    group.members.append(second.id)
    asked = "conditional access asks it for MFA already, and the two are never mixed"
    assert recheck(house, first, second, key=SAILS) == Recheck(gone={second.id: asked})


def test_security_defaults_switched_on_since_supersede_the_request(house: House) -> None:
    house.tenant(CEDAR).security_defaults = True
    wider = recheck(house, *people(house, "disabled")).wider
    assert wider is not None
    assert wider.startswith("security defaults are on")


def test_what_cannot_be_read_just_before_lets_nothing_through(house: House) -> None:
    (user,) = [u for u in house.tenant(SAILS).users.values() if u.name == "Alma Quigley"]
    house.fault("status", target="graph-batch", path="*/transitiveMembers*", status=403)
    with pytest.raises(VendorForbidden):
        recheck(house, user, key=SAILS)


def test_the_missing_permission_is_named_before_anything_is_offered(house: House) -> None:
    controls = house.directory.controls(house.client(CEDAR))
    assert controls.lacking[TenantPower.PER_USER] == ()
    licensed = house.directory.controls(house.client("blue-river-law"))
    assert "Policy.ReadWrite.AuthenticationMethod" in licensed.lacking[TenantPower.PER_USER]
