"""Policies, security defaults and the campaign: made once, found again by what they bear, read back, asked about."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.clients import ClientKey
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.identity import PolicyState
from core.domain.remediation import (
    Action,
    Direction,
    Job,
    JobId,
    JobKind,
    JobState,
    Plan,
    StepState,
)
from core.domain.tenant_change import (
    Campaign,
    CampaignTarget,
    CreatePolicy,
    PolicyTemplate,
    Sample,
    SecurityDefaultsOn,
    SetCampaign,
    SetPolicyState,
    TenantChange,
    TenantControls,
    TenantPolicy,
    TenantPower,
)
from core.errors import OutcomeUnknown, VendorDown, VendorForbidden, VendorRefused
from core.ports import Report, Truth
from core.rules.admin_roles import DIRECTORY_SYNC_ROLE, GLOBAL_ADMINISTRATOR, POLICY_ROLES
from core.rules.policy_templates import NAMES
from integrations.entra import report_only
from sandbox.estate.strengths import PHISHING_RESISTANT
from sandbox.frame.world import World
from tests.integrations.entra.conftest import Open
from tests.integrations.entra.house import REQUEST, House

KEY = "acme-dental"
POLICIES = "/conditionalAccess/policies"
KINDS = {
    CreatePolicy: JobKind.CREATE_POLICY,
    SetPolicyState: JobKind.SET_POLICY_STATE,
    SecurityDefaultsOn: JobKind.SECURITY_DEFAULTS,
    SetCampaign: JobKind.SET_CAMPAIGN,
}
ALL, ADMINS, LEGACY = PolicyTemplate


def a_job(house: House, change: TenantChange, key: str = KEY) -> Job:
    """As the executor would have marked it just before the call."""
    job = Job(
        id=JobId("R4K7Q-1"),
        kind=KINDS[type(change)],
        account="entra",
        client=ClientKey(key),
        targets=("setting",),
        change=change,
        dispatched_at=house.world.clock.now(),
    )
    return replace(job, mark=house.directory.mark(house.client(key), job))


def a_plan(house: House, change: TenantChange, key: str = KEY, **facts: Any) -> Plan:
    return replace(house.plan(Action.CREATE_POLICY, key=key), change=change, group=None, **facts)


def dispatch(house: House, job: Job, key: str = KEY) -> Report:
    return house.directory.dispatch(house.client(key), job, REQUEST)


def verify(house: House, job: Job, key: str = KEY) -> StepResult:
    assert job.change is not None
    (result,) = house.directory.verify(house.client(key), job, a_plan(house, job.change, key))
    return result


def wider(house: House, change: TenantChange, key: str = KEY, **facts: Any) -> str | None:
    plan = a_plan(house, change, key, **facts)
    return house.directory.recheck(house.client(key), plan, ["setting"]).wider


def controls(house: House, key: str = KEY) -> TenantControls:
    return house.directory.controls(house.client(key))


def created(house: House, template: PolicyTemplate = ALL, **facts: Any) -> CreatePolicy:
    return CreatePolicy(
        template=template,
        name=NAMES[template],
        **(
            {
                "excluded_users": tuple(sorted(house.client().break_glass)),
                "excluded_roles": (DIRECTORY_SYNC_ROLE,),
            }
            | facts
        ),
    )


def truly(house: House, name: str, key: str = KEY) -> dict[str, Any]:
    """A policy as the tenant holds it."""
    return next(p for p in house.tenant(key).policies if p["displayName"].startswith(name))


def stepped(house: House, name: str, after: PolicyState, **facts: Any) -> SetPolicyState:
    item = read(house, name)
    return SetPolicyState(
        policy_id=item.id,
        name=item.name,
        before=item.state,
        after=after,
        fingerprint=item.fingerprint,
        essence=item.essence,
        **facts,
    )


def read(house: House, name: str) -> TenantPolicy:
    return next(p for p in controls(house).policies or () if p.name.startswith(name))


# Reading.


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


# Creating.


def test_a_policy_is_created_report_only_excluding_break_glass_and_the_sync_role(
    house: House,
) -> None:
    job = a_job(house, created(house, sample=Sample(user_id=house.outside(1)[0].id, name="Ann")))
    report = dispatch(house, job)
    made = truly(house, NAMES[ALL])
    assert (report.state, report.reference) == (JobState.DONE, made["id"])
    assert report.results[0].changed is True
    assert made["displayName"] == f"{NAMES[ALL]} [R4K7Q-1]"
    assert made["state"] == "enabledForReportingButNotEnforced"
    users = made["conditions"]["users"]
    assert users["includeUsers"] == ["All"]
    assert set(users["excludeUsers"]) == set(house.client().break_glass)
    assert users["excludeRoles"] == [DIRECTORY_SYNC_ROLE]
    result = verify(house, job)
    assert result.state is StepState.VERIFIED
    assert result.reason == "report-only, as read back; what-if applies it to Ann"


def test_the_admins_policy_demands_the_strength_of_the_roles(house: House) -> None:
    roles = tuple(sorted(POLICY_ROLES))
    change = created(
        house, ADMINS, included_roles=roles, excluded_roles=(), strength=PHISHING_RESISTANT
    )
    dispatch(house, a_job(house, change))
    made = truly(house, NAMES[ADMINS])
    assert set(made["conditions"]["users"]["includeRoles"]) == POLICY_ROLES
    assert made["grantControls"]["authenticationStrength"]["id"] == PHISHING_RESISTANT
    assert made["grantControls"]["builtInControls"] == []
    job = a_job(house, change)
    assert verify(house, job).state is StepState.VERIFIED
    assert read(house, NAMES[ADMINS]).reviewed
    made["grantControls"]["authenticationStrength"]["id"] = "another"
    assert verify(house, job).state is StepState.NOT_VERIFIED


def test_the_legacy_policy_blocks_old_protocols_only_and_what_if_is_asked_about_those(
    house: House,
) -> None:
    sample = Sample(user_id=house.outside(1)[0].id, name="Ann")
    job = a_job(house, created(house, LEGACY, sample=sample))
    dispatch(house, job)
    made = truly(house, NAMES[LEGACY])
    assert made["conditions"]["clientAppTypes"] == ["exchangeActiveSync", "other"]
    assert made["grantControls"]["builtInControls"] == ["block"]
    assert "what-if applies it to Ann" in verify(house, job).reason


Edit = Callable[[dict[str, Any]], None]
NOT_AS_APPROVED: tuple[Edit, ...] = (
    lambda p: p["conditions"]["users"].update(includeUsers=["None"]),
    lambda p: p["conditions"]["users"].update(excludeGroups=["g"]),
    lambda p: p["conditions"]["users"].update(excludeRoles=[]),
    lambda p: p["conditions"]["applications"].update(includeApplications=["Office365"]),
    lambda p: p["conditions"].update(signInRiskLevels=["high"]),
    lambda p: p["grantControls"].update(builtInControls=["mfa", "compliantDevice"]),
)
NOT_AS_REVIEWED: tuple[Edit, ...] = (
    lambda p: p["conditions"].update(clientAppTypes=["all"]),
    lambda p: p["conditions"].update(clientAppTypes=["browser", "other"]),
    lambda p: p["conditions"]["users"].update(includeUsers=[], includeGroups=["g"]),
    lambda p: p["conditions"]["applications"].update(excludeApplications=["a"]),
    lambda p: p["grantControls"].update(builtInControls=["mfa"]),
)


def edited(house: House, name: str, edits: tuple[Edit, ...]) -> Iterator[int]:
    """The policy with one edit after the other, each alone; gives the edit's number."""
    row = truly(house, name)
    sound = copy.deepcopy(row)
    for number, edit in enumerate(edits):
        edit(row)
        yield number
        row.update(copy.deepcopy(sound))


def test_a_policy_that_is_not_what_was_approved_is_not_verified(house: House) -> None:
    job = a_job(house, created(house))
    dispatch(house, job)
    for number in edited(house, NAMES[ALL], NOT_AS_APPROVED):
        assert verify(house, job).state is StepState.NOT_VERIFIED, number
    assert verify(house, job).state is StepState.VERIFIED


def test_a_policy_under_our_name_that_was_edited_is_no_longer_the_reviewed_one(
    house: House,
) -> None:
    dispatch(house, a_job(house, created(house, LEGACY)))
    for number in edited(house, NAMES[LEGACY], NOT_AS_REVIEWED):
        assert not read(house, NAMES[LEGACY]).reviewed, number
    assert read(house, NAMES[LEGACY]).reviewed


def test_a_create_whose_answer_is_lost_is_found_by_its_number_and_not_sent_again(
    house: House,
) -> None:
    job = a_job(house, created(house))
    house.fault("drop_after", method="POST", path=f"/v1.0/identity{POLICIES}", count=1)
    with pytest.raises(OutcomeUnknown):
        dispatch(house, job)
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.SENT
    assert evidence.reference == truly(house, NAMES[ALL])["id"]
    assert len(house.effects("policy_create")) == 1


def test_a_create_that_never_arrived_is_known_not_to_be_there_once_replicas_agree(
    open_house: Open,
) -> None:
    house = open_house(lag_share=1.0)
    job = a_job(house, created(house))
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    assert sum(house.sleeps.seconds) >= 15


def test_a_create_seen_late_by_the_replicas_is_still_found(open_house: Open, world: World) -> None:
    world.pace = 10.0
    house = open_house(lag_share=1.0)
    job = a_job(house, created(house))
    dispatch(house, job)
    assert verify(house, job).state is StepState.DONE
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.SENT
    house.world.clock.advance(10)
    assert verify(house, job).state is StepState.VERIFIED


def test_a_policy_that_bears_the_number_before_the_call_is_ours_and_nothing_is_sent(
    house: House,
) -> None:
    dispatch(house, a_job(house, created(house)))
    again = a_job(house, created(house))
    report = dispatch(house, again)
    assert report.reference == truly(house, NAMES[ALL])["id"]
    assert report.results[0].changed
    assert verify(house, again).changed
    assert len(house.effects("policy_create")) == 1


def test_what_if_that_disagrees_does_not_verify(house: House) -> None:
    spared = house.client().break_glass[0]
    job = a_job(house, created(house, sample=Sample(user_id=spared, name="Emergency")))
    dispatch(house, job)
    result = verify(house, job)
    assert result.state is StepState.DONE
    assert "what-if does not apply it to Emergency" in result.reason


def test_what_if_that_cannot_be_asked_is_unknown_and_reading_back_counts(house: House) -> None:
    job = a_job(house, created(house, sample=Sample(user_id="0" * 8, name="Nobody")))
    dispatch(house, job)
    result = verify(house, job)
    assert result.state is StepState.VERIFIED
    assert "what-if for Nobody unknown" in result.reason


def test_a_policy_changed_by_somebody_else_is_not_verified(house: House) -> None:
    job = a_job(house, created(house))
    dispatch(house, job)
    made = truly(house, NAMES[ALL])
    made["state"] = "enabled"
    assert "it is enabled now" in verify(house, job).reason
    made["conditions"]["users"]["excludeUsers"] = []
    assert verify(house, job).state is StepState.NOT_VERIFIED
    assert "spares others than was approved" in verify(house, job).reason


def test_a_refusal_of_entra_is_its_own_words(house: House) -> None:
    job = a_job(house, created(house, strength="00000000-0000-0000-0000-000000000099"))
    with pytest.raises(VendorRefused, match="strength does not exist"):
        dispatch(house, job)


def test_without_the_role_nothing_is_made(house: House) -> None:
    job = a_job(house, created(house))
    house.tenant().write_roles = ["Directory.Read.All", "Policy.Read.All"]
    with pytest.raises(VendorForbidden):
        house.reconnect().dispatch(house.client(), job, REQUEST)
    assert house.effects("policy_create") == []


# State.


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


# Right before the call.


def test_what_stands_as_approved_may_go(house: House) -> None:
    guards = tuple(sorted(house.client().break_glass))
    assert wider(house, created(house)) is None
    flip = stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=guards)
    assert wider(house, flip) is None


def test_a_policy_that_was_edited_since_is_not_touched(house: House) -> None:
    guards = tuple(sorted(house.client().break_glass))
    flip = stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=guards)
    truly(house, "Microsoft")["conditions"]["users"]["includeUsers"] = ["All"]
    assert wider(house, flip) == "the policy was edited since"
    truly(house, "Microsoft")["state"] = "disabled"
    assert wider(house, flip) == "the policy is disabled since"


def test_a_policy_is_not_made_beside_one_of_its_kind_or_for_another_list(house: House) -> None:
    assert "changed since" in str(wider(house, created(house, excluded_users=("x",))))
    dispatch(house, a_job(house, created(house)))
    later = house.world.clock.now() + timedelta(minutes=1)
    assert "is there already" in str(wider(house, created(house), made_at=later))


def test_a_first_try_that_shows_late_is_not_taken_for_somebody_elses_policy(house: House) -> None:
    asked = house.world.clock.now() - timedelta(minutes=1)
    dispatch(house, a_job(house, created(house)))
    assert wider(house, created(house), made_at=asked) is None
    truly(house, NAMES[ALL])["conditions"]["users"]["excludeUsers"] = []
    assert "is there already" in str(wider(house, created(house), made_at=asked))


def test_a_policy_that_would_meet_break_glass_is_not_enabled(house: House) -> None:
    flip = stepped(house, "Microsoft", PolicyState.ENABLED)
    assert "would meet a break-glass account" in str(wider(house, flip))
    assert wider(house, flip, direction=Direction.LOWERS) is None


def test_a_broken_break_glass_list_stops_raising_and_never_the_way_back(house: House) -> None:
    house.tenant().users[house.client().break_glass[0]].enabled = False
    assert "empty or broken" in str(wider(house, created(house)))
    back = stepped(house, "Require MFA for everyone", PolicyState.DISABLED)
    assert wider(house, back, direction=Direction.LOWERS) is None


def test_a_policy_is_not_enabled_beside_security_defaults_switched_on_since(house: House) -> None:
    guards = tuple(sorted(house.client().break_glass))
    flip = stepped(house, "Microsoft", PolicyState.ENABLED, add_excluded=guards)
    house.tenant().security_defaults = True
    assert "security defaults are on" in str(wider(house, flip))


# Security defaults and the campaign.


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


# What a report-only policy would have done.


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
