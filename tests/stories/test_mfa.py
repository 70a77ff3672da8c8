"""MFA, from the question in a channel to proof at the source, and back again."""

from tests.stories.asking import (
    APPROVALS,
    approve,
    ask_mfa,
    buttons,
    card,
    preview_mfa,
    preview_undo,
    send_preview,
)
from tests.stories.record import carried_out, events
from tests.stories.world import Json, World, assert_says, says

VENDORS = ("ninjaone",)
CHANNEL, CLIENT = "acme-dental", "acme"
ADA, CHIDI, WITHOUT_METHOD = "Ada Lindqvist", "Chidi Kaplan", "Imani Sheridan"
DARNELL, DOROTHEA, EBONY = "Darnell Eastwick", "Dorothea Grimaldi", "Ebony Obi"


def gaps(world: World) -> Json:
    return world.answered("tech", CHANNEL, lambda: world.command("tech", CHANNEL, "/mfa gaps acme"))


def enforced(world: World, request: str) -> list[str]:
    return carried_out(world, request, "graph", "add_member")


def test_people_are_put_into_the_group_and_signed_out_once_a_manager_approves(
    shared_world: World,
) -> None:
    world = shared_world
    people = [ADA, CHIDI, WITHOUT_METHOD]
    preview = preview_mfa(world, "tech", CHANNEL, CLIENT, people, options=["revoke_sessions"])
    assert_says(preview, "Enforce MFA for 2 people", ADA, CHIDI)
    assert_says(preview, "left out", "has no usable MFA method", "signed out everywhere")
    assert_says(preview, "1 approval", "Maya Ortiz", "Devon Park")
    request = send_preview(world, "tech", CHANNEL)

    waiting = card(world, request, "Waiting for approval")
    assert buttons(waiting) == {"approve", "deny", "cancel"}
    assert carried_out(world, request, "graph") == []
    world.reads("manager2", "@gatehouse", request, "Tess Morgan", "approval")
    asked = world.reads("manager", "@gatehouse", request, "Tess Morgan", "approval")
    world.click("manager", asked, "approve")

    done = card(world, request, "Done and verified", "in the group; signed out")
    assert done["ts"] == waiting["ts"]
    assert buttons(done) == {"undo"}
    assert_says(done, "Maya Ortiz approved")
    assert len(enforced(world, request)) == 2
    signed_out = carried_out(world, request, "graph", "revoke_sessions")
    assert sorted(signed_out) == sorted(enforced(world, request))
    world.reads("tech", "@gatehouse", request, "Maya Ortiz approved it")
    world.reads("tech", "@gatehouse", request, "Done and verified")
    world.reads("tech", APPROVALS, "Done and verified", thread=done["ts"])
    assert "approve" not in buttons(world.reads("manager", "@gatehouse", request, "verified"))
    asked_for, decided, *_ = events(world, request)
    assert (asked_for["by"], decided["by"]) == ("tess", "maya")
    world.eventually(lambda: not says(gaps(world), ADA), what="the list without her")


def test_undo_takes_two_approvers_and_covers_only_what_its_request_changed(
    shared_world: World,
) -> None:
    world = shared_world
    first = ask_mfa(world, "tech", CHANNEL, CLIENT, [DARNELL, DOROTHEA])
    second = ask_mfa(world, "tech", CHANNEL, CLIENT, [DOROTHEA, EBONY])
    approve(world, "manager", first)
    card(world, first, "Done and verified")
    approve(world, "manager2", second)
    done = card(world, second, "Done and verified")
    assert [name.split(" (")[0] for name in enforced(world, second)] == [EBONY]

    preview = preview_undo(world, "tech", done)
    assert_says(preview, EBONY, "lowers protection", "2 approvals")
    assert not says(preview, DOROTHEA)
    undo = send_preview(world, "tech", APPROVALS, reason="Her phone is being replaced")

    approve(world, "manager", undo)
    card(world, undo, "Waiting for approval", "1 of 2 approvals")
    again = world.answered("manager", APPROVALS, lambda: approve(world, "manager", undo))
    assert_says(again, f"You have approved {undo} already")
    assert carried_out(world, undo, "graph") == []
    approve(world, "manager2", undo)
    card(world, undo, "Done and verified", "out of the group")
    taken_out = carried_out(world, undo, "graph", "remove_member")
    assert [name.split(" (")[0] for name in taken_out] == [EBONY]
    assert carried_out(world, first, "graph", "remove_member") == []

    nothing = preview_undo(world, "tech", done)
    assert_says(nothing, f"Nothing of {second} is left to undo")
    both = preview_undo(world, "tech", card(world, first, "Done and verified"))
    assert_says(both, DARNELL, DOROTHEA)
