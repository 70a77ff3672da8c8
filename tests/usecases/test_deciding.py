"""Four eyes: who may ask, who may answer, and what an answer holds for."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.domain.people import ChatIdentity, Role
from core.domain.remediation import Action, RequestState, Verdict
from core.errors import Frozen, GatehouseError, NotAllowed, Refused, TooLate
from core.usecases.decide_request import DecideRequest
from tests.usecases.requests_made import (
    DEVON,
    MAYA,
    REQUEST,
    TESS,
    Office,
    a_client,
    a_person,
    a_plan,
    an_account,
)


def test_requester_cannot_approve_own_request() -> None:
    office = Office()
    office.ask(a_plan(), person=MAYA)

    with pytest.raises(NotAllowed, match="someone else has to decide"):
        office.decide(MAYA)

    assert office.stored().state is RequestState.PENDING


def test_another_approver_approves_and_it_is_approved_once() -> None:
    office = Office()
    office.ask(a_plan())

    assert office.decide(MAYA).state is RequestState.APPROVED
    with pytest.raises(TooLate, match="Maya"):
        office.decide(DEVON)


def test_denying_ends_it_with_the_reason() -> None:
    office = Office()
    office.ask(a_plan())

    denied = office.decide(MAYA, Verdict.DENY, reason="Wrong weekend.")

    assert denied.state is RequestState.DENIED
    assert denied.note == "Wrong weekend."


def test_lowering_protection_needs_two_different_approvers() -> None:
    office = Office()
    office.ask(a_plan(action=Action.UNDO_ENFORCE_MFA))

    assert office.decide(MAYA).state is RequestState.PENDING
    with pytest.raises(Refused, match="already"):
        office.decide(MAYA)
    assert office.decide(DEVON).state is RequestState.APPROVED


@pytest.mark.parametrize("flaw", ["deactivated", "bot", "guest", "external"])
def test_accounts_that_are_not_full_members_never_decide(flaw: str) -> None:
    office = Office()
    office.ask(a_plan())
    decide = DecideRequest(requests=office.store.requests, policy=office.policy, clock=office.clock)
    account: ChatIdentity = an_account(**{flaw: True})

    with pytest.raises(NotAllowed):
        decide(REQUEST, Verdict.APPROVE, client=a_client(), person=MAYA, identity=account)


def test_technicians_do_not_decide() -> None:
    office = Office()
    office.ask(a_plan())

    with pytest.raises(NotAllowed, match="approver"):
        office.decide(a_person("theo", Role.TECHNICIAN))


def test_viewers_do_not_ask() -> None:
    with pytest.raises(NotAllowed, match="technician"):
        Office().ask(a_plan(), person=a_person("vik", Role.VIEWER))


def test_a_click_after_the_time_is_over_is_too_late_and_ends_the_request() -> None:
    office = Office()
    office.ask(a_plan())
    office.clock.move(minutes=61)

    with pytest.raises(TooLate):
        office.decide(MAYA)

    assert office.stored().state is RequestState.EXPIRED


def test_a_hundred_clicks_at_once_make_one_decision() -> None:
    office = Office()
    office.ask(a_plan())

    def click(n: int) -> bool:
        try:
            office.decide(MAYA if n % 2 else DEVON)
        except GatehouseError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        accepted = sum(pool.map(click, range(100)))

    assert accepted == 1
    assert len(office.stored().decisions) == 1


def test_asking_twice_for_the_same_preview_makes_one_request() -> None:
    office = Office()

    first, second = office.ask(a_plan()), office.ask(a_plan())

    assert first == second
    assert office.store.audit.kinds.count("request.requested") == 1


def test_nothing_is_asked_while_frozen() -> None:
    office = Office()
    office.freeze().freeze("odd clicks", person=TESS, identity=an_account())

    with pytest.raises(Frozen, match="odd clicks"):
        office.ask(a_plan())


def test_unfreezing_takes_two_approvers() -> None:
    office = Office()
    switch = office.freeze()
    switch.freeze("odd clicks", person=TESS, identity=an_account())

    with pytest.raises(NotAllowed):
        switch.unfreeze(person=TESS, identity=an_account())
    assert switch.unfreeze(person=MAYA, identity=an_account()) is not None
    with pytest.raises(NotAllowed, match="second approver"):
        switch.unfreeze(person=MAYA, identity=an_account())
    assert office.store.switch.frozen() is not None

    assert switch.unfreeze(person=DEVON, identity=an_account()) is None
    assert office.store.switch.frozen() is None


@pytest.mark.parametrize("way", ["chat", "console"])
def test_whoever_freezes_again_ends_an_ask_to_unfreeze(way: str) -> None:
    office = Office()
    switch = office.freeze()
    switch.freeze("odd clicks", person=TESS, identity=an_account())
    switch.unfreeze(person=MAYA, identity=an_account())

    if way == "chat":
        switch.freeze("still odd", person=TESS, identity=an_account())
    else:
        switch.freeze_from_console("still odd")

    assert switch.unfreeze(person=DEVON, identity=an_account()) is not None
    standing = office.store.switch.frozen()
    assert standing is not None
    assert (standing.why, standing.unfreeze_by) == ("odd clicks", "devon")


def test_more_than_the_cap_is_refused_with_the_numbers() -> None:
    with pytest.raises(Refused, match="51"):
        Office().ask(a_plan(51))
