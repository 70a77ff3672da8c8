"""Help: what a person may do here, in examples."""

import difflib
from collections.abc import Mapping, Sequence

from core.domain.people import Role
from core.rules.quoting import quoted
from integrations.slack.rendering.blocks import context, message, section
from integrations.slack.rendering.ids import Command
from integrations.slack.rendering.message import Message
from integrations.slack.rendering.mrkdwn import escape

#: Command -> (example, what it does, role needed).
WORDS: Mapping[Command, Sequence[tuple[str, str, Role]]] = {
    Command.MFA: (
        ("/mfa gaps", "who is not protected by MFA, client by client", Role.VIEWER),
        ("/mfa gaps acme", "one client's list, with filters and a CSV file", Role.VIEWER),
        ("/mfa why ann@acme.example", "why one account is, or is not, protected", Role.VIEWER),
        ("/mfa enforce acme", "ask for MFA to be enforced", Role.TECHNICIAN),
        ("/mfa exempt acme", "ask to let people off MFA for a time", Role.TECHNICIAN),
        (
            "/mfa policy acme",
            "what can be changed for the whole tenant, and asking for it",
            Role.TECHNICIAN,
        ),
    ),
    Command.PATCH: (
        ("/patch overdue", "overdue devices, client by client", Role.VIEWER),
        ("/patch overdue acme", "one client's list, with filters and a CSV file", Role.VIEWER),
        ("/patch run acme", "ask for a scan or an install on chosen devices", Role.TECHNICIAN),
        ("/patch restart acme", "ask for a restart of devices that wait for one", Role.TECHNICIAN),
    ),
    Command.GATEHOUSE: (
        (
            "/gatehouse status",
            "open requests, how old the data is, what could not be read",
            Role.VIEWER,
        ),
        (
            "/gatehouse clients",
            "which tenants can be read and acted on, and what is next",
            Role.VIEWER,
        ),
        ("/gatehouse approve R4K7QX", "approve somebody else's request", Role.APPROVER),
        ("/gatehouse deny R4K7QX wrong weekend", "deny it, and say why", Role.APPROVER),
        ("/gatehouse cancel R4K7QX", "take a request back, or stop it", Role.TECHNICIAN),
        ("/gatehouse freeze why", "stop all changes at once", Role.TECHNICIAN),
        ("/gatehouse unfreeze", "agree to go on; it takes two approvers", Role.APPROVER),
    ),
}
PROMISE = (
    "*Gatehouse* finds MFA gaps and overdue patches. A technician asks for a change, somebody else "
    "approves it, Gatehouse makes it and checks at the source that it worked."
)


def help_message(role: Role | None) -> Message:
    """All commands a person of this role may use."""
    lines = [_lines(command, role or Role.VIEWER) for command in Command]
    parts = [section(PROMISE), *(section(text) for text in lines if text)]
    parts.append(context("`acme` stands for a client's name; part of it is enough."))
    return message("What Gatehouse can do for you", parts)


def usage(command: Command, typed: str = "") -> Message:
    """The examples of one command, whoever asks; `typed` is the word that was meant for one of them."""
    if typed.lower() in ("", "help"):
        return message(f"How to use {command.value}", [section(_lines(command, Role.OWNER))])
    words = {example.split()[1]: None for example, _, _ in WORDS[command]}
    near = difflib.get_close_matches(typed.lower(), words, n=1)
    there_is = f"Did you mean {command.value} {near[0]}?" if near else "There is:"
    unknown = f"{command.value} does not know {quoted(typed)}. {there_is}"
    lines = section(_lines(command, Role.OWNER))
    return message(unknown, [section(f"⚠️ {escape(unknown, 300)}"), lines])


def _lines(command: Command, role: Role) -> str:
    return "\n".join(
        f"`{example}`  {words}" for example, words, needed in WORDS[command] if role.covers(needed)
    )
