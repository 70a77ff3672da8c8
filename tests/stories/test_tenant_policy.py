"""A policy for a whole tenant: created report-only, enabled in turn after its days, and set back by two."""

from datetime import datetime, timedelta

from tests.stories.asking import (
    APPROVALS,
    approve,
    buttons,
    card,
    policy_form,
    preview_policy,
    preview_undo,
    send_preview,
)
from tests.stories.record import events
from tests.stories.world import Json, World, assert_says

CHANNEL, CLIENT = "acme-dental", "acme"
NAME = "Gatehouse: MFA for all users"


def states(world: World) -> list[tuple[str, str]]:
    """From which state to which the policy really went."""
    return [(row["before"], row["after"]) for row in world.effects("graph", "policy_update")]


def promotion(form: Json) -> str:
    """The change that enables our policy, where the form offers it."""
    block = next(b for b in form["blocks"] if b.get("block_id") == "policy_change")
    options = block["element"]["options"]
    return next(str(o["value"]) for o in options if f"Enable “{NAME}" in o["text"]["text"])


def notice(world: World, request: str) -> timedelta:
    """How long after it was asked for the people without a method are asked too."""
    asked = events(world, request)[0]
    end = asked["plan"]["targets"][1]["not_before"]
    return datetime.fromisoformat(end) - datetime.fromisoformat(asked["at"])


def test_a_policy_is_created_report_only_enabled_after_seven_days_and_set_back_by_two(
    world: World,
) -> None:
    form = policy_form(world, "tech", CHANNEL, CLIENT)
    assert_says(form, "The write app lacks Policy.ReadWrite.SecurityDefaults")
    preview = preview_policy(world, "tech", form, "create_policy:mfa_all_users")
    assert_says(preview, NAME, "report-only", "break-glass account: always excluded", "1 approval")
    request = send_preview(world, "tech", CHANNEL)
    assert world.effects("graph", "policy_create") == []
    approve(world, "manager", request)
    created = card(world, request, "Done and verified", "what-if applies it to")
    assert buttons(created) == {"undo"}
    (made,) = world.effects("graph", "policy_create")
    assert made["state"] == "enabledForReportingButNotEnforced"
    assert made["name"] == f"{NAME} [{request}-1]"

    early = policy_form(world, "tech", CHANNEL, CLIENT)
    assert_says(early, f"Enable “{NAME}", "it has to be for 7 days")
    world.close_forms("tech")
    world.advance(timedelta(days=7, minutes=1).total_seconds())

    form = policy_form(world, "tech", CHANNEL, CLIENT)
    preview = preview_policy(world, "tech", form, promotion(form))
    assert_says(preview, "sign-ins it would have judged", "whoever signs in first", "within a day")
    promote = send_preview(world, "tech", CHANNEL)
    assert_says(preview, "Everyone at once, but", "without a method only from")
    approve(world, "manager", promote)
    card(world, promote, "enabled, as read back", "on notice until")
    assert states(world) == [("enabledForReportingButNotEnforced", "enabled")]
    world.advance(notice(world, promote).total_seconds())
    promoted = card(world, promote, "Done and verified", "no longer excluded")
    assert states(world)[1:] == [("enabled", "enabled")]

    preview = preview_undo(world, "tech", promoted)
    assert_says(preview, "lowers protection", "2 approvals", "deletes none")
    undo = send_preview(world, "tech", APPROVALS, reason="The plotters stopped printing")
    approve(world, "manager", undo)
    card(world, undo, "Waiting for approval", "1 of 2 approvals")
    assert len(states(world)) == 2
    approve(world, "manager2", undo)
    card(world, undo, "Done and verified", "report-only, as read back")
    assert states(world)[2:] == [("enabled", "enabledForReportingButNotEnforced")]
    asked = events(world, promote)[0]
    assert asked["plan"]["change"]["enable"]["before"] == "report_only"
    assert len(world.effects("graph", "policy_create")) == 1
