"""A policy's state is changed alone, and nothing is ever deleted."""

import pytest

from core.domain.events import StepResult
from core.domain.identity import PolicyState
from core.domain.remediation import StepState
from core.domain.tenant_change import Sample
from core.errors import VendorRefused
from integrations.entra import report_only
from tests.integrations.entra.house import House
from tests.integrations.entra.tenant_jobs import (
    POLICIES,
    a_job,
    a_plan,
    created,
    dispatch,
    read,
    stepped,
    truly,
    verify,
)


def test_microsofts_policy_is_enabled_and_learns_to_spare_break_glass(house: House) -> None:
    missing = tuple(sorted(house.client().break_glass))
    job = a_job(house, stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=missing))
    report = dispatch(house, job)
    row = truly(house, "Microsoft")
    assert row["state"] == "enabled"
    assert set(row["conditions"]["users"]["excludeUsers"]) == set(missing)
    assert row["conditions"]["users"]["includeRoles"]
    assert report.results[0].changed is True
    assert verify(house, job).state is StepState.VERIFIED


def test_what_if_proves_nothing_against_a_policy_that_leaves_out_the_app_asked_about(
    house: House,
) -> None:
    name, person = "Require MFA for everyone (planned)", house.outside(1)[0]
    exchange = "00000002-0000-0ff1-ce00-000000000000"
    truly(house, name)["conditions"]["applications"]["excludeApplications"] = [exchange]
    sample = Sample(user_id=person.id, name=person.name)
    job = a_job(house, stepped(house, name, PolicyState.ENABLED, sample=sample))
    dispatch(house, job)
    result = verify(house, job)
    assert result.state is StepState.VERIFIED
    assert "the policy leaves out Exchange Online" in result.reason


def test_a_state_that_stood_already_is_not_sent_and_not_ours(house: House) -> None:
    name = "Require MFA for everyone (planned)"
    job = a_job(house, stepped(house, name, PolicyState.REPORT_ONLY))
    report = dispatch(house, job)
    assert report.results[0].changed is False
    assert house.effects("policy_update") == []


def test_a_policy_that_is_gone_fails_or_is_left_out_and_is_never_made_anew(house: House) -> None:
    change = stepped(house, "Microsoft", PolicyState.ENABLED)
    house.tenant().policies.remove(truly(house, "Microsoft"))
    recheck = house.directory.recheck(house.client(), a_plan(house, change), ["setting"])
    assert recheck.gone == {"setting": "the policy no longer exists"}
    job = a_job(house, change)
    with pytest.raises(VendorRefused):
        dispatch(house, job)
    assert verify(house, job).state is StepState.DONE


def test_an_edit_made_together_with_the_change_is_not_verified(house: House) -> None:
    job = a_job(house, stepped(house, "Microsoft", PolicyState.ENABLED))
    dispatch(house, job)
    truly(house, "Microsoft")["conditions"]["applications"]["includeApplications"] = ["Office365"]
    assert verify(house, job).state is StepState.NOT_VERIFIED


def test_policies_are_written_no_faster_than_one_call_a_second(house: House) -> None:
    job = a_job(house, created(house))
    dispatch(house, job)
    assert verify(house, job).state is StepState.VERIFIED
    statuses = [row["by_status"] for row in house.world.calls.rows("graph")]
    assert not any("429" in by_status for by_status in statuses)


def test_exclusions_are_only_added_to_what_was_read(house: House) -> None:
    missing = tuple(sorted(house.client().break_glass))
    change = stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=missing)
    job = a_job(house, change)
    house.fault("status", method="GET", status=404, path=f"/v1.0/identity{POLICIES}/*")
    with pytest.raises(VendorRefused):
        dispatch(house, job)
    assert house.effects("policy_update") == []


def test_the_sign_in_log_is_looked_through_for_a_few_pages_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = read(house, "Require MFA for everyone (planned)")
    assert item.since is not None
    monkeypatch.setattr(report_only, "_PAGES", 0)
    found = house.directory.impact(house.client(), item.id, item.since)
    assert (found.sign_ins, found.whole) == (0, False)
    assert house.calls(path="/auditLogs/signIns") == 1


def test_nothing_is_ever_deleted(house: House) -> None:
    job = a_job(house, stepped(house, "Microsoft", PolicyState.DISABLED))
    dispatch(house, job)
    assert verify(house, job) == StepResult(
        target="setting", state=StepState.VERIFIED, reason="disabled, as read back", changed=True
    )
    assert house.calls(method="DELETE") == 0
