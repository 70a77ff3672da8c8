"""Calls that are cut off: what became of them is found out or asked of a person, and none is made twice."""

from tests.stories import estate
from tests.stories.asking import APPROVALS, ask_mfa, ask_patches, buttons, card
from tests.stories.cutting_off import ADD, APPLY, kill_during, lose, states
from tests.stories.record import carried_out, ended, steps
from tests.stories.world import Json, World

VENDORS = ("ninjaone",)
ACME = "acme-dental"


# Entra shows who is in a group, so what became of a call can be told exactly.


def test_killed_while_entra_works_the_bot_finds_out_what_became_of_it(shared_world: World) -> None:
    people = ["Ada Lindqvist", "Chidi Kaplan"]
    request = ask_mfa(shared_world, "tech", ACME, ACME, people)
    kill_during(shared_world, ADD, request)
    done = card(shared_world, request, "Done and verified")
    assert "undo" in buttons(done)
    assert len(carried_out(shared_world, request, "graph")) == 2


def test_a_lost_answer_of_entra_is_looked_up(shared_world: World) -> None:
    people = ["Darnell Eastwick", "Dorothea Grimaldi"]
    request = ask_mfa(shared_world, "tech", ACME, ACME, people)
    lose(shared_world, ADD, request, kind="drop_after")
    assert ended(shared_world, request) == "succeeded"
    assert len(carried_out(shared_world, request, "graph")) == 2


# NinjaOne answers 204 and nothing more: what it shows may be somebody else's run.


def test_killed_while_ninjaone_takes_the_call_it_is_unknown_until_all_is_there(
    shared_world: World,
) -> None:
    device = estate.devices(ACME, estate.fit)[0]
    request = ask_patches(shared_world, "tech", ACME, ACME, [device])
    kill_during(shared_world, APPLY, request)
    assert ended(shared_world, request) == "succeeded"
    seen = states(shared_world, request)
    assert "unknown" in seen
    assert seen[-1] == "verified"
    assert carried_out(shared_world, request, "ninjaone") == [device]


def test_a_lost_answer_of_ninjaone_is_not_asked_for_again(shared_world: World) -> None:
    device = estate.devices(ACME, estate.fit)[1]
    request = ask_patches(shared_world, "tech", ACME, ACME, [device])
    lose(shared_world, APPLY, request, kind="drop_after")
    assert ended(shared_world, request) == "succeeded"
    assert carried_out(shared_world, request, "ninjaone") == [device]


def test_a_call_that_left_no_trace_at_ninjaone_waits_for_a_persons_word(
    shared_world: World,
) -> None:
    world = shared_world
    device = estate.devices(ACME, estate.fit)[2]
    request = ask_patches(world, "tech", ACME, ACME, [device])
    lose(world, APPLY, request, kind="drop_before")
    card(world, request, "Needs a person", "unknown")
    world.reads("tech", "@gatehouse", request, "needs a person")

    world.restart_killed()
    stuck = card(world, request, "Needs a person")
    assert "settle" in buttons(stuck)
    world.click("tech", stuck, "settle")
    world.told("tech", APPROVALS, "you need the role approver")
    settle(world, "manager2", stuck)
    assert ended(world, request) == "failed"
    state, reason = steps(world, request)[device]
    assert state == "failed"
    assert "not carried out, in the word of Devon Park: The console shows no run" in reason
    assert carried_out(world, request, "ninjaone") == []


def settle(world: World, who: str, stuck: Json) -> None:
    world.click(who, stuck, "settle")
    form = world.view(who, "settle_form")
    values = {"carried_out": "no", "reason": "The console shows no run"}
    assert world.submit(who, form, values)["status"] == "closed"
