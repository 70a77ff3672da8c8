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
from tests.stories.world import Json, World, assert_says, says, text_of

CHANNEL, CLIENT = "acme-dental", "acme"
ADA, CHIDI, DARNELL = "Ada Lindqvist", "Chidi Kaplan", "Darnell Eastwick"
WITHOUT_METHOD = "Imani Sheridan"


def targets(world: World, kind: str) -> list[str]:
    """Whom Graph really changed in this way, in order."""
    return [user for effect in world.effects("graph", kind) for user in effect["target_ids"]]


def gaps(world: World) -> Json:
    return world.answered("tech", CHANNEL, lambda: world.command("tech", CHANNEL, "/mfa gaps acme"))


def test_people_are_put_into_the_group_and_signed_out_once_a_manager_approves(world: World) -> None:
    people = [ADA, CHIDI, WITHOUT_METHOD]
    preview = preview_mfa(world, "tech", CHANNEL, CLIENT, people, options=["revoke_sessions"])
    assert_says(preview, "Enforce MFA for 2 people", ADA, CHIDI)
    assert_says(preview, "left out", "has no usable MFA method", "signed out everywhere")
    assert_says(preview, "It needs *1 approval*. Who can approve it: Maya Ortiz and Devon Park.")
    request = send_preview(world, "tech", CHANNEL)

    waiting = card(world, request, "Waiting for approval")
    assert buttons(waiting) == {"approve", "deny", "cancel"}
    assert world.effects("graph") == []
    world.reads("manager2", "@gatehouse", request, "Tess Morgan asks for your decision")
    asked = world.reads("manager", "@gatehouse", request, "Tess Morgan asks for your decision")
    world.click("manager", asked, "approve")

    done = card(world, request, "Done and verified", "2 verified", "in the group; signed out")
    assert done["ts"] == waiting["ts"]
    assert buttons(done) == {"undo"}
    assert_says(done, "Maya Ortiz approved")
    (added,) = world.effects("graph", "add_member")
    assert len(added["target_ids"]) == 2
    assert sorted(targets(world, "revoke_sessions")) == sorted(added["target_ids"])
    world.reads("tech", "@gatehouse", request, "Maya Ortiz approved it")
    world.reads("tech", "@gatehouse", request, "Done and verified")
    world.reads("tech", APPROVALS, "Done and verified", thread=done["ts"])
    assert "approve" not in buttons(world.reads("manager", "@gatehouse", request, "verified"))
    assert [(e["kind"], e["actor"]) for e in world.audit()][:2] == [
        ("request.requested", "tess"),
        ("request.decided", "maya"),
    ]
    world.eventually(lambda: not says(gaps(world), ADA), what="the list without her")


def test_undo_takes_two_approvers_and_covers_only_what_its_request_changed(world: World) -> None:
    first = ask_mfa(world, "tech", CHANNEL, CLIENT, [ADA, CHIDI])
    second = ask_mfa(world, "tech", CHANNEL, CLIENT, [CHIDI, DARNELL])
    approve(world, "manager", first)
    card(world, first, "Done and verified")
    approve(world, "manager2", second)
    done = card(world, second, "Done and verified", "2 verified")
    ada, chidi, darnell = targets(world, "add_member")

    preview = preview_undo(world, "tech", done)
    assert_says(preview, DARNELL, "lowers protection", "It needs *2 approvals*")
    assert not says(preview, CHIDI)
    undo = send_preview(world, "tech", APPROVALS, reason="Her phone is being replaced")

    approve(world, "manager", undo)
    card(world, undo, "Waiting for approval", "1 of 2 approvals")
    again = world.answered("manager", APPROVALS, lambda: approve(world, "manager", undo))
    assert_says(again, f"You have approved {undo} already")
    assert targets(world, "remove_member") == []
    approve(world, "manager2", undo)
    card(world, undo, "Done and verified", "out of the group")
    assert targets(world, "remove_member") == [darnell]

    nothing = preview_undo(world, "tech", done)
    assert_says(nothing, f"Nothing of {second} is left to undo")
    both = preview_undo(world, "tech", card(world, first, "Done and verified"))
    assert_says(both, ADA, CHIDI)
    assert ada != chidi


def test_a_lost_answer_is_looked_up_and_the_call_is_not_made_again(world: World) -> None:
    request = ask_mfa(world, "tech", CHANNEL, CLIENT, [ADA, CHIDI])
    world.fault(target="graph", path="/v1.0/groups/*", method="PATCH", kind="drop_after", count=1)
    approve(world, "manager", request)
    card(world, request, "Done and verified", "2 verified")
    assert len(world.effects("graph", "add_member")) == 1
    assert len(targets(world, "add_member")) == 2


def test_killed_while_entra_works_the_bot_finds_out_what_became_of_it(world: World) -> None:
    request = ask_mfa(world, "tech", CHANNEL, CLIENT, [ADA, CHIDI])
    slow = world.fault(target="graph", path="/v1.0/groups/*", method="PATCH", kind="latency", seconds=2)  # fmt: skip
    approve(world, "manager", request)
    world.eventually(lambda: world.struck(slow), what="the call to Entra")
    world.bot.kill()
    world.eventually(lambda: world.effects("graph", "add_member"), what="Entra's work")
    world.mend()
    world.start()
    done = card(world, request, "Done and verified", "2 verified")
    assert len(targets(world, "add_member")) == 2
    assert "Undo" in text_of(done)
