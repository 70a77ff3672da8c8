"""Calls to Datto RMM that are cut off: its log names our job, so what became of one can mostly be told."""

from tests.stories import estate
from tests.stories.asking import ask_patches, card
from tests.stories.cutting_off import QUICK_JOB, kill_during, lose
from tests.stories.record import carried_out, ended
from tests.stories.world import World

VENDORS = ("datto",)
BLUE, CEDAR = "blue-river-law", "cedar-finch"


def test_killed_while_datto_takes_the_call_its_log_tells_what_became_of_it(
    shared_world: World,
) -> None:
    device = estate.one(BLUE, estate.fit_without_restart)
    request = ask_patches(shared_world, "tech", BLUE, BLUE, [device])
    kill_during(shared_world, QUICK_JOB, request)
    assert ended(shared_world, request) == "succeeded"
    assert carried_out(shared_world, request, "datto") == [device]
    card(shared_world, request, "Done and verified")


def test_a_lost_answer_of_datto_is_found_in_the_log(shared_world: World) -> None:
    device = estate.one(CEDAR, estate.fit_without_restart)
    request = ask_patches(shared_world, "tech", CEDAR, CEDAR, [device])
    lose(shared_world, QUICK_JOB, request, kind="drop_after")
    assert ended(shared_world, request) == "succeeded"
    assert carried_out(shared_world, request, "datto") == [device]


def test_a_job_that_left_no_trace_at_datto_needs_a_person(shared_world: World) -> None:
    device = estate.devices(BLUE, estate.fit)[-1]
    request = ask_patches(shared_world, "tech", BLUE, BLUE, [device])
    lose(shared_world, QUICK_JOB, request, kind="drop_before")
    card(shared_world, request, "Needs a person")
    shared_world.restart_killed()
    card(shared_world, request, "Needs a person")
    assert carried_out(shared_world, request, "datto") == []
