"""A policy asks those at once who can answer it, and the others on the day that was announced to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict
from core.domain.identity import Audience, PolicyState
from core.domain.notice import OnNotice
from core.domain.remediation import (
    Job,
    JobKind,
    JobState,
    Plan,
    Request,
    RequestId,
    RequestState,
    StepState,
)
from core.domain.tenant_change import EnableInTurn, PolicyTemplate, SetPolicyState
from core.errors import OutcomeUnknown, VendorDown, VendorRefused
from core.ports import Evidence, Recheck, Report, Truth
from core.rules.approval_policy import weight_of
from core.rules.attention import shortcoming
from core.rules.notices import NoticeKind
from core.rules.policy_templates import NAMES
from core.rules.policy_turns import STAY_OUT, left_out_now
from core.usecases.blast_radius import weight_since
from core.usecases.noticed_snapshots import NoticedSnapshots
from core.usecases.promote_policy import MOST_LEFT_OUT
from integrations.slack.rendering.notices import notice
from integrations.slack.rendering.request_card import card
from storage.codec import from_bytes, to_bytes
from tests.fakes.tenant import ABLE, MANAGED, PEOPLE, a_policy, controls, snapshot, verdict
from tests.rendering import making as make
from tests.usecases.requests_made import ACME, MAYA, START, TESS, Office, a_client
from tests.usecases.test_notice import FROZEN, OVER
from tests.usecases.test_tenant_planning import POLICY, PROMOTE, Tenant, planned, undone

#: Monday morning and a week, in London.
DUE = START + timedelta(days=7, hours=1)
LATE = ("ben", "cy")
CY = verdict("cy", registered=Fact.UNKNOWN, capable=Fact.UNKNOWN)
ENABLED, PEOPLE_NOW = ("policy-1",), LATE


def a_promotion(*people: MfaVerdict, **item: Any) -> Plan:
    known = snapshot(*(people or (*PEOPLE, CY)))
    return planned(PROMOTE, Tenant(controls(a_policy(**item))), known=known)


@dataclass
class Desk(Office):
    """The office with a tenant that carries out at once whatever it is sent."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.vendor.dispatch = self._dispatch  # type: ignore[method-assign]

    def _dispatch(self, client: object, job: Job, request_id: RequestId) -> Report:
        self.vendor.sent.append(job.targets)
        self.vendor.kinds.append(job.kind)
        if self.vendor.dispatch_errors:
            raise self.vendor.dispatch_errors.pop(0)
        done = (StepResult(target=t, state=StepState.DONE, changed=True) for t in job.targets)
        return Report(state=JobState.DONE, results=tuple(done))

    def begin(self, plan: Plan | None = None) -> Request:
        """Asked for, approved, and the first call made."""
        self.ask(plan or a_promotion())
        self.decide(MAYA)
        return self.advance(2)

    def at(self, moment: datetime) -> Request:
        self.clock.time = moment
        return self.advance(2)

    @property
    def card(self) -> str:
        return make.words(card(self.stored(), now=self.clock.now()))


# The plan.


def test_those_who_can_answer_come_first_and_the_others_are_left_out_until_their_day() -> None:
    plan = a_promotion()
    assert isinstance(plan.change, EnableInTurn)
    assert plan.change.enable.add_excluded == ("ben", "cy", "scanner")
    assert [(t.id, t.not_before) for t in plan.targets] == [
        ("policy-1", None),
        ("ben", DUE),
        ("cy", DUE),
    ]
    assert plan.warnings[0].startswith(
        "2 people who may have nothing to answer it with yet (ben@acme.example, cy@acme.example) are "
        "left out until Mon 30 Nov 10:00 (Europe/London), and asked from then on"
    )
    assert "Whether a policy limits where they register" in plan.warnings[1]
    assert plan.warnings[2].startswith("At once it asks 3 accounts (1 administrator, 1 guest")
    sample = plan.change.enable.sample
    assert sample is not None
    assert sample.user_id not in LATE


@pytest.mark.parametrize(("fact", "said"), [(Fact.NO, True), (Fact.YES, False)])
def test_a_limit_on_registering_that_is_only_report_only_is_said_not_to_hold(
    fact: Fact, said: bool
) -> None:
    limit = a_policy("Register at the office", policy_id="policy-2", limits_registration=True)
    people = (*ABLE, verdict("ben", capable=Fact.NO, registration_limited=fact))
    plan = planned(PROMOTE, Tenant(controls(a_policy(), limit)), known=snapshot(*people))
    words = "Register at the office would limit where they register, but Entra does not even try"
    assert any(warning.startswith(words) for warning in plan.warnings) is said


def test_where_everybody_can_answer_it_is_one_call() -> None:
    plan = a_promotion(*ABLE)
    assert isinstance(plan.change, SetPolicyState)
    assert (len(plan.targets), plan.on_notice) == (1, ())


@pytest.mark.parametrize("name", [MANAGED, f"{NAMES[PolicyTemplate.MFA_ALL_USERS]} [R00001-1]"])
def test_ours_and_microsofts_policies_are_enabled_in_turn(name: str) -> None:
    assert isinstance(a_promotion(name=name).change, EnableInTurn)


A_GROUP = Audience(groups=frozenset({"g"}), users=frozenset({"ann", "ben"}))
TOO_MANY = tuple(verdict(f"u{n}", capable=Fact.NO) for n in range(MOST_LEFT_OUT + 1))


@pytest.mark.parametrize(
    ("people", "item", "why"),
    [
        (PEOPLE, {"name": MANAGED, "include": A_GROUP}, "who cannot answer it is not sure"),
        ((verdict("ben", capable=Fact.NO),), {}, "nobody can answer it already"),
        ((*PEOPLE, *TOO_MANY), {}, "100 people out of a policy by name and no more"),
    ],
    ids=["groups", "nobody able", "too many"],
)
def test_where_that_is_not_possible_all_wait_and_the_preview_says_why(
    people: Sequence[MfaVerdict], item: dict[str, Any], why: str
) -> None:
    plan = a_promotion(*people, **item)
    assert isinstance(plan.change, SetPolicyState)
    assert not set(plan.change.add_excluded) & {v.user_id for v in people if v.held_out is None}
    assert plan.targets[0].not_before == DUE
    assert plan.warnings[0].startswith("It is not enabled before Mon 30 Nov 10:00 (Europe/London)")
    assert why in plan.warnings[0]
    desk = Desk()
    desk.ask(plan)
    assert "when the notice ends" in desk.card
    assert "It starts when the notice ends, Mon 30 Nov 10:00." in desk.card
    assert "at once" not in desk.card.replace("All wait", "")
    desk.decide(MAYA)
    told = notice(desk.stored(), NoticeKind.DECIDED, now=desk.clock.now())
    assert "It starts when the notice ends" in make.words(told)
    desk = Desk()
    assert desk.begin(plan).steps[0].reason == "on notice until Mon 30 Nov 10:00"
    assert desk.vendor.sent == []
    assert desk.at(DUE).state is RequestState.SUCCEEDED


def test_people_on_notice_make_a_request_no_heavier_than_the_policy() -> None:
    in_turn, at_once = a_promotion(), a_promotion(*ABLE)
    assert in_turn.weight == at_once.weight == POLICY.tenant_weight
    assert sum(weight_of(t, POLICY) for t in in_turn.targets) == POLICY.tenant_weight


def test_what_is_approved_is_who_waits_and_until_when() -> None:
    plan = a_promotion()
    policy, ben, cy = plan.targets
    others = [
        (policy, ben),
        (policy, ben, replace(cy, not_before=DUE + timedelta(days=1))),
        (policy, ben, replace(cy, id="dora")),
    ]
    digests = {replace(plan, targets=targets).digest for targets in (plan.targets, *others)}
    assert len(digests) == 4


def test_a_plan_in_turn_survives_being_written_down() -> None:
    plan = a_promotion()
    again = from_bytes(Plan, to_bytes(plan))
    assert again == plan
    assert again.digest == plan.digest


# Carrying it out.


def test_two_calls_are_made_each_when_it_was_announced() -> None:
    desk = Desk()
    waiting = desk.begin()
    assert (desk.vendor.sent, desk.vendor.kinds) == ([ENABLED], [JobKind.SET_POLICY_STATE])
    assert waiting.state is RequestState.RUNNING
    assert waiting.step("policy-1").state is StepState.VERIFIED
    desk.at(DUE - timedelta(seconds=1))
    assert len(desk.vendor.sent) == 1
    done = desk.at(DUE)
    assert desk.vendor.sent == [ENABLED, PEOPLE_NOW]
    assert desk.vendor.kinds[1] is JobKind.END_NOTICE
    assert done.state is RequestState.SUCCEEDED


def test_however_many_people_it_is_they_come_to_it_with_one_call() -> None:
    crowd = [verdict(f"u{n}", capable=Fact.NO) for n in range(45)]
    desk = Desk()
    desk.begin(a_promotion(*PEOPLE, *crowd))
    desk.at(DUE)
    assert [len(targets) for targets in desk.vendor.sent] == [1, 46]


def test_the_card_says_who_is_asked_when_before_between_and_after() -> None:
    desk = Desk()
    desk.ask(a_promotion())
    assert "Everyone at once, but 2 people without a method only from" in desk.card
    assert "1 account it does not exclude yet joins its exclusions" in desk.card
    desk.decide(MAYA)
    desk.advance(2)
    assert "1 verified, 2 still open" in desk.card
    assert "on notice until Mon 30 Nov 10:00" in desk.card
    desk.at(DUE)
    assert "Done and verified" in desk.card


def test_a_kill_between_the_calls_loses_and_repeats_nothing() -> None:
    desk = Desk()
    desk.begin()
    desk.restart()
    assert desk.advance(2).state is RequestState.RUNNING
    assert desk.at(DUE).state is RequestState.SUCCEEDED
    assert desk.vendor.sent == [ENABLED, PEOPLE_NOW]


def test_a_kill_in_the_second_call_is_looked_up_and_not_sent_again() -> None:
    desk = Desk()
    desk.begin()
    desk.vendor.dispatch_errors = [OutcomeUnknown("Entra", "the answer was lost")]
    desk.vendor.evidence = Evidence(truth=Truth.SENT, detail="Entra shows the exclusions gone.")
    assert desk.at(DUE).state is RequestState.SUCCEEDED
    assert desk.vendor.sent == [ENABLED, PEOPLE_NOW]


def test_a_second_process_at_the_same_work_sends_nothing_twice() -> None:
    desk = Desk()
    desk.begin()
    desk.clock.time = DUE
    desk.vendor.while_rechecking = [lambda: desk.advance(2)]
    desk.advance(2)
    assert desk.vendor.sent == [ENABLED, PEOPLE_NOW]
    assert desk.stored().state is RequestState.SUCCEEDED


def test_a_second_call_that_was_surely_not_carried_out_is_made_later() -> None:
    desk = Desk()
    desk.begin()
    desk.vendor.dispatch_errors = [VendorDown("Entra", "HTTP 503")]
    desk.at(DUE)
    desk.clock.move(minutes=5)
    assert desk.advance(2).state is RequestState.SUCCEEDED
    assert desk.vendor.sent == [ENABLED, PEOPLE_NOW, PEOPLE_NOW]


def test_the_second_call_waits_until_it_is_seen_what_became_of_the_first() -> None:
    desk = Desk()
    lagging = StepResult(target="policy-1", state=StepState.DONE)
    desk.vendor.verified = {"policy-1": lagging}
    desk.begin()
    desk.vendor.verified = {}
    desk.clock.time = DUE  # it was down all the time
    waiting = desk.advance()
    assert desk.vendor.sent == [ENABLED]
    assert waiting.step("ben").reason == "waits until it is seen what became of the policy"
    assert waiting.step("policy-1").state is StepState.VERIFIED
    assert desk.advance(2).state is RequestState.SUCCEEDED
    assert desk.vendor.sent == [ENABLED, PEOPLE_NOW]


def test_on_the_day_of_the_notice_the_second_call_weighs_what_the_first_did() -> None:
    desk = Desk()
    desk.begin()
    desk.policy = replace(desk.policy, max_weight_per_hour=POLICY.tenant_weight - 1)
    assert desk.at(DUE).step("ben").reason == "waits for room under the hourly cap"
    assert desk.vendor.sent == [ENABLED]
    desk.policy = replace(desk.policy, max_weight_per_hour=POLICY.tenant_weight)
    assert desk.advance(2).state is RequestState.SUCCEEDED
    assert weight_since(desk.store.requests, DUE) == POLICY.tenant_weight


def test_a_frozen_bot_asks_nobody_and_no_day_but_the_announced_one_will_do() -> None:
    desk = Desk()
    desk.begin()
    desk.store.switch.set(FROZEN, actor="tess")
    desk.at(DUE)
    desk.store.switch.set(OVER, actor="maya")
    ended = desk.at(DUE + timedelta(hours=6))
    assert desk.vendor.sent == [ENABLED]
    assert ended.state is RequestState.PARTIAL
    assert "they stay among its exclusions" in ended.step("ben").reason


def test_what_a_person_did_to_the_policy_meanwhile_stops_the_second_call() -> None:
    desk = Desk()
    desk.begin()
    gone = dict.fromkeys(LATE, "the policy is disabled since; they stay among its exclusions")
    desk.vendor.rechecks = [Recheck(gone=gone)]
    ended = desk.at(DUE)
    assert desk.vendor.sent == [ENABLED]
    assert ended.state is RequestState.PARTIAL
    assert "the policy is disabled since" in desk.card


def test_a_client_that_leaves_the_configuration_leaves_word_of_who_stays_left_out() -> None:
    desk = Desk()
    desk.begin()
    desk.client_left = True
    assert desk.advance(2).state is RequestState.PARTIAL
    assert desk.stored().step("ben").reason.endswith(STAY_OUT)


def test_whoever_became_protected_meanwhile_stays_left_out_and_is_named() -> None:
    desk = Desk()
    desk.begin()
    desk.client = a_client(break_glass=("bg1", "ben"))
    ended = desk.at(DUE)
    assert desk.vendor.sent == [ENABLED, ("cy",)]
    assert ended.step("ben").reason == "protected since it was requested"


def test_a_first_call_that_was_refused_ends_it_at_once_and_not_in_a_week() -> None:
    desk = Desk()
    desk.vendor.dispatch_errors = [VendorRefused("Entra", "1054: no")]
    ended = desk.begin()
    assert ended.state is RequestState.FAILED
    assert "the policy was not enabled" in ended.step("ben").reason
    assert "stay among" not in ended.step("ben").reason


def test_a_first_call_nobody_can_tell_of_asks_a_person_at_once() -> None:
    desk = Desk()
    desk.vendor.dispatch_errors = [OutcomeUnknown("Entra", "the answer was lost")]
    desk.vendor.verified = {"policy-1": StepResult(target="policy-1", state=StepState.DONE)}
    assert desk.begin().state is RequestState.NEEDS_PERSON
    desk.settle(MAYA, carried_out=False)
    assert desk.advance(2).state is RequestState.FAILED
    desk.at(DUE)
    assert desk.vendor.sent == [ENABLED]


# The way back.


def enabled(*excluded: str, **item: Any) -> Tenant:
    names = Audience(users=frozenset({"bg1", *excluded}))
    return Tenant(controls(a_policy(state=PolicyState.ENABLED, exclude=names, **item)))


def test_undo_between_the_calls_takes_our_exclusions_back_and_the_second_is_never_sent() -> None:
    desk = Desk()
    desk.begin()
    desk.cancel(TESS)
    cancelled = desk.advance(2)
    assert cancelled.state is RequestState.PARTIAL
    assert "they stay among its exclusions" in cancelled.step("ben").reason
    plan = undone(cancelled, enabled(*LATE, "eve"))
    assert isinstance(plan.change, SetPolicyState)
    assert plan.change.after is PolicyState.REPORT_ONLY
    assert plan.change.drop_excluded == LATE
    desk.at(DUE)
    assert desk.vendor.sent == [ENABLED]


def test_undo_after_both_calls_leaves_exclusions_that_somebody_made_since() -> None:
    desk = Desk()
    desk.begin()
    done = desk.at(DUE)
    by_hand = replace(done.step("ben"), changed=False)
    done = replace(done, steps=(done.steps[0], by_hand, *done.steps[2:]))
    plan = undone(done, enabled("ben", "eve"))
    assert isinstance(plan.change, SetPolicyState)
    assert plan.change.drop_excluded == ()


def test_undo_leaves_whoever_is_break_glass_by_now_among_the_exclusions() -> None:
    desk = Desk()
    desk.begin()
    desk.client = a_client(break_glass=("bg1", "ben"))
    desk.at(DUE)
    plan = undone(desk.stored(), enabled("ben"), client=desk.client)
    assert isinstance(plan.change, SetPolicyState)
    assert plan.change.drop_excluded == ()


# What lists and digests say meanwhile.


def test_the_verdict_of_people_on_notice_says_until_when_and_by_which_request() -> None:
    desk = Desk()
    desk.store.snapshots.put(snapshot(*PEOPLE, CY))
    desk.ask(a_promotion())
    assert marked(desk) == {}
    desk.decide(MAYA)
    desk.advance(2)
    words = marked(desk)
    assert set(words) == set(LATE)
    assert words["ben"].startswith(
        "On notice: R00001 leaves it out of Gatehouse: MFA for all users [R00001-1] "
        "until Mon 30 Nov 10:00"
    )
    desk.at(DUE)
    assert marked(desk) == {}


def test_a_notice_excuses_nobody_whom_something_else_asks_for_mfa() -> None:
    mark = OnNotice(request="R00001", policy_id="p", policy_name="P", until=DUE)
    ben = verdict("ben", capable=Fact.NO, notice=mark)
    assert shortcoming(ben).startswith("MFA is not demanded until Mon 30 Nov 10:00, as R00001")
    assert shortcoming(replace(ben, enforced=Fact.YES)) == "no usable method is registered"


def marked(desk: Desk) -> dict[str, str]:
    """The first reason of everybody who is on notice, as lists show it."""
    requests = desk.store.requests
    shown = NoticedSnapshots(snapshots=desk.store.snapshots, requests=requests).get(ACME)
    assert shown is not None
    assert shown.mfa is not None
    found = {v.user_id: v.why[0] for v in shown.mfa.verdicts if v.notice is not None}
    assert set(found) == set(left_out_now(requests.open(), ACME))
    return {str(user): why for user, why in found.items()}
