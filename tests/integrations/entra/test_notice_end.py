"""The end of a notice at Entra: exactly ours leave a policy's exclusions, once, and all else stays as it is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.clients import ClientKey
from core.domain.events import StepResult
from core.domain.identity import PolicyState
from core.domain.remediation import Action, Job, JobId, JobKind, Plan, StepState, Target
from core.domain.tenant_change import EnableInTurn, EndNotice, SetPolicyState
from core.errors import OutcomeUnknown, VendorRefused
from core.ports import Recheck, Truth
from integrations.entra import tenant_settings
from tests.integrations.entra.house import REQUEST, House

NAME = "Microsoft-managed"
PATH = "/v1.0/identity/conditionalAccess/policies/*"
DAY = datetime(2027, 1, 4, 10, tzinfo=UTC)


class Notice:
    """Microsoft's policy, to be enabled for everybody but two people until a day."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.late = tuple(sorted(user.id for user in house.outside(2)))
        self.guards = tuple(sorted(house.client().break_glass))
        item = tenant_settings.tenant_policy(self.row)
        enable = SetPolicyState(
            policy_id=item.id,
            name=item.name,
            before=item.state,
            after=PolicyState.ENABLED,
            fingerprint=item.fingerprint,
            essence=item.essence,
            add_excluded=(*self.guards, *self.late),
        )
        rest = EndNotice(policy_id=item.id, name=item.name, asks=item.asks)
        self.change = EnableInTurn(enable=enable, rest=rest)

    @property
    def row(self) -> dict[str, Any]:
        """The policy as the tenant holds it."""
        rows = self.house.tenant().policies
        return next(row for row in rows if row["displayName"].startswith(NAME))

    @property
    def users(self) -> dict[str, Any]:
        users: dict[str, Any] = self.row["conditions"]["users"]
        return users

    def plan(self) -> Plan:
        late = (Target(id=user, name=user, not_before=DAY) for user in self.late)
        policy = Target(id=self.row["id"], name=NAME)
        return replace(
            self.house.plan(Action.PROMOTE_POLICY),
            change=self.change,
            group=None,
            targets=(policy, *late),
        )

    def job(self, change: SetPolicyState | EndNotice) -> Job:
        """As the executor would have marked it just before the call."""
        first = isinstance(change, SetPolicyState)
        job = Job(
            id=JobId("R4K7Q-1" if first else "R4K7Q-2"),
            kind=JobKind.SET_POLICY_STATE if first else JobKind.END_NOTICE,
            account="entra",
            client=ClientKey("acme-dental"),
            targets=(self.row["id"],) if first else self.late,
            change=change,
            dispatched_at=self.house.world.clock.now(),
        )
        mark = self.house.directory.mark(self.house.client(), job)
        return replace(job, mark=mark)

    def begin(self) -> None:
        self.send(self.job(self.change.enable))

    def second(self) -> Job:
        return self.job(self.change.rest)

    def send(self, job: Job) -> list[bool | None]:
        report = self.house.directory.dispatch(self.house.client(), job, REQUEST)
        return [result.changed for result in report.results]

    def told(self, job: Job) -> tuple[StepResult, ...]:
        return self.house.directory.verify(self.house.client(), job, self.plan())

    def verify(self, job: Job) -> list[StepState]:
        return [result.state for result in self.told(job)]

    def recheck(self) -> Recheck:
        return self.house.directory.recheck(self.house.client(), self.plan(), self.late)

    @property
    def updates(self) -> int:
        return len(self.house.effects("policy_update"))


@pytest.fixture
def notice(house: House) -> Notice:
    return Notice(house)


def test_both_calls_carry_the_whole_condition_and_leave_it_as_it_was_but_for_break_glass(
    notice: Notice,
) -> None:
    before = dict(notice.users)
    assert (
        notice.house.directory.recheck(notice.house.client(), notice.plan(), [notice.row["id"]])
        == Recheck()
    )
    notice.begin()
    assert notice.row["state"] == "enabled"
    assert notice.users["excludeUsers"] == sorted((*notice.guards, *notice.late))
    assert notice.recheck() == Recheck()
    job = notice.second()
    assert notice.send(job) == [True, True]
    assert notice.verify(job) == [StepState.VERIFIED] * 2
    assert notice.users == {**before, "excludeUsers": list(notice.guards)}
    assert notice.updates == 2


def test_what_if_is_asked_for_one_of_them_where_it_can_prove_something(notice: Notice) -> None:
    notice.begin()
    job = notice.second()
    notice.send(job)
    for_some_apps, other = notice.told(job)
    assert for_some_apps.reason == (
        "no longer excluded; enabled, as read back; what-if not asked: it is for some apps only"
    )
    assert other.reason == "no longer excluded, as read back"
    notice.row["conditions"]["applications"]["includeApplications"] = ["All"]
    notice.users.update(includeUsers=["None"], includeRoles=[])
    asks = tenant_settings.tenant_policy(notice.row).asks
    disagreeing, _ = notice.told(replace(job, change=replace(notice.change.rest, asks=asks)))
    assert disagreeing.state is StepState.DONE
    assert "what-if does not apply it to this account" in disagreeing.reason


def test_what_is_edited_after_the_last_look_is_not_enabled(notice: Notice) -> None:
    job = notice.job(notice.change.enable)
    notice.users["excludeUsers"].append("somebody-else")
    with pytest.raises(VendorRefused, match="was edited since; nothing was sent"):
        notice.send(job)
    assert notice.row["state"] == "enabledForReportingButNotEnforced"
    assert notice.updates == 0


def test_a_policy_that_somebody_enabled_for_everybody_meanwhile_takes_nobody_out(
    notice: Notice,
) -> None:
    notice.row["state"] = "enabled"
    house = notice.house
    found = house.directory.recheck(house.client(), notice.plan(), [notice.row["id"]])
    assert found.wider == "the policy is enabled since, for those on notice too"


def test_what_others_changed_in_the_exclusions_between_the_calls_stays(notice: Notice) -> None:
    notice.begin()
    one, other = notice.late
    group = notice.house.tenant().mfa_group_id
    notice.users["excludeUsers"].remove(one)
    notice.users["excludeUsers"].append("somebody-else")
    notice.users["excludeGroups"].append(group)
    assert notice.recheck() == Recheck()
    job = notice.second()
    assert notice.send(job) == [False, True]
    assert notice.users["excludeUsers"] == [*notice.guards, "somebody-else"]
    assert notice.users["excludeGroups"] == [group]
    assert notice.verify(job) == [StepState.VERIFIED] * 2
    assert notice.send(notice.second()) == [False, False]
    assert notice.updates == 2
    notice.users["excludeUsers"].append(other)
    assert notice.verify(job) == [StepState.VERIFIED, StepState.DONE]


def test_a_policy_that_is_off_asks_something_else_or_is_gone_is_left_alone(notice: Notice) -> None:
    notice.begin()
    job = notice.second()
    row = notice.row
    for edit, why in (
        ({"state": "disabled"}, "the policy is disabled since"),
        ({"grantControls": {"operator": "OR", "builtInControls": ["block"]}}, "was edited since"),
    ):
        sound = {name: row[name] for name in edit}
        row.update(edit)
        gone = notice.recheck().gone
        assert {target for target, reason in gone.items() if why in reason} == set(notice.late)
        with pytest.raises(VendorRefused, match=why):
            notice.send(job)
        assert notice.verify(job) == [StepState.NOT_VERIFIED] * 2
        row.update(sound)
    plan = notice.plan()
    notice.house.tenant().policies.remove(row)
    found = notice.house.directory.recheck(notice.house.client(), plan, notice.late)
    assert set(found.gone.values()) == {"the policy no longer exists"}
    assert notice.updates == 1


def test_a_second_call_that_was_cut_off_is_known_by_who_is_still_left_out(notice: Notice) -> None:
    notice.begin()
    job, house = notice.second(), notice.house
    evidence = house.directory.reconcile(house.client(), job, REQUEST)
    assert evidence.truth is Truth.NOT_SENT
    job = replace(job, dispatched_at=house.world.clock.now())
    house.fault("drop_after", method="PATCH", path=PATH, count=1)
    with pytest.raises(OutcomeUnknown):
        notice.send(job)
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.SENT
    assert notice.updates == 2


def test_whoever_is_skipped_just_before_the_call_proves_nothing_about_it(notice: Notice) -> None:
    notice.begin()
    job, house = replace(notice.second(), targets=notice.late[:1]), notice.house
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.NOT_SENT
    assert notice.send(job) == [True]
    assert house.directory.reconcile(house.client(), job, REQUEST).truth is Truth.SENT
    assert notice.users["excludeUsers"] == sorted((*notice.guards, notice.late[1]))


def test_undo_between_the_calls_restores_state_and_exclusions_with_one(notice: Notice) -> None:
    users = dict(notice.users)
    notice.begin()
    notice.users["excludeUsers"].append("somebody-else")
    item = tenant_settings.tenant_policy(notice.row)
    back = replace(
        notice.change.enable,
        before=PolicyState.ENABLED,
        after=PolicyState.REPORT_ONLY,
        fingerprint=item.fingerprint,
        add_excluded=(),
        drop_excluded=notice.late,
    )
    job = notice.job(back)
    assert notice.send(job) == [True]
    assert notice.row["state"] == "enabledForReportingButNotEnforced"
    excluded = [*notice.guards, "somebody-else"]
    assert notice.users == {**users, "excludeUsers": excluded}
    assert notice.verify(job) == [StepState.VERIFIED]
