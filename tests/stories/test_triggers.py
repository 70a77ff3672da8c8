"""The ways in which vendors tell what became of work: instances of a task, a list read again, what a script printed."""

from sandbox.estate.model import RmmVendor
from tests.stories import estate
from tests.stories.asking import approve, ask_patches, card
from tests.stories.record import carried_out, ended, events, steps
from tests.stories.world import World

VENDORS: tuple[RmmVendor, ...] = ("asio", "tactical", "vsax")


def asked_and_approved(world: World, client: str) -> tuple[str, str, str]:
    """A request, and its two devices: one that installs what is approved, and one on which that fails."""
    good = estate.one(client, estate.fit_without_restart)
    failing = estate.one(client, estate.failing)
    request = ask_patches(world, "tech", client, client, [good, failing])
    approve(world, "manager", request)
    return request, good, failing


def references(world: World, request: str) -> set[str]:
    """What the vendor calls the work, as the record has it."""
    return {event["reference"] for event in events(world, request, "job_moved")} - {None, ""}


def assert_told_apart(world: World, request: str, vendor: str, good: str, failing: str) -> None:
    """Each was ordered once; one is verified and the other is not, on the record and on the card."""
    assert sorted(carried_out(world, request, vendor)) == sorted([good, failing])
    by_name = steps(world, request)
    assert by_name[good][0] == "verified"
    assert by_name[failing][0] in ("failed", "not_verified")
    assert by_name[failing][1].startswith("failed: KB")
    card(world, request, "Done in part", "1 verified", by_name[failing][1])


def test_instances_of_a_task_tell_each_devices_end(shared_world: World) -> None:
    world = shared_world
    request, good, failing = asked_and_approved(world, "tarnfield-optics")
    assert ended(world, request) == "partial"
    assert references(world, request) == {effect["task"] for effect in world.effects("asio")}
    assert_told_apart(world, request, "asio", good, failing)


def test_a_list_that_is_read_again_tells_what_has_gone_from_it(shared_world: World) -> None:
    world = shared_world
    request, good, failing = asked_and_approved(world, "larkhill-vets")
    handled = {(good, "done"), (failing, "not_verified")}
    world.eventually(
        lambda: handled == {(name, state) for name, (state, _) in steps(world, request).items()},
        what="both rows handled",
    )
    assert references(world, request) == set()
    # Only later does the agent tell whether a restart is owed.
    world.advance(60)
    assert ended(world, request) == "partial"
    assert_told_apart(world, request, "tactical", good, failing)


def test_what_a_script_printed_tells_what_it_did(shared_world: World) -> None:
    world = shared_world
    request, good, failing = asked_and_approved(world, "saltline-marine")
    assert ended(world, request) == "partial"
    assert references(world, request) == {e["execution"] for e in world.effects("vsax")}
    assert_told_apart(world, request, "vsax", good, failing)
