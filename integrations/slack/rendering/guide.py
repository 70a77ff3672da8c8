"""Help: what a person may do here, in examples."""

from collections.abc import Mapping, Sequence

from core.domain.people import Role
from integrations.slack.rendering.blocks import message, section
from integrations.slack.rendering.ids import Command
from integrations.slack.rendering.message import Message

#: Command -> (example, what it does, role needed).
WORDS: Mapping[Command, Sequence[tuple[str, str, Role]]] = {
    Command.MFA: (
        ("/mfa gaps", "who is not protected, client by client", Role.VIEWER),
        ("/mfa gaps acme", "one client's list, with filters and a CSV file", Role.VIEWER),
        ("/mfa enforce acme", "ask for MFA to be enforced", Role.TECHNICIAN),
    ),
    Command.PATCH: (
        ("/patch overdue", "overdue devices, client by client", Role.VIEWER),
        ("/patch overdue acme", "one client's list, with filters and a CSV file", Role.VIEWER),
        ("/patch run acme", "ask for a scan or an install on chosen devices", Role.TECHNICIAN),
    ),
    Command.GATEHOUSE: (
        (
            "/gatehouse status",
            "open requests, how fresh the data is, what could not be read",
            Role.VIEWER,
        ),
        ("/gatehouse approve R4K7QX", "approve a request of somebody else", Role.APPROVER),
        ("/gatehouse deny R4K7QX wrong weekend", "deny it, with the reason", Role.APPROVER),
        ("/gatehouse cancel R4K7QX", "withdraw or stop a request", Role.TECHNICIAN),
        ("/gatehouse freeze why", "stop everything, at once", Role.TECHNICIAN),
        ("/gatehouse unfreeze", "agree to go on; it takes two approvers", Role.APPROVER),
    ),
}


def help_message(role: Role | None) -> Message:
    """All commands a person of this role may use."""
    parts = [
        section(
            "*Gatehouse* finds MFA gaps and overdue patches, and closes them with two pairs of eyes."
        )
    ]
    for command in Command:
        lines = _lines(command, role or Role.VIEWER)
        if lines:
            parts.append(section(lines))
    return message("What Gatehouse can do for you", parts)


def usage(command: Command) -> Message:
    """The examples of one command, whoever asks."""
    return message(f"How to use {command.value}", [section(_lines(command, Role.OWNER))])


def _lines(command: Command, role: Role) -> str:
    return "\n".join(
        f"`{example}`  {words}" for example, words, needed in WORDS[command] if role.covers(needed)
    )
