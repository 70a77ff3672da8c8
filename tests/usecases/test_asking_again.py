"""Whom an ended request left out of a policy can be asked for anew: who, when, and how many at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.findings import MfaVerdict
from core.domain.identity import Strength
from core.domain.remediation import Direction, JobKind, Plan, RequestId, RequestState
from core.domain.tenant_change import PolicyTemplate
from core.errors import Refused
from core.rules.policy_templates import NAMES
from core.rules.policy_turns import left_out_now
from core.usecases.plan_tenant import TOO_HEAVY
from tests.fakes.tenant import ABLE, PEOPLE, snapshot, verdict
from tests.usecases.requests_made import ACME, MAYA, START
from tests.usecases.test_enforcing_in_turn import CY, DUE, LATE, Desk, a_promotion, enabled
from tests.usecases.test_tenant_planning import a_planner, planned

LET_IN = "end_notice:policy-1"


def let_in(desk: Desk, *people: MfaVerdict, excluded: Sequence[str] = LATE, **item: Any) -> Plan:
    """The plan for those whom the desk's requests left out and who are still excluded."""
    return planned(
        LET_IN,
        enabled(*excluded, **item),
        known=snapshot(*people),
        store=desk.store.requests,
        clock=desk.clock,
    )


def missed() -> Desk:
    """The announced day went by while Gatehouse was frozen."""
    desk = Desk()
    desk.begin()
    desk.at(DUE + timedelta(hours=6))
    assert desk.stored().state is RequestState.PARTIAL
    return desk


def test_whom_an_ended_request_left_out_can_be_asked_for_again_with_a_new_notice() -> None:
    desk = missed()
    plan = let_in(desk, *PEOPLE, replace(CY, capable=Fact.YES, registered=Fact.YES))
    assert [(t.id, t.not_before) for t in plan.targets] == [
        ("cy", None),
        ("ben", datetime(2026, 12, 8, 10, tzinfo=desk.client.zone)),
    ]
    assert plan.direction is Direction.RAISES
    desk.request_id = RequestId("R00002")
    desk.ask(plan, request_id=desk.request_id)
    assert "They leave the exclusions of" in desk.card
    assert "1 now; 1 without a method" in desk.card
    desk.decide(MAYA)
    desk.advance(2)
    assert desk.vendor.sent[1:] == [("cy",)]
    noticed = left_out_now(desk.store.requests.open(), ACME)
    assert {user: notice.request for user, notice in noticed.items()} == {"ben": "R00002"}
    assert desk.at(plan.targets[1].not_before or START).state is RequestState.SUCCEEDED
    assert desk.vendor.sent[2:] == [("ben",)]
    assert desk.vendor.kinds[1:] == [JobKind.END_NOTICE] * 2
    with pytest.raises(Refused, match="no longer there"):
        let_in(desk, *PEOPLE, CY)


def test_whom_a_policy_wants_a_key_of_gets_new_notice_though_the_phone_answers_other_policies() -> (
    None
):
    desk = missed()
    keyless = replace(CY, capable=Fact.YES, registered=Fact.YES, admin=True)
    holder = verdict("ben", strength=Strength.PHISHING_RESISTANT, admin=True)
    plan = let_in(
        desk, keyless, holder, name=f"{NAMES[PolicyTemplate.RESISTANT_ADMINS]} [R00001-1]"
    )
    assert [(t.id, t.not_before is None) for t in plan.targets] == [("ben", True), ("cy", False)]
    assert plan.warnings[0].startswith("1 person has no method that answers it")
    assert any("they cannot get in before they have a passkey" in words for words in plan.warnings)


def test_of_more_people_than_one_request_may_weigh_the_others_are_asked_for_with_the_next() -> None:
    crowd = [verdict(f"u{n}", capable=Fact.NO) for n in range(60)]
    desk = Desk()
    desk.begin(a_promotion(*PEOPLE, *crowd))
    desk.at(DUE + timedelta(hours=6))
    able = replace(crowd[-1], capable=Fact.YES)
    everyone = [str(v.user_id) for v in crowd]
    plan = let_in(desk, *crowd[:-1], able, excluded=everyone)
    assert plan.weight == desk.policy.max_weight_per_request == 50
    assert plan.targets[0].id == able.user_id
    assert {s.reason for s in plan.skipped} == {TOO_HEAVY}
    assert len(plan.skipped) == 10
    desk.ask(plan, request_id=RequestId("R00002"))


def test_the_offer_names_the_request_and_only_people_who_are_still_left_out() -> None:
    desk = missed()
    tenant = enabled("ben", "eve")
    offers = a_planner(tenant, desk.store.requests, desk.clock).offers(desk.client, snapshot())
    (offer,) = [offer for offer in offers.all() if offer.key == LET_IN]
    assert offer.title.startswith("Ask 1 person whom R00001 left out of “Gatehouse: MFA for all")
    assert offer.refusal is None
    with pytest.raises(Refused, match="no longer there"):
        let_in(desk, *PEOPLE, CY, excluded=())


def test_whoever_is_held_out_by_now_is_not_asked() -> None:
    desk = missed()
    plan = let_in(desk, *PEOPLE, replace(CY, held_out="looks like a room or resource"))
    assert [target.id for target in plan.targets] == ["ben"]
    assert [(s.id, s.reason) for s in plan.skipped] == [
        ("cy", "excluded, held out: looks like a room or resource")
    ]


HELD_OUT = tuple(replace(v, held_out="looks like a room or resource") for v in (*PEOPLE, CY))


@pytest.mark.parametrize("people", [HELD_OUT, ABLE], ids=["held out", "gone"])
def test_where_nobody_is_left_to_be_asked_the_offer_says_so(people: Sequence[MfaVerdict]) -> None:
    desk = missed()
    planner = a_planner(enabled(*LATE), desk.store.requests, desk.clock)
    offers = planner.offers(desk.client, snapshot(*people)).all()
    (refusal,) = [offer.refusal for offer in offers if offer.key == LET_IN]
    assert refusal is not None
    assert refusal.startswith("Nobody is left to be asked")


def test_while_people_are_on_notice_nobody_is_offered_to_be_asked_again() -> None:
    desk = Desk()
    desk.begin()
    with pytest.raises(Refused, match="no longer there"):
        let_in(desk, *PEOPLE, CY)
