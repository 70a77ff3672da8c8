"""Killed at the worst moment: what people see is made true again, and nothing is lost or done twice."""

from tests.stories import estate
from tests.stories.asking import APPROVALS, approve, ask_mfa, ask_patches, buttons, card
from tests.stories.cutting_off import HELD_S
from tests.stories.record import carried_out, ended, events, steps
from tests.stories.world import World, says

VENDORS = ("ninjaone",)
CHANNEL, CLIENT = "acme-dental", "acme"


def scan_request(world: World) -> str:
    device = estate.one("acme-dental", estate.fit)
    return ask_patches(world, "tech", CHANNEL, CLIENT, [device], patch_action="scan_patches")


def test_a_card_that_went_stale_is_made_true_after_a_restart(shared_world: World) -> None:
    world = shared_world
    request = scan_request(world)
    waiting = card(world, request, "Waiting for approval")
    world.reads("manager2", "@gatehouse", request, "Waiting for approval")
    world.fault(target="slack", path="/api/chat.*", kind="status", status=503)
    world.click("manager", waiting, "approve")
    assert ended(world, request) == "succeeded"
    assert says(card(world, request), "Waiting for approval")
    world.bot.kill()
    world.mend()
    world.start()
    true = card(world, request, "Done and verified")
    assert true["ts"] == waiting["ts"]
    assert "approve" not in buttons(true)
    world.reads("manager2", "@gatehouse", request, "Done and verified")
    cards = [m for m in world.messages("manager", APPROVALS) if says(m, f"{request}:")]
    assert len(cards) == 1


def test_a_click_that_was_taken_in_before_the_crash_is_worked_off_after_it(
    shared_world: World,
) -> None:
    world = shared_world
    request = scan_request(world)
    shown = card(world, request)
    held = world.fault(target="slack", path="/api/users.info", kind="latency", seconds=HELD_S)
    assert world.click("manager", shown, "approve")["acked"]
    world.eventually(lambda: world.struck(held), what="the look at who clicked")
    world.bot.kill()
    assert events(world, request, "decided") == []
    world.mend()
    world.start()
    assert ended(world, request) == "succeeded"
    (decided,) = events(world, request, "decided")
    assert decided["by"] == "maya"
    assert len(carried_out(world, request, "ninjaone")) == 1


def test_work_goes_on_where_several_requests_were_cut_off(shared_world: World) -> None:
    world = shared_world
    patches = scan_request(world)
    mfa = ask_mfa(world, "tech", CHANNEL, CLIENT, ["Ada Lindqvist"])
    for target in ("ninjaone", "graph"):
        world.fault(target=target, method="GET", kind="status", status=503)
    for request in (patches, mfa):
        approve(world, "manager", request)
        card(world, request, "Approved")
    world.restart_killed()
    assert carried_out(world, patches, "ninjaone") == carried_out(world, mfa, "graph") == []
    world.mend()
    assert {ended(world, patches), ended(world, mfa)} == {"succeeded"}
    assert len(carried_out(world, patches, "ninjaone")) == 1
    assert len(carried_out(world, mfa, "graph")) == 1
    for request in (patches, mfa):
        card(world, request, "Done and verified")


def test_a_torn_socket_is_opened_again_and_clicks_go_on(shared_world: World) -> None:
    world = shared_world
    request = scan_request(world)
    world.http.delete(f"{world.url}/sockets", timeout=30)
    world.eventually(world.is_ready, what="the new connection")
    approve(world, "manager", request)
    assert ended(world, request) == "succeeded"


def test_what_became_protected_meanwhile_is_left_alone(shared_world: World) -> None:
    world = shared_world
    spared, done = estate.devices("acme-dental", estate.fit)[:2]
    request = ask_patches(
        world, "tech", CHANNEL, CLIENT, [spared, done], patch_action="scan_patches"
    )
    assert world.bot.stop() == 0
    text = world.config.read_text(encoding="utf-8")
    before, _, after = text.partition('key = "acme-dental"')
    assert "protected_devices = [" in after
    world.config.write_text(
        f'{before}key = "acme-dental"'
        + after.replace("protected_devices = [", f'protected_devices = ["{spared}", ', 1),
        encoding="utf-8",
    )
    world.start()
    approve(world, "manager", request)
    assert ended(world, request) == "partial"
    assert steps(world, request)[spared] == ("skipped", "protected since it was requested")
    assert steps(world, request)[done][0] == "verified"
    assert carried_out(world, request, "ninjaone") == [done]
