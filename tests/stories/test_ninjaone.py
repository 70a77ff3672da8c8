"""Updates through NinjaOne, which accepts a trigger and never says what became of it."""

from tests.stories import estate
from tests.stories.asking import (
    APPROVALS,
    approve,
    ask_patches,
    buttons,
    card,
    preview_patches,
    send_preview,
)
from tests.stories.conftest import MakeWorld
from tests.stories.record import ended, events, steps
from tests.stories.world import World, assert_says

CHANNEL, CLIENT = "acme-dental", "acme"
APPLY = "*/patch/os/apply"
HOURS = 3600


def applied(world: World) -> list[str]:
    """The devices that were really told to install, in order."""
    return [
        device for e in world.effects("ninjaone", "os_patch_apply") for device in e["target_ids"]
    ]


def test_each_device_ends_as_its_source_shows_it(world: World) -> None:
    good = estate.one("acme-dental", estate.fit)
    failing = estate.one("acme-dental", estate.failing)
    in_use = estate.one("acme-dental", estate.in_use)
    asleep = estate.one("acme-dental", estate.asleep)
    server = estate.one("acme-dental", estate.server)
    chosen = [good, failing, in_use, asleep, server]
    preview = preview_patches(world, "tech", CHANNEL, CLIENT, chosen)
    assert_says(preview, "Install approved updates on 3 devices", good, failing, in_use)
    assert_says(preview, asleep, "offline", server, "only in the maintenance window")
    assert_says(preview, "NinjaOne installs everything approved when it runs")
    request = send_preview(world, "tech", CHANNEL)
    assert applied(world) == []
    approve(world, "manager", request)

    assert ended(world, request) == "partial"
    assert len(applied(world)) == len(set(applied(world))) == 3
    by_name = steps(world, request)
    assert by_name[good][0] == "verified"
    assert by_name[failing][0] == "not_verified"
    assert by_name[failing][1].startswith("failed: ")
    assert by_name[in_use] == ("not_verified", "restart owed")
    done = card(world, request, "Done in part", "restart owed", "failed: ")
    assert "undo" not in buttons(done)
    world.reads("tech", "@gatehouse", request, "Done in part")


def test_a_device_that_is_offline_is_waited_for(make_world: MakeWorld) -> None:
    world = make_world(extra="[policy.approval]\napproved_minutes = 1440")
    world.start()
    world.wait_for_scan()
    key, name = estate.anywhere("ninjaone", estate.back_soon)
    request = ask_patches(world, "tech", CHANNEL, key, [name], options=["wait_for_offline"])
    approve(world, "manager", request)
    card(world, request, "Running", "waiting for it to come online")
    assert applied(world) == []
    world.advance(13 * HOURS)
    assert ended(world, request) == "succeeded"
    assert len(applied(world)) == 1
    assert steps(world, request)[name][0] == "verified"


def test_killed_while_ninjaone_takes_the_call_it_is_not_made_again(world: World) -> None:
    good = estate.one("acme-dental", estate.fit)
    request = ask_patches(world, "tech", CHANNEL, CLIENT, [good])
    slow = world.fault(target="ninjaone", path=APPLY, kind="latency", seconds=1.5)
    approve(world, "manager", request)
    world.eventually(lambda: world.struck(slow), what="the call to NinjaOne")
    world.bot.kill()
    assert applied(world) == []
    world.eventually(lambda: applied(world), what="NinjaOne's work")
    world.mend()
    world.start()
    # What NinjaOne shows may be somebody else's run, so it is unknown, until all that was asked for is there.
    assert ended(world, request) == "succeeded"
    seen = [r["state"] for e in events(world, request) for r in e.get("results", ())]
    assert "unknown" in seen
    assert seen[-1] == "verified"
    assert len(applied(world)) == 1
    card(world, request, "Done and verified")


def test_a_lost_answer_is_not_asked_for_again(world: World) -> None:
    good = estate.one("acme-dental", estate.fit)
    request = ask_patches(world, "tech", CHANNEL, CLIENT, [good])
    world.fault(target="ninjaone", path=APPLY, kind="drop_after", count=1)
    approve(world, "manager", request)
    assert ended(world, request) == "succeeded"
    assert len(applied(world)) == 1


def test_a_call_that_left_no_trace_waits_for_a_persons_word(world: World) -> None:
    good = estate.one("acme-dental", estate.fit)
    request = ask_patches(world, "tech", CHANNEL, CLIENT, [good])
    world.fault(target="ninjaone", path=APPLY, kind="drop_before", count=1)
    approve(world, "manager", request)
    stuck = card(world, request, "Needs a person", "unknown")
    assert "settle" in buttons(stuck)
    world.reads("tech", "@gatehouse", request, "needs a person")

    world.restart_killed()
    stuck = card(world, request, "Needs a person")
    settle(world, "tech", stuck)
    world.told("tech", APPROVALS, "you need the role approver")
    settle(world, "manager2", stuck)
    assert ended(world, request) == "failed"
    state, reason = steps(world, request)[good]
    assert state == "failed"
    assert "not carried out, in the word of Devon Park: The console shows no run" in reason
    assert applied(world) == []


def settle(world: World, who: str, stuck: dict[str, object]) -> None:
    world.click(who, stuck, "settle")
    view = world.view(who, "settle_form")
    values = {"carried_out": "no", "reason": "The console shows no run"}
    assert world.submit(who, view, values)["status"] == "closed"
