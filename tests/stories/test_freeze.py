"""One switch stops everything; it takes two to start again."""

import json

from tests.stories import estate
from tests.stories.asking import APPROVALS, approve, ask_patches, card, preview_patches
from tests.stories.record import carried_out, ended, events
from tests.stories.world import Json, World, assert_says

CHANNEL, CLIENT = "acme-dental", "acme"


def scan_request(world: World) -> str:
    device = estate.one("acme-dental", estate.fit)
    return ask_patches(world, "tech", CHANNEL, CLIENT, [device], patch_action="scan_patches")


def told(world: World, who: str, text: str) -> Json:
    return world.answered(who, CHANNEL, lambda: world.command(who, CHANNEL, text))


def unfreeze_by_two(world: World) -> None:
    asked = told(world, "manager", "/gatehouse unfreeze")
    assert_says(asked, "second approver")
    alone = told(world, "manager", "/gatehouse unfreeze")
    assert_says(alone, "a second approver has to agree")
    agreed = told(world, "manager2", "/gatehouse unfreeze")
    assert_says(agreed, "Unfrozen")


def test_a_technician_stops_everything_and_two_approvers_start_it_again(
    shared_world: World,
) -> None:
    world = shared_world
    request = scan_request(world)
    assert_says(told(world, "tech", "/gatehouse freeze odd requests at night"), "Frozen")
    again = told(world, "manager", "/gatehouse freeze me too")
    assert_says(again, "frozen already, by Tess Morgan: odd requests at night")
    approve(world, "manager", request)
    card(world, request, "Approved")
    assert_says(told(world, "viewer", "/gatehouse status"), "Frozen", "Tess Morgan")

    device = estate.one("acme-dental", estate.fit)
    preview = preview_patches(world, "tech", CHANNEL, CLIENT, [device], patch_action="scan_patches")
    asked = len(world.audit("request.requested"))
    world.submit("tech", preview, {})
    world.told("tech", CHANNEL, "frozen", "odd requests at night")
    assert len(world.audit("request.requested")) == asked
    assert_says(told(world, "tech", "/gatehouse unfreeze"), "role approver")

    world.restart_killed()
    assert_says(told(world, "tech", "/gatehouse status"), "Frozen")
    assert events(world, request, "started") == []
    assert carried_out(world, request, "ninjaone") == []

    unfreeze_by_two(world)
    assert ended(world, request) == "succeeded"
    assert len(carried_out(world, request, "ninjaone")) == 1
    switched = [line["kind"] for line in world.audit() if line["kind"].startswith("switch.")]
    assert switched[-3:] == ["switch.frozen", "switch.unfreeze_asked", "switch.unfrozen"]


def test_the_command_line_freezes_the_running_bot_while_slack_is_down(shared_world: World) -> None:
    world = shared_world
    request = scan_request(world)
    card(world, request)
    world.fault(target="slack", kind="status", status=503)
    frozen = world.word("freeze", "--why", "Slack is down and I am worried")
    assert frozen.returncode == 0, frozen.stderr
    assert json.loads(frozen.stdout)["why"] == "Slack is down and I am worried"
    world.mend()
    world.reads(
        "manager", APPROVALS, "Frozen", "the command line", "Slack is down and I am worried"
    )
    approve(world, "manager", request)
    card(world, request, "Approved")
    assert_says(told(world, "tech", "/gatehouse status"), "Frozen", "the command line")
    assert carried_out(world, request, "ninjaone") == []
    unfreeze_by_two(world)
    world.reads("manager", APPROVALS, "Gatehouse acts again")
    assert ended(world, request) == "succeeded"


def test_the_command_line_freezes_without_a_bot_and_the_next_one_starts_frozen(
    shared_world: World,
) -> None:
    world = shared_world
    request = scan_request(world)
    world.bot.kill()
    frozen = world.word("freeze")
    assert frozen.returncode == 0, frozen.stderr
    assert json.loads(frozen.stdout)["by"] == "the command line"
    world.start()
    approve(world, "manager", request)
    card(world, request, "Approved")
    assert carried_out(world, request, "ninjaone") == []
    unfreeze_by_two(world)
    assert ended(world, request) == "succeeded"
