"""Who may ask, decide, stop and restart."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.clients import Client, ClientKey
from core.domain.people import ChatIdentity, People, Person, PersonKey, Role
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import Action, Direction, Plan, Request, RequestState, Verdict
from core.errors import NotAllowed, Refused, TooLate
from core.rules.approval_policy import (
    approvals_needed,
    may_cancel,
    may_decide,
    may_freeze,
    may_request,
    may_settle,
    may_unfreeze,
)
from tests.rules.requests import ACME, NOW, decision, identity, person, plan, request, target
from tests.rules.tenants import client

POLICY = ApprovalPolicy()
TESS = person("tess")
MAYA = person("maya", Role.APPROVER)


def ask(
    of: Plan | None = None,
    *,
    by: Person = TESS,
    account: ChatIdentity | None = None,
    at: Client | None = None,
    pending: int = 0,
    weight: int = 0,
) -> None:
    may_request(
        by,
        account or identity(),
        at or client(protected_devices=frozenset({"DC01", "77"})),
        of or plan(),
        policy=POLICY,
        pending_of_person=pending,
        weight_last_hour=weight,
    )


def decide(
    of: Request | None = None,
    *,
    by: Person = MAYA,
    account: ChatIdentity | None = None,
    verdict: Verdict = Verdict.APPROVE,
    policy: ApprovalPolicy = POLICY,
    at: Any = NOW,
) -> None:
    may_decide(
        of or request(),
        by,
        account or identity(),
        client(),
        verdict=verdict,
        policy=policy,
        now=at,
    )


def test_a_technician_may_ask_and_an_approver_may_decide() -> None:
    ask()
    decide()
    decide(verdict=Verdict.DENY)


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("guest", "Guest accounts"),
        ("bot", "Bots"),
        ("deactivated", "deactivated"),
        ("external", "another workspace"),
    ],
)
@pytest.mark.parametrize(
    "door",
    [
        lambda account: ask(account=account),
        lambda account: decide(account=account),
        lambda account: may_cancel(request(), TESS, account),
        lambda account: may_settle(request(), MAYA, account),
        lambda account: may_freeze(TESS, account),
        lambda account: may_unfreeze(MAYA, account, None),
    ],
    ids=["ask", "decide", "cancel", "settle", "freeze", "unfreeze"],
)
def test_guests_bots_deactivated_and_external_accounts_pass_no_door(
    door: Callable[[ChatIdentity], None], flag: str, words: str
) -> None:
    with pytest.raises(NotAllowed, match=words):
        door(identity(**{flag: True}))


def test_requester_cannot_approve_own_request_whatever_their_role() -> None:
    own = request(requester=PersonKey("maya"))
    with pytest.raises(NotAllowed, match="someone else has to decide"):
        decide(own)
    with pytest.raises(NotAllowed):
        decide(own, verdict=Verdict.DENY)
    with pytest.raises(NotAllowed):
        decide(own, by=person("maya", Role.OWNER))


def test_a_second_account_with_the_requesters_email_is_the_requester() -> None:
    devon = person(
        "devon",
        Role.APPROVER,
        chat_ids=frozenset({"U-devon"}),
        emails=frozenset({"devon@x.example"}),
    )
    second = identity(user_id="U-other", email="Devon@x.example")
    behind = People((devon, MAYA)).behind(second)
    assert behind is devon
    with pytest.raises(NotAllowed):
        decide(request(requester=devon.key), by=behind, account=second)


def test_an_account_two_people_lay_claim_to_is_nobody() -> None:
    one = person("one", chat_ids=frozenset({"U1"}))
    two = person("two", emails=frozenset({"shared@x.example"}))
    assert People((one, two)).behind(identity(user_id="U1", email="shared@x.example")) is None
    assert People((one, two)).behind(identity(user_id="U1")) is one
    assert People((one, two)).behind(identity(user_id="U9", email="SHARED@x.example")) is two
    assert People((one, two)).behind(identity(user_id="U9")) is None


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_asking_takes_the_role_of_technician(role: Role | None) -> None:
    with pytest.raises(NotAllowed, match="role technician"):
        ask(by=person("vik", role))


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.TECHNICIAN])
def test_deciding_takes_the_role_of_approver(role: Role | None) -> None:
    with pytest.raises(NotAllowed, match="role approver"):
        decide(by=person("vik", role))


def test_roles_count_for_the_client_they_are_held_at() -> None:
    elsewhere = person("vik", None, roles={ClientKey("other"): Role.APPROVER})
    with pytest.raises(NotAllowed):
        decide(by=elsewhere)
    narrowed = person("vik", Role.OWNER, roles={ClientKey("*"): Role.OWNER, ACME: Role.VIEWER})
    with pytest.raises(NotAllowed):
        decide(by=narrowed)
    decide(by=person("vik", None, roles={ACME: Role.APPROVER}))


def test_an_expired_request_takes_no_decision_from_its_last_moment_on() -> None:
    late = NOW + timedelta(hours=1)
    decide(at=late - timedelta(seconds=1))
    with pytest.raises(TooLate, match="expired at 13:00 UTC"):
        decide(at=late)


@pytest.mark.parametrize("state", [s for s in RequestState if s is not RequestState.PENDING])
def test_only_a_pending_request_is_decided(state: RequestState) -> None:
    with pytest.raises(TooLate, match=state.value):
        decide(request(state=state))


def test_who_comes_second_hears_who_was_first() -> None:
    done = request(state=RequestState.APPROVED, decisions=(decision("devon"),))
    with pytest.raises(TooLate, match="already approved by Devon"):
        decide(done)


def test_nobody_counts_twice() -> None:
    halfway = request(approvals_needed=2, decisions=(decision("maya"),))
    with pytest.raises(Refused, match="waits for 1 more by someone else"):
        decide(halfway)
    decide(halfway, by=person("devon", Role.APPROVER))


def test_a_plan_that_is_not_the_one_asked_for_is_never_approved_but_may_be_denied() -> None:
    forged = request(digest="something else")
    with pytest.raises(Refused, match="not the one that was asked for"):
        decide(forged)
    decide(forged, verdict=Verdict.DENY)


def test_a_request_that_would_need_more_approvals_by_now_is_not_approved_with_fewer() -> None:
    with pytest.raises(Refused, match="more approvals"):
        decide(policy=replace(POLICY, approvals_raise=2))


@pytest.mark.parametrize("raising", [0, 1, 2, 3])
@pytest.mark.parametrize("lowering", [1, 2, 5])
@pytest.mark.parametrize("admins", [1, 4])
def test_lowering_protection_always_takes_more_approvals_than_raising_it(
    raising: int, lowering: int, admins: int
) -> None:
    policy = ApprovalPolicy(
        approvals_raise=raising, approvals_lower=lowering, approvals_admins=admins
    )
    for targets in ((target(),), (target(is_admin=True),)):
        up = plan(*targets)
        down = plan(*targets, action=Action.UNDO_ENFORCE_MFA, direction=Direction.LOWERS)
        assert approvals_needed(down, policy) > approvals_needed(up, policy) >= 1


def test_an_undo_that_calls_itself_raising_is_still_lowering() -> None:
    lie = plan(action=Action.UNDO_ENFORCE_MFA, direction=Direction.RAISES)
    assert approvals_needed(lie, POLICY) == 2


def test_an_administrator_among_the_targets_may_take_more_approvals() -> None:
    strict = ApprovalPolicy(approvals_admins=2)
    assert approvals_needed(plan(target("a"), target("b", is_admin=True)), strict) == 2
    assert approvals_needed(plan(target("a")), strict) == 1


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (plan(target("bg")), "break-glass"),
        (plan(target("bg"), action=Action.UNDO_ENFORCE_MFA), "break-glass"),
        (plan(group="another-group"), "mfa_group"),
        (plan(group=None), "mfa_group"),
        (plan(client=ClientKey("other"), client_name="Other"), "for Other, not for Acme"),
        (replace(plan(), targets=()), "Nothing is left"),
        (plan(target("d", name="dc01"), action=Action.INSTALL_PATCHES), "protected"),
        (plan(target("ninja:77"), action=Action.SCAN_PATCHES), "protected"),
        (plan(target(weight=51)), "may weigh 50"),
        (
            plan(
                *(target(f"s{n}", is_server=True) for n in range(11)),
                action=Action.INSTALL_PATCHES,
            ),
            "This weighs 55",
        ),
    ],
)
def test_a_plan_out_of_bounds_cannot_be_asked_for(of: Plan, words: str) -> None:
    with pytest.raises(Refused, match=words):
        ask(of)


def test_protected_users_cannot_be_asked_for_by_id_or_sign_in_name() -> None:
    for entry in ("ann", "Ann@acme.example"):
        of = plan(target("ann", aliases=frozenset({"ann@acme.example"})))
        with pytest.raises(Refused, match="protected"):
            ask(of, at=client(protected_users=frozenset({entry})))


def test_without_break_glass_accounts_nothing_is_enforced_but_undo_stays_possible() -> None:
    nobody = client(break_glass=())
    with pytest.raises(Refused, match="no break-glass accounts"):
        ask(at=nobody)
    ask(plan(action=Action.UNDO_ENFORCE_MFA, direction=Direction.LOWERS), at=nobody)


def test_open_requests_per_person_are_limited() -> None:
    ask(pending=POLICY.max_pending_per_person - 1)
    with pytest.raises(Refused, match="5 open requests"):
        ask(pending=POLICY.max_pending_per_person)


def test_the_weight_of_one_hour_is_limited_and_a_scan_weighs_nothing() -> None:
    ask(plan(target(weight=50)), weight=100)
    with pytest.raises(Refused, match="limit of 150 an hour"):
        ask(plan(target(weight=50)), weight=101)
    ask(plan(target(weight=500), action=Action.SCAN_PATCHES), weight=1000)


def test_the_requester_and_every_technician_may_cancel_and_a_viewer_may_not() -> None:
    may_cancel(request(), TESS, identity())
    may_cancel(request(), person("theo"), identity())
    may_cancel(request(), person("tess", Role.VIEWER), identity())
    with pytest.raises(NotAllowed):
        may_cancel(request(), person("vik", Role.VIEWER), identity())


def test_settling_is_for_another_approver() -> None:
    may_settle(request(), MAYA, identity())
    with pytest.raises(NotAllowed):
        may_settle(request(), TESS, identity())
    with pytest.raises(NotAllowed):
        may_settle(request(requester=MAYA.key), MAYA, identity())


def test_any_technician_may_freeze_and_a_viewer_may_not() -> None:
    may_freeze(person("tess", None, roles={ACME: Role.TECHNICIAN}), identity())
    with pytest.raises(NotAllowed):
        may_freeze(person("vik", Role.VIEWER), identity())


def test_unfreezing_takes_two_approvers() -> None:
    may_unfreeze(MAYA, identity(), None)
    may_unfreeze(person("devon", Role.APPROVER), identity(), MAYA.key)
    with pytest.raises(NotAllowed, match="second approver"):
        may_unfreeze(MAYA, identity(), MAYA.key)
    with pytest.raises(NotAllowed):
        may_unfreeze(TESS, identity(), MAYA.key)
