"""Updates through NinjaOne, which accepts a trigger and never says what became of it."""

from tests.stories import estate
from tests.stories.asking import (
    approve,
    ask_patches,
    buttons,
    card,
    preview_patches,
    preview_restart,
    send_preview,
)
from tests.stories.record import carried_out, ended, steps
from tests.stories.world import World, assert_says

VENDORS = ("ninjaone",)
CONFIG = "[policy.approval]\napproved_minutes = 1440\n\n[policy.rings]\nfrom_devices = 4"
CHANNEL = CLIENT = "acme-dental"
HOURS = 3600


def test_each_device_ends_as_its_source_shows_it(shared_world: World) -> None:
    world = shared_world
    good = estate.one(CLIENT, estate.fit)
    failing = estate.one(CLIENT, estate.failing)
    in_use = estate.one(CLIENT, estate.in_use)
    asleep = estate.one(CLIENT, estate.asleep)
    server = estate.one(CLIENT, estate.server)
    chosen = [good, failing, in_use, asleep, server]
    preview = preview_patches(world, "tech", CHANNEL, CLIENT, chosen)
    assert_says(preview, "Install approved updates on 3 devices", good, failing, in_use)
    assert_says(preview, asleep, "offline", server, "only in the maintenance window")
    assert_says(preview, "NinjaOne installs everything approved when it runs")
    request = send_preview(world, "tech", CHANNEL)
    card(world, request, "Waiting for approval")
    assert carried_out(world, request, "ninjaone") == []
    approve(world, "manager", request)

    assert ended(world, request) == "partial"
    assert sorted(carried_out(world, request, "ninjaone")) == sorted([good, failing, in_use])
    by_name = steps(world, request)
    assert by_name[good][0] == "verified"
    assert by_name[failing][0] == "not_verified"
    assert by_name[failing][1].startswith("failed: ")
    assert by_name[in_use] == ("not_verified", "restart owed")
    done = card(world, request, "Done in part", "restart owed", "failed: ")
    assert "undo" not in buttons(done)
    world.reads("tech", "@gatehouse", request, "Done in part")


def test_a_device_that_waits_for_a_restart_is_restarted_once_and_comes_back(
    shared_world: World,
) -> None:
    world, key = shared_world, "kestrel"
    name = estate.one(key, lambda device: estate.waiting(device) and not device.server)
    preview = preview_restart(world, "tech", CHANNEL, key)
    assert_says(preview, "Restart 1 device", name, "loses what is not saved")
    request = send_preview(world, "tech", CHANNEL)
    assert carried_out(world, request, "ninjaone", "reboot") == []
    approve(world, "manager", request)

    assert ended(world, request) == "succeeded"
    assert carried_out(world, request, "ninjaone") == [name]
    assert carried_out(world, request, "ninjaone", "reboot") == [name]
    assert steps(world, request)[name] == ("verified", "restarted")
    card(world, request, "Done and verified", "Restart 1 device")


def test_a_device_that_goes_first_and_fails_spares_the_others(shared_world: World) -> None:
    world, key = shared_world, "orchard-care"
    first = estate.one(key, estate.failing)
    others = [name for name in estate.devices(key, estate.fit) if name > first][:3]
    preview = preview_patches(world, "tech", CHANNEL, key, [*others, first])
    assert_says(preview, "1 device goes first", "the other 3 follow", f"`{first}` (goes first")
    request = send_preview(world, "tech", CHANNEL)
    approve(world, "manager", request)

    assert ended(world, request) == "failed"
    assert carried_out(world, request, "ninjaone") == [first]
    by_name = steps(world, request)
    assert by_name[first][1].startswith("failed: ")
    assert {by_name[name][0] for name in others} == {"skipped"}
    card(world, request, "stopped, because 1 of the 1 that went first did not go well", first)
    world.reads("manager", "@gatehouse", request, "The rest is stopped")


def test_a_device_that_is_offline_is_waited_for(shared_world: World) -> None:
    world = shared_world
    key, name = estate.anywhere("ninjaone", estate.back_soon)
    request = ask_patches(world, "tech", CHANNEL, key, [name], options=["wait_for_offline"])
    approve(world, "manager", request)
    card(world, request, "Running", "waiting for it to come online")
    assert carried_out(world, request, "ninjaone") == []
    world.advance(13 * HOURS)
    assert ended(world, request) == "succeeded"
    assert carried_out(world, request, "ninjaone") == [name]
    assert steps(world, request)[name][0] == "verified"
