"""Exemptions from the plan to the record: asked for, approved, kept, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.domain.clients import ClientKey
from core.domain.findings import MfaSection, Snapshot
from core.domain.policy import MfaPolicy
from core.domain.remediation import (
    Action,
    Direction,
    Plan,
    Request,
    RequestId,
    RequestState,
    StepState,
)
from core.errors import BadInput, Refused, StorageFailed
from core.usecases.exempted_snapshots import ExemptedSnapshots
from core.usecases.plan_exemptions import ExemptionPlanner
from core.usecases.plan_mfa import undoable
from tests.rules.test_exemptions import a_section
from tests.usecases.requests_made import ACME, DEVON, MAYA, START, Office

TODAY = START.date()
LAST = TODAY + timedelta(days=14)
END = RequestId("R00002")


@dataclass
class Exemptions(Office):
    """The office, with a planner and what its people are shown."""

    section: MfaSection = field(default_factory=lambda: a_section("ada", "ben", "bg1"))

    def planner(self) -> ExemptionPlanner:
        return ExemptionPlanner(
            exemptions=self.store.exemptions,
            policy=self.policy,
            mfa=MfaPolicy(exemption_days=90),
            clock=self.clock,
        )

    def shown(self) -> Snapshot:
        self.store.snapshots.put(Snapshot(client=ACME, mfa=self.section))
        shown = ExemptedSnapshots(
            snapshots=self.store.snapshots,
            exemptions=self.store.exemptions,
            clients=self.clients,
            clock=self.clock,
        ).get(ACME)
        assert shown is not None
        return shown

    def plan(self, *users: str, until: date = LAST) -> Plan:
        return self.planner().exempt(self.client, users, until, self.shown())

    def gaps(self) -> list[str]:
        section = self.shown().mfa
        assert section is not None
        return [verdict.user_id for verdict in section.gaps()]

    def granted(self, *users: str, until: date = LAST) -> Request:
        """Asked for, approved by two and carried out."""
        self.ask(self.plan(*users, until=until), request_id=self.request_id)
        self.decide(MAYA)
        self.decide(DEVON)
        return self.advance(2)


def skipped(plan: Plan) -> dict[str, str]:
    return {item.id: item.reason for item in plan.skipped}


def held(office: Exemptions, client: ClientKey = ACME) -> Sequence[str]:
    return [item.user_id for item in office.store.exemptions.of(client)]


# Planning.


def test_an_exemption_lowers_protection_and_needs_one_approval_more_than_raising_it() -> None:
    office = Exemptions()
    plan = office.plan("ada")
    assert (plan.direction, plan.account) == (Direction.LOWERS, "gatehouse")
    assert office.ask(plan).approvals_needed == 2


def test_the_last_day_is_part_of_what_is_approved() -> None:
    office = Exemptions()
    longer = office.plan("ada", until=LAST + timedelta(days=1))
    assert office.plan("ada").digest != longer.digest


def test_break_glass_accounts_are_configured_and_never_exempted() -> None:
    office = Exemptions()
    plan = office.plan("ada", "bg1")
    assert [target.id for target in plan.targets] == ["ada"]
    assert "never exempted" in skipped(plan)["bg1"]


def test_an_account_without_a_gap_is_not_exempted() -> None:
    office = Exemptions()
    office.granted("ada")
    office.section = a_section("ben")
    with pytest.raises(Refused, match="not in the newest scan"):
        office.plan("ada")
    with pytest.raises(Refused, match="Nobody is left"):
        office.plan()


def test_an_exemption_is_prolonged_by_a_request_and_never_shortened_by_one() -> None:
    office = Exemptions()
    office.granted("ada")
    with pytest.raises(Refused, match="already"):
        office.plan("ada", until=LAST)
    prolonged = office.plan("ada", until=LAST + timedelta(days=7))
    assert prolonged.targets[0].before == {"exempt until": "2026-12-07", "exempt by": "R00001"}


@pytest.mark.parametrize(("days", "error"), [(-1, BadInput), (91, Refused)])
def test_the_last_day_lies_between_today_and_what_policy_allows(
    days: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Exemptions().plan("ada", until=TODAY + timedelta(days=days))


def test_an_exemption_is_not_shortened_by_a_request_approved_after_a_longer_one() -> None:
    office = Exemptions()
    shorter, longer = office.plan("ada", "ben"), office.plan("ada", until=LAST + timedelta(days=9))
    for number, plan in (("R00001", longer), ("R00002", shorter)):
        office.request_id = RequestId(number)
        office.ask(plan, request_id=office.request_id)
        for approver in (MAYA, DEVON):
            office.decide(approver)
        done = office.advance(2)
    assert done.step("ada").state is StepState.SKIPPED
    assert "already" in done.step("ada").reason
    kept = {e.user_id: e.request for e in office.store.exemptions.of(ACME)}
    assert kept == {"ada": "R00001", "ben": "R00002"}


def test_a_protected_account_may_be_exempted_since_nothing_is_done_to_it() -> None:
    office = Exemptions()
    office.client = replace(office.client, protected_users=frozenset({"ada"}))
    assert office.granted("ada").state is RequestState.SUCCEEDED


# Carrying out.


def test_once_approved_it_is_on_record_with_who_why_until_when_and_by_whom() -> None:
    office = Exemptions()
    done = office.granted("ada")
    assert done.state is RequestState.SUCCEEDED
    assert done.step("ada").state is StepState.VERIFIED
    (kept,) = office.store.exemptions.of(ACME)
    assert (kept.reason, kept.until, kept.request) == ("They are overdue.", LAST, done.id)
    assert (kept.asked_by, kept.approved_by) == ("tess", ("maya", "devon"))
    assert office.gaps() == ["ben", "bg1"]


def test_one_approval_alone_exempts_nobody() -> None:
    office = Exemptions()
    office.ask(office.plan("ada"))
    office.decide(MAYA)
    office.advance(2)
    assert held(office) == []


def test_an_exemption_that_is_over_counts_again_without_a_new_scan() -> None:
    office = Exemptions()
    office.granted("ada")
    office.clock.move(days=14)
    assert "ada" not in office.gaps()
    office.clock.move(days=1)
    assert "ada" in office.gaps()


def test_what_is_stored_of_a_scan_knows_nothing_of_exemptions() -> None:
    office = Exemptions()
    office.granted("ada")
    assert office.gaps() == ["ben", "bg1"]
    stored = office.store.snapshots.get(ACME)
    assert stored is not None
    assert stored.mfa == office.section


def test_a_last_day_that_passed_before_the_start_exempts_nobody() -> None:
    office = Exemptions()
    office.clock.move(hours=13)
    office.ask(office.plan("ada", until=TODAY))
    office.decide(MAYA)
    office.decide(DEVON)
    office.clock.move(hours=3)
    ended = office.advance(2)
    assert ended.state is RequestState.FAILED
    assert "over already" in ended.step("ada").reason
    assert held(office) == []


def test_a_disk_that_was_full_while_it_was_recorded_exempts_nobody_until_it_is() -> None:
    office = Exemptions()
    office.ask(office.plan("ada"))
    office.decide(MAYA)
    office.decide(DEVON)
    keeper = office.store.exemptions
    grant, keeper.grant = keeper.grant, _failing  # type: ignore[method-assign]
    with pytest.raises(StorageFailed):
        office.advance()
    assert held(office) == []
    keeper.grant = grant  # type: ignore[method-assign]
    assert office.advance(3).state is RequestState.SUCCEEDED
    assert held(office) == ["ada"]


def test_an_exemption_whose_process_died_as_it_was_kept_can_be_ended_early() -> None:
    office = Exemptions()
    office.ask(office.plan("ada"))
    office.decide(MAYA)
    office.decide(DEVON)
    keeper = office.store.exemptions
    grant = keeper.grant

    def kept_and_killed(*given: Any, **named: Any) -> None:
        grant(*given, **named)
        raise KilledError

    keeper.grant = kept_and_killed  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        office.advance()
    office.restart()
    done = office.advance(2)
    assert (done.state, held(office)) == (RequestState.SUCCEEDED, ["ada"])
    assert undoable(done)


class KilledError(BaseException):
    """The process is gone: nothing of it catches this."""


def _failing(*_: object, **__: object) -> None:
    raise StorageFailed


# Ending early.


def test_ending_early_is_a_request_that_raises_and_covers_what_its_request_granted() -> None:
    office = Exemptions()
    done = office.granted("ada", "ben")
    office.request_id = RequestId("R00003")
    office.granted("ben", until=LAST + timedelta(days=7))
    plan = office.planner().end(office.client, done)
    assert (plan.action, plan.direction) == (Action.END_EXEMPTION, Direction.RAISES)
    assert [target.id for target in plan.targets] == ["ada"]
    assert skipped(plan) == {"ben": "no longer exempt"}
    office.request_id = END
    assert office.ask(plan, request_id=END).approvals_needed == 1
    office.decide(MAYA)
    assert office.advance(2).state is RequestState.SUCCEEDED
    assert held(office) == ["ben"]
    assert office.gaps() == ["ada", "bg1"]
    with pytest.raises(Refused, match="left to end"):
        office.planner().end(office.client, done)


def test_a_request_that_granted_nothing_cannot_be_ended() -> None:
    office = Exemptions()
    pending = office.ask(office.plan("ada"))
    with pytest.raises(Refused, match="none to end"):
        office.planner().end(office.client, pending)
