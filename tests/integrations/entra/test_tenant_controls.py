"""What stands in a tenant, what may be changed, and what its switches and the log tell."""

from dataclasses import replace

import pytest

from core.domain.facts import Fact
from core.domain.identity import PolicyState
from core.domain.remediation import Direction, StepState
from core.domain.tenant_change import (
    Campaign,
    CampaignTarget,
    SecurityDefaultsOn,
    SetCampaign,
    TenantPower,
)
from core.errors import VendorDown, VendorForbidden
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from core.rules.policy_templates import NAMES
from sandbox.estate.strengths import PHISHING_RESISTANT
from tests.integrations.entra.house import House
from tests.integrations.entra.tenant_jobs import (
    LEGACY,
    a_job,
    controls,
    created,
    dispatch,
    read,
    truly,
    verify,
    wider,
)


def test_controls_tell_what_stands_and_what_may_be_changed(house: House) -> None:
    found = controls(house)
    assert found.lacking[TenantPower.POLICIES] == ()
    assert found.lacking[TenantPower.SECURITY_DEFAULTS] == ("Policy.ReadWrite.SecurityDefaults",)
    assert found.security_defaults is Fact.NO
    assert found.licensed is Fact.YES
    assert found.resistant_strength == PHISHING_RESISTANT
    assert found.campaign is not None
    assert found.campaign.state == "default"
    assert set(house.client().break_glass) <= (found.role_holders or {})[GLOBAL_ADMINISTRATOR]
    managed = [p for p in found.policies or () if p.managed]
    assert [p.state for p in managed] == [PolicyState.REPORT_ONLY]
    assert all(p.since is not None and p.template is None for p in found.policies or ())
    assert found.unread == {}


def test_a_part_that_cannot_be_read_is_told_and_the_others_stand(house: House) -> None:
    house.fault("status", status=503, path="/v1.0/policies/authenticationMethodsPolicy")
    found = controls(house)
    assert found.campaign is None
    assert set(found.unread) == {"campaign"}
    assert found.policies


def test_an_edit_changes_the_fingerprint_and_the_order_of_lists_does_not(house: House) -> None:
    before = read(house, "Require MFA").fingerprint
    users = truly(house, "Require MFA")["conditions"]["users"]
    users["excludeUsers"].reverse()
    assert read(house, "Require MFA").fingerprint == before
    users["excludeUsers"].append("somebody")
    assert read(house, "Require MFA").fingerprint != before


def test_an_unlicensed_tenant_says_so(house: House) -> None:
    found = controls(house, "cedar-finch")
    assert found.licensed is Fact.NO
    assert found.lacking[TenantPower.SECURITY_DEFAULTS] == ()
    assert found.lacking[TenantPower.POLICIES]


def test_security_defaults_are_switched_on_and_read_back(house: House) -> None:
    key, change = "cedar-finch", SecurityDefaultsOn()
    assert wider(house, change, key) is None
    job = a_job(house, change, key)
    assert dispatch(house, job, key).results[0].changed is True
    assert house.tenant(key).security_defaults
    assert verify(house, job, key).state is StepState.VERIFIED


def test_security_defaults_are_not_sent_beside_an_enabled_policy(house: House) -> None:
    assert "is enabled since" in str(wider(house, SecurityDefaultsOn()))


def test_the_campaign_is_replaced_whole_and_put_back_to_what_it_was(house: House) -> None:
    before = controls(house).campaign
    assert before is not None
    spared = CampaignTarget(id=house.client().break_glass[0], kind="user")
    after = replace(before, state="enabled", exclude=(spared,))
    forth, back = SetCampaign(before=before, after=after), SetCampaign(before=after, after=before)
    for change, wanted in ((forth, after), (back, before)):
        assert wider(house, change, direction=Direction.LOWERS) is None
        job = a_job(house, change)
        dispatch(house, job)
        assert controls(house).campaign == wanted
        assert verify(house, job).state is StepState.VERIFIED
    assert len(house.effects("methods_policy_update")) == 2


def test_a_campaign_changed_by_others_is_left_alone(house: House) -> None:
    before = controls(house).campaign
    other = Campaign(state="enabled", snooze_days=9)
    assert before is not None
    change = SetCampaign(before=other, after=replace(other, snooze_days=1))
    assert wider(house, change) == "the registration campaign was changed since"


def test_the_sign_in_log_tells_what_a_report_only_policy_would_have_done(house: House) -> None:
    item = read(house, "Require MFA for everyone (planned)")
    assert item.since is not None
    found = house.directory.impact(house.client(), item.id, item.since)
    assert found.prompted > 0
    assert found.refused == 0
    assert found.sign_ins == found.passed + found.prompted
    assert found.whole


def test_who_would_be_refused_is_named(house: House) -> None:
    dispatch(house, a_job(house, created(house, LEGACY)))
    row = truly(house, NAMES[LEGACY])
    row["createdDateTime"] = "2020-01-01T00:00:00Z"
    item = read(house, NAMES[LEGACY])
    assert item.since is not None
    found = house.directory.impact(house.client(), item.id, item.since)
    machine = next(u for u in house.tenant().users.values() if u.purpose == "service")
    assert machine.upn in found.refused_people
    assert found.refused > 0


def test_no_licence_or_no_answer_is_told_as_that(house: House) -> None:
    item = read(house, "Require MFA for everyone (planned)")
    assert item.since is not None
    with pytest.raises(VendorForbidden):
        house.directory.impact(house.client("cedar-finch"), item.id, item.since)
    house.fault("drop_before", path="/v1.0/auditLogs/*")
    with pytest.raises(VendorDown):
        house.directory.impact(house.client(), item.id, item.since)
