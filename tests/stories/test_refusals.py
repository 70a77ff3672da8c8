"""Who is turned away: every time in one sentence to whoever clicked, and on the record."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.stories import estate
from tests.stories.asking import APPROVALS, approve, ask_patches, card, preview_patches
from tests.stories.record import carried_out, ended, events, refusals
from tests.stories.world import Json, World, assert_says, says

VENDORS = ("ninjaone",)
CONFIG = "[policy.approval]\nmax_pending_per_person = 100\nmax_weight_per_request = 2"
CHANNEL, CLIENT = "acme-dental", "acme"
IDS = {
    "tech": "U0TECH0001",
    "manager": "U0MANAGER1",
    "manager2": "U0MANAGER2",
    "viewer": "U0VIEWER01",
    "guest": "U0GUEST001",
    "external": "U0EXTERN01",
    "deactivated": "U0DEACTIV1",
}
OURS, THEIRS = "T0HARBOR01", "T0OTHERMSP"


def pending(world: World, who: str = "tech") -> str:
    """A request of somebody's that waits for a decision."""
    device = estate.one("acme-dental", estate.fit)
    return ask_patches(world, who, CHANNEL, CLIENT, [device], patch_action="scan_patches")


def undecided(world: World, request: str) -> bool:
    return [event["type"] for event in events(world, request)] == ["requested"]


def told_on_click(world: World, who: str, request: str, action: str = "approve") -> Json:
    shown = card(world, request)
    return world.answered(who, APPROVALS, lambda: world.click(who, shown, action))


def told_on_command(world: World, who: str, text: str, channel: str = CHANNEL) -> Json:
    return world.answered(who, channel, lambda: world.command(who, channel, text))


def is_on_record(world: World, who: str, why: str) -> bool:
    return any(actor == IDS[who] and why in reason for actor, reason in refusals(world))


def click_payload(world: World, who: str, request: str, **changed: Any) -> Json:
    """A click on Approve as Slack would send it."""
    shown = card(world, request)
    honest = {
        "type": "block_actions",
        "api_app_id": "A0GATEHOUSE",
        "team": {"id": OURS, "domain": "harborit"},
        "user": {"id": IDS[who], "username": who, "name": who, "team_id": OURS},
        "container": {"type": "message", "message_ts": shown["ts"], "channel_id": shown["channel"]},
        "channel": {"id": shown["channel"], "name": APPROVALS},
        "trigger_id": "1.2.forged",
        "actions": [{"type": "button", "action_id": "approve", "block_id": "b", "value": request}],
    }
    return honest | changed


# Who may not decide.


@pytest.mark.parametrize("who", ["tech", "manager"])
def test_requester_cannot_approve_own_request(shared_world: World, who: str) -> None:
    request = pending(shared_world, who)
    told = told_on_click(shared_world, who, request)
    assert_says(told, f"You asked for {request} yourself")
    typed = told_on_command(shared_world, who, f"/gatehouse approve {request}")
    assert_says(typed, f"You asked for {request} yourself")
    assert undecided(shared_world, request)
    assert is_on_record(shared_world, who, f"You asked for {request} yourself")


def test_a_second_account_is_the_same_person(shared_world: World) -> None:
    request = pending(shared_world, "tech2")
    told = told_on_click(shared_world, "manager2", request)
    assert_says(told, f"You asked for {request} yourself")
    assert undecided(shared_world, request)
    assert is_on_record(shared_world, "manager2", f"You asked for {request} yourself")


def test_a_viewer_neither_asks_nor_decides(shared_world: World) -> None:
    request = pending(shared_world)
    assert_says(told_on_click(shared_world, "viewer", request), "role approver; you are viewer")
    assert_says(
        told_on_command(shared_world, "viewer", "/patch run acme"), "you need the role technician"
    )
    assert_says(
        told_on_command(shared_world, "viewer", "/mfa enforce acme"), "you need the role technician"
    )
    assert_says(told_on_command(shared_world, "viewer", "/gatehouse freeze now"), "role technician")
    assert undecided(shared_world, request)
    assert is_on_record(shared_world, "viewer", "role approver")
    assert is_on_record(shared_world, "viewer", "you need the role technician")


def test_a_guest_is_told_nothing_of_the_client_and_decides_nothing(shared_world: World) -> None:
    request = pending(shared_world)
    for text in (f"/gatehouse approve {request}", "/mfa gaps acme", "/gatehouse status"):
        told = told_on_command(shared_world, "guest", text)
        assert_says(told, "Guest accounts neither ask nor decide here")
    shared_world.forge(click_payload(shared_world, "guest", request))
    shared_world.reads("guest", CHANNEL, "Guest accounts")
    assert undecided(shared_world, request)
    assert is_on_record(shared_world, "guest", "Guest accounts")


def test_somebody_of_another_workspace_gets_nowhere(shared_world: World) -> None:
    request = pending(shared_world)
    shared_world.forge(click_payload(shared_world, "external", request))
    shared_world.eventually(
        lambda: is_on_record(shared_world, "external", "another workspace"), what="the refusal"
    )
    theirs = {"id": IDS["external"], "username": "eli", "name": "eli", "team_id": THEIRS}
    shared_world.forge(click_payload(shared_world, "external", request, user=theirs))
    assert undecided(shared_world, request)


def test_a_deactivated_account_decides_nothing(shared_world: World) -> None:
    request = pending(shared_world)
    body = {"as": "deactivated", "channel": APPROVALS, "ts": "1", "action_id": "approve"}
    assert shared_world.refused("/person/action", body) == (403, "account_inactive")
    shared_world.forge(click_payload(shared_world, "deactivated", request))
    shared_world.eventually(
        lambda: is_on_record(shared_world, "deactivated", "deactivated"), what="the refusal"
    )
    assert undecided(shared_world, request)


def test_clients_data_does_not_appear_in_a_shared_channel(shared_world: World) -> None:
    told = told_on_command(shared_world, "tech", "/mfa gaps acme", channel="client-shared")
    assert_says(told, "shared with another company")
    assert not says(told, "Ada Lindqvist")


# What is forged.


def test_a_payload_of_another_workspace_is_turned_away(shared_world: World) -> None:
    request = pending(shared_world)
    foreign = {
        "team": {"id": THEIRS, "domain": "othermsp"},
        "user": {"id": IDS["manager"], "username": "m", "name": "m", "team_id": THEIRS},
    }
    shared_world.forge(click_payload(shared_world, "manager", request, **foreign))
    approve(shared_world, "manager2", request)
    assert ended(shared_world, request) == "succeeded"
    (decided,) = events(shared_world, request, "decided")
    assert decided["by"] == "devon"


def test_a_click_on_a_request_that_does_not_exist_is_answered(shared_world: World) -> None:
    request = pending(shared_world)
    value = [{"type": "button", "action_id": "approve", "block_id": "b", "value": "R00000"}]
    payload = click_payload(shared_world, "manager", request, actions=value)
    told = shared_world.answered("manager", APPROVALS, lambda: shared_world.forge(payload))
    assert_says(told, "There is no request R00000")
    assert undecided(shared_world, request)


def test_a_changed_value_moves_no_one_elses_plan(shared_world: World) -> None:
    """A preview is sent as somebody else's: the plan behind it belongs to whoever made it."""
    device = estate.one("acme-dental", estate.fit)
    shared_world.command("tech", CHANNEL, "/patch run acme")
    form = shared_world.view("tech", "patch_form")
    (option,) = shared_world.suggestions("tech", form, "devices", device)
    values = {"devices": [option["value"]], "patch_action": "scan_patches", "reason": "To see"}
    shared_world.submit("tech", form, values)
    preview = shared_world.view("tech", "preview")
    before = len(shared_world.audit("request.requested"))
    stolen = {
        "type": "view_submission",
        "team": {"id": OURS, "domain": "harborit"},
        "user": {"id": IDS["manager"], "username": "maya", "name": "maya", "team_id": OURS},
        "view": preview,
    }
    shared_world.forge(stolen)
    shared_world.told("manager", CHANNEL, "That preview is too old")
    assert len(shared_world.audit("request.requested")) == before
    shared_world.close_forms("tech")


def test_garbage_does_no_harm(shared_world: World) -> None:
    for payload in ({"type": "block_actions"}, {"type": "view_submission", "user": {"id": 7}}):
        shared_world.forge(payload)
    assert_says(told_on_command(shared_world, "tech", "/gatehouse help"), "/patch overdue")


# What comes too late, twice or at once.


def test_whoever_comes_second_is_told_who_decided(shared_world: World) -> None:
    request = pending(shared_world)
    shown = card(shared_world, request)
    shared_world.click("manager", shown, "approve")
    told = shared_world.answered(
        "manager2",
        APPROVALS,
        lambda: shared_world.forge(click_payload(shared_world, "manager2", request)),
    )
    assert_says(told, request, "Maya Ortiz")
    assert len(events(shared_world, request, "decided")) == 1
    assert is_on_record(shared_world, "manager2", "Maya Ortiz")


def test_a_double_click_is_one_decision_and_one_run(shared_world: World) -> None:
    request = pending(shared_world)
    shown = card(shared_world, request)
    with ThreadPoolExecutor(2) as pool:
        clicks = [pool.submit(shared_world.click, "manager", shown, "approve") for _ in range(2)]
        assert all(click.result()["acked"] for click in clicks)
    assert ended(shared_world, request) == "succeeded"
    assert len(events(shared_world, request, "decided")) == 1
    assert len(carried_out(shared_world, request, "ninjaone")) == 1


def test_two_approvers_in_the_same_moment_make_one_decision(shared_world: World) -> None:
    request = pending(shared_world)
    shown = card(shared_world, request)
    with ThreadPoolExecutor(2) as pool:
        for who in ("manager", "manager2"):
            pool.submit(shared_world.click, who, shown, "approve")
    assert ended(shared_world, request) == "succeeded"
    (decided,) = events(shared_world, request, "decided")
    late = {"maya": "manager2", "devon": "manager"}[decided["by"]]
    name = {"maya": "Maya Ortiz", "devon": "Devon Park"}[decided["by"]]
    shared_world.reads(late, APPROVALS, request, name, "approved")
    assert is_on_record(shared_world, late, name)


def test_denying_needs_a_reason_that_the_requester_reads(shared_world: World) -> None:
    request = pending(shared_world)
    shared_world.click("manager", card(shared_world, request), "deny")
    form = shared_world.view("manager", "deny_form")
    assert shared_world.submit("manager", form, {"reason": " "})["status"] == "errors"
    shared_world.submit("manager", form, {"reason": "Wrong weekend"})
    card(shared_world, request, "Denied", "Wrong weekend")
    shared_world.reads("tech", "@gatehouse", request, "Wrong weekend")
    assert ended(shared_world, request) == "denied"


def test_an_expired_request_cannot_be_approved(world: World) -> None:
    request = pending(world)
    shown = card(world, request)
    world.fault(target="slack", path="/api/chat.update", kind="status", status=503)
    world.advance(61 * 60)
    told = world.answered("manager", APPROVALS, lambda: world.click("manager", shown, "approve"))
    assert_says(told, request, "expired")
    world.mend()
    assert ended(world, request) == "expired"
    card(world, request, "Expired")
    assert is_on_record(world, "manager", "expired")
    assert carried_out(world, request, "ninjaone") == []


# What is too much.


def test_more_than_the_cap_is_refused(shared_world: World) -> None:
    world = shared_world
    before = len(world.audit("request.requested"))
    devices = estate.devices("acme-dental", estate.fit)[:3]
    preview = preview_patches(world, "tech", CHANNEL, CLIENT, devices)
    world.submit("tech", preview, {})
    world.told("tech", CHANNEL, "This weighs 3, and one request may weigh 2")
    assert len(world.audit("request.requested")) == before
    assert is_on_record(world, "tech", "This weighs 3")
