"""People without a method get notice: the others at once, they on the announced day and on no other."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import (
    JobKind,
    JobState,
    Plan,
    Request,
    RequestId,
    RequestState,
    StepState,
)
from core.errors import Refused
from core.ports import Freeze, Report
from integrations.slack.rendering.request_card import card
from tests.rendering import making as make
from tests.usecases.requests_made import DEVON, MAYA, START, TESS, Office, a_plan
from tests.usecases.test_refused_always import Tenant, person

#: Monday morning and a week, in London.
DUE = START + timedelta(days=7, hours=1)
FROZEN = Freeze(at=START, by=TESS.key, by_name="Tess", why="odd clicks")
OVER = replace(FROZEN, ended_name="Devon", ended_at=START)


@dataclass
class Desk(Office):
    """The office with a tenant: two who are able and one who is not. Calls are carried out at once."""

    verdicts: tuple[MfaVerdict, ...] = field(
        default_factory=lambda: (
            person("imani", capable=Fact.NO),
            person("ada"),
            person("ben"),
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.vendor.report = Report(state=JobState.DONE)

    def plan(self, **options: Any) -> Plan:
        tenant = Tenant(client=self.client, verdicts=self.verdicts)
        users = [str(verdict.user_id) for verdict in self.verdicts]
        return tenant.enforce(*users, **({"include_without_method": True} | options))

    def go(self, **options: Any) -> Request:
        self.ask(self.plan(**options))
        self.decide(MAYA)
        return self.advance(2)

    def at(self, moment: datetime) -> Request:
        self.clock.time = moment
        return self.advance(2)


def test_the_able_come_first_and_the_others_carry_the_day_of_their_notice() -> None:
    plan = Desk().plan()
    assert [(t.id, t.not_before) for t in plan.targets] == [
        ("ada", None),
        ("ben", None),
        ("imani", DUE),
    ]
    assert plan.warnings[0].startswith(
        "1 person has no usable method: MFA is demanded of them from Mon 30 Nov 10:00 (Europe/London)"
    )


def test_the_preview_says_how_many_are_signed_out_and_what_time_it_is_for_them() -> None:
    all_of_them = Desk().plan(revoke_sessions=True)
    assert all_of_them.warnings[-2].startswith(
        "3 people are signed out everywhere within minutes of the change; it is Mon 09:00 for them"
    )
    people = (person("ada", admin=True), person("ben"))
    admins = Desk(verdicts=people).plan(revoke_admins=True)
    assert "1 person is signed out everywhere" in " ".join(admins.warnings)
    assert "The others' sessions stay" in " ".join(admins.warnings)
    assert "Sessions stay signed in" in " ".join(Desk().plan(revoke_admins=True).warnings)


def test_without_the_option_nobody_without_a_method_is_part_of_the_plan() -> None:
    plan = Desk().plan(include_without_method=False)
    assert [target.id for target in plan.targets] == ["ada", "ben"]
    assert plan.on_notice == ()


def test_another_day_is_another_plan() -> None:
    plan = Desk().plan()
    later = replace(plan.targets[2], not_before=DUE + timedelta(days=1))
    assert replace(plan, targets=(*plan.targets[:2], later)).digest != plan.digest
    at_once = replace(plan.targets[2], not_before=None)
    assert replace(plan, targets=(*plan.targets[:2], at_once)).digest != plan.digest


def test_nothing_is_demanded_of_the_others_before_their_day() -> None:
    desk = Desk()
    desk.go(revoke_sessions=True)
    assert desk.vendor.sent == [("ada", "ben"), ("ada", "ben")]
    waiting = desk.at(DUE - timedelta(seconds=1))
    assert len(desk.vendor.sent) == 2
    assert waiting.state is RequestState.RUNNING
    assert waiting.step("ada").state is StepState.VERIFIED
    assert waiting.step("imani").reason == "on notice until Mon 30 Nov 10:00"

    done = desk.at(DUE)
    assert desk.vendor.sent[2:] == [("imani",), ("imani",)]
    assert desk.vendor.kinds[2:] == [JobKind.ADD_TO_GROUP, JobKind.REVOKE_SESSIONS]
    assert done.state is RequestState.SUCCEEDED


def test_the_approval_holds_for_that_day_and_for_no_evening_or_later_day() -> None:
    desk = Desk()
    desk.go()
    desk.store.switch.set(FROZEN, actor="tess")
    desk.at(DUE)
    desk.store.switch.set(OVER, actor="maya")
    ended = desk.at(DUE + timedelta(hours=6))
    assert desk.vendor.sent == [("ada", "ben")]
    assert ended.step("imani").state is StepState.SKIPPED
    assert ended.state is RequestState.PARTIAL


def test_the_days_of_a_notice_do_not_prolong_the_approval_for_the_others() -> None:
    desk = Desk(policy=ApprovalPolicy(approved_minutes=60))
    desk.ask(desk.plan())
    desk.decide(MAYA)
    desk.store.switch.set(FROZEN, actor="tess")
    desk.advance()
    desk.clock.move(minutes=61)
    desk.store.switch.set(OVER, actor="maya")
    late = desk.advance(2)
    assert desk.vendor.sent == []
    assert {late.step(user).state for user in ("ada", "ben")} == {StepState.SKIPPED}
    desk.at(DUE)
    assert desk.vendor.sent == [("imani",)]


def test_cancelling_during_the_notice_leaves_the_others_alone() -> None:
    desk = Desk()
    desk.go()
    desk.cancel(TESS)
    ended = desk.advance(2)
    assert ended.step("imani").state is StepState.SKIPPED
    desk.at(DUE)
    assert desk.vendor.sent == [("ada", "ben")]


def changing(*users: str) -> Report:
    changed = (StepResult(target=u, state=StepState.DONE, changed=True) for u in users)
    return Report(state=JobState.DONE, results=tuple(changed))


def test_undoing_it_later_waits_for_no_day() -> None:
    desk = Desk()
    desk.vendor.report = changing("ada", "ben")
    desk.go()
    desk.vendor.report = changing("imani")
    done = desk.at(DUE)
    tenant = Tenant(client=desk.client, members=frozenset({"ada", "ben", "imani"}))
    assert {t.not_before for t in tenant.planner().undo(desk.client, done).targets} == {None}


def test_a_day_that_came_before_the_approval_takes_a_new_request() -> None:
    desk = Desk(policy=ApprovalPolicy(pending_minutes=10 * 24 * 60))
    desk.ask(desk.plan())
    desk.clock.time = DUE
    with pytest.raises(Refused, match="has come already"):
        desk.decide(DEVON)


def test_a_request_that_only_waits_for_its_day_keeps_nobody_from_asking_for_more() -> None:
    desk = Desk(policy=ApprovalPolicy(max_pending_per_person=1))
    desk.go()
    desk.request_id = RequestId("R00009")
    assert desk.ask(a_plan(), request_id=desk.request_id).state is RequestState.PENDING


def test_the_card_says_how_many_when_and_why() -> None:
    desk = Desk()
    shown = make.words(card(desk.ask(desk.plan()), now=START))
    assert "2 now; 1 without a method" in shown
    assert "30 Nov 10:00 UTC" in shown
    assert "because whoever signs in first registers" in shown


@pytest.mark.parametrize(
    ("limited", "words"),
    [
        ([Fact.YES, Fact.YES], "from trusted places or devices only"),
        ([Fact.YES, Fact.NO], "from anywhere"),
        ([Fact.YES, Fact.UNKNOWN], "could not be read"),
    ],
)
def test_the_card_says_where_the_first_method_can_be_registered(
    limited: list[Fact], words: str
) -> None:
    unable = [
        person(f"u{n}", capable=Fact.NO, registration_limited=fact)
        for n, fact in enumerate(limited)
    ]
    plan = Tenant(verdicts=tuple(unable)).enforce("u0", "u1", include_without_method=True)
    assert any(words in warning for warning in plan.warnings)
