"""Just before a call: who is left out, what supersedes the request, and who acts."""

from dataclasses import replace

import pytest

from core.domain.facts import Fact
from core.domain.remediation import JobKind
from core.errors import VendorDown, VendorError, VendorForbidden
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR
from tests.integrations.entra.house import House
from tests.integrations.entra.user_jobs import ADD, ENFORCE, UNDO, dispatch, of


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
