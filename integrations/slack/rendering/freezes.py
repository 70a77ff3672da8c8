"""That Gatehouse is frozen: the banner, and what the approval channel is told of it."""

from core.ports import Freeze
from integrations.slack.rendering.blocks import actions, button, message, section
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, Message
from integrations.slack.rendering.mrkdwn import escape, moment
from integrations.slack.rendering.sentences import info


def frozen_blocks(frozen: Freeze | None) -> list[Block]:
    """A banner while Gatehouse is frozen, with the way out."""
    if frozen is None:
        return []
    needed = (
        "Two approvers have to agree to unfreeze."
        if frozen.unfreeze_name is None
        else f"{escape(frozen.unfreeze_name)} has agreed to unfreeze; one more approver has to."
    )
    words = f"{_who_and_why(frozen)}\nNothing new is sent to any client. {needed}"
    unfreeze = button("Agree to unfreeze", Act.UNFREEZE, label="Agree to unfreeze Gatehouse")
    return [section(words), actions(unfreeze)]


def freeze_card(freeze: Freeze) -> Message:
    """A freeze as it now stands, or as it ended."""
    if freeze.ended_at is None:
        return message(
            f"Gatehouse is frozen by {freeze.by_name}: {freeze.why}", frozen_blocks(freeze)
        )
    over = f"Unfrozen {moment(freeze.ended_at)}."
    return message("Gatehouse was frozen.", [section(f"{_who_and_why(freeze)}\n{over}")])


def unfreeze_asked(freeze: Freeze) -> Message:
    """The first of two approvers has agreed."""
    return info(f"{freeze.unfreeze_name} has agreed to unfreeze; one more approver has to.")


def unfrozen(freeze: Freeze) -> Message:
    """Both have."""
    return info(
        f"Gatehouse acts again: {freeze.unfreeze_name} and {freeze.ended_name} agreed to unfreeze."
    )


def _who_and_why(freeze: Freeze) -> str:
    return (
        f"🧊 *Frozen* by {escape(freeze.by_name)}, {moment(freeze.at)}: {escape(freeze.why, 400)}"
    )
