"""Whom MFA is never enforced for, whatever the means, each with its reason."""

from collections.abc import Collection

from core.domain.clients import Client
from core.domain.findings import MfaSection, MfaVerdict
from core.errors import Refused
from core.rules.exemptions import day_words
from core.rules.last_administrator import last_administrators


def refused_accounts(
    client: Client, section: MfaSection, chosen: Collection[str]
) -> dict[str, str]:
    """User id -> why it is left out, for those of the chosen that are.

    Raises Refused where nobody can tell who the last Global Administrator is.
    """
    if not section.coverage.covers("roles"):
        raise Refused(
            f"Who administers {client.name}'s tenant could not be read, so the last Global Administrator "
            "could be locked out. `python bot.py check` says which permission is missing."
        )
    verdicts = {str(verdict.user_id): verdict for verdict in section.verdicts}
    last = last_administrators(section, chosen)
    reasons = {user: _reason(client, user, verdicts.get(user), last) for user in chosen}
    return {user: reason for user, reason in reasons.items() if reason is not None}


def _reason(
    client: Client, user_id: str, verdict: MfaVerdict | None, last: frozenset[str]
) -> str | None:
    if user_id in client.break_glass:
        return "break-glass account: never enforced"
    if verdict is None:
        return "not in the newest scan; refresh and try again"
    if not client.never_touched.isdisjoint({user_id.casefold(), verdict.upn.casefold()}):
        return f"held out: {verdict.held_out or 'protected'}"
    if verdict.exempt is not None:
        return f"exempt to the end of {day_words(verdict.exempt.until)}; end that first"
    if verdict.held_out is not None:
        return f"held out: {verdict.held_out}"
    if user_id in last:
        return "the last Global Administrator who can surely sign in"
    return None
