"""Work that waits for the maintenance window, and what may change until then."""

from datetime import UTC, datetime, time, timedelta

from tests.stories import estate
from tests.stories.asking import approve, ask_patches, buttons, card, preview_patches
from tests.stories.conftest import MakeWorld
from tests.stories.record import carried_out, ended, events, steps
from tests.stories.world import World, assert_says

CHANNEL, CLIENT = "acme-dental", "acme"


def opening(world: World, request: str) -> datetime:
    """When the window opens that the approval was given for."""
    (decided,) = events(world, request, "decided")
    return datetime.fromisoformat(decided["window"][0])


def test_a_server_is_patched_in_the_window_only(world: World) -> None:
    server = estate.one("acme-dental", lambda d: estate.server(d) and estate.left_behind(d))
    refused = preview_patches(world, "tech", CHANNEL, CLIENT, [server])
    assert_says(refused, "No device is left to work on", "only in the maintenance window")
    world.close_forms("tech")

    request = ask_patches(world, "tech", CHANNEL, CLIENT, [server], when="window")
    approve(world, "manager", request)
    waiting = card(world, request, "waiting for the maintenance window")
    assert buttons(waiting) == {"cancel"}
    opens = opening(world, request)
    world.advance_to(opens - timedelta(minutes=10))
    card(world, request, "waiting for the maintenance window")
    assert carried_out(world, request, "ninjaone") == []
    world.advance_to(opens + timedelta(minutes=1))
    assert ended(world, request) == "succeeded"
    assert steps(world, request)[server][0] == "verified"
    (effect,) = world.effects("ninjaone", "os_patch_apply")
    assert datetime.fromisoformat(effect["at"]) >= opens


def test_updates_released_before_the_window_need_a_new_request(make_world: MakeWorld) -> None:
    world = make_world(window_day="thu")
    world.advance_to(datetime.combine(estate.PATCH_DAY, time(), UTC) - timedelta(hours=12))
    world.start()
    world.wait_for_scan()
    device = estate.one("acme-dental", lambda d: estate.fit(d) and estate.left_behind(d))
    request = ask_patches(world, "tech", CHANNEL, CLIENT, [device], when="window")
    approve(world, "manager", request)
    card(world, request, "waiting for the maintenance window")
    world.advance_to(opening(world, request) + timedelta(minutes=1))
    assert ended(world, request) == "superseded"
    card(world, request, "it would do more than was approved")
    world.reads("tech", "@gatehouse", request, "it would do more than was approved")
    assert carried_out(world, request, "ninjaone") == []
