"""A policy is made as it was approved, once, and proven by reading it back."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.domain.remediation import JobState, StepState
from core.domain.tenant_change import Sample
from core.errors import OutcomeUnknown, VendorForbidden, VendorRefused
from core.ports import Truth
from core.rules.admin_roles import DIRECTORY_SYNC_ROLE, POLICY_ROLES
from core.rules.policy_templates import NAMES
from sandbox.estate.strengths import PHISHING_RESISTANT
from sandbox.frame.world import World
from tests.integrations.entra.conftest import Open
from tests.integrations.entra.house import REQUEST, House
from tests.integrations.entra.tenant_jobs import (
    ADMINS,
    ALL,
    LEGACY,
    POLICIES,
    a_job,
    created,
    dispatch,
    read,
    truly,
    verify,
)


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
