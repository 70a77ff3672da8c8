"""/gatehouse clients: which tenants can be read, which can be acted on, and what is next for the others."""

from collections.abc import Mapping, Sequence

from core.domain.onboarding import TenantStanding
from core.domain.tenant_change import TenantPower
from integrations.slack.rendering.blocks import context, header, message, section
from integrations.slack.rendering.message import Block, Message
from integrations.slack.rendering.mrkdwn import bold, escape, plural

POWER_WORDS: Mapping[TenantPower, str] = {
    TenantPower.POLICIES: "policies",
    TenantPower.SECURITY_DEFAULTS: "security defaults",
    TenantPower.CAMPAIGN: "registration campaign",
    TenantPower.PER_USER: "per-user MFA where there is no licence",
}
SHOWN = 20
SOON_DAYS = 30


def onboarding(standings: Sequence[TenantStanding]) -> Message:
    """The unfinished ones first, each with its next step."""
    ordered = sorted(standings, key=lambda s: (s.done, s.client_name.lower()))
    blocks: list[Block] = [header("Tenants"), section(_in_short(standings))]
    blocks += [section(_line(standing)) for standing in ordered[:SHOWN]]
    if len(ordered) > SHOWN:
        rest = plural(len(ordered) - SHOWN, "more tenant")
        blocks.append(context(f"_and {rest}: python bot.py check lists them all_"))
    return message(f"Tenants: {_in_short(standings)}", blocks)


def _in_short(standings: Sequence[TenantStanding]) -> str:
    readable = sum(s.readable for s in standings)
    guarded = sum(s.break_glass_valid for s in standings)
    writable = sum(s.writable for s in standings)
    return (
        f"{readable} of {plural(len(standings), 'tenant')} readable, "
        f"{guarded} with a valid break-glass list, {writable} writable"
    )


def _line(standing: TenantStanding) -> str:
    marks = (
        _mark(standing.readable, "read"),
        _mark(standing.break_glass_valid, "break-glass"),
        _mark(standing.writable, "write"),
    )
    lines = [f"{bold(standing.client_name)} · {' · '.join(marks)}{_expiry(standing)}"]
    if standing.powers:
        parts = ", ".join(POWER_WORDS[power] for power in standing.powers)
        lines.append(f"Tenant-wide, when asked for: {parts}")
    if standing.problems:
        what, remedy = standing.problems[0]
        lines.append(f"Next: {escape(what, 300)}" + (f" → {escape(remedy, 300)}" if remedy else ""))
        if len(standing.problems) > 1:
            lines.append(f"_and {plural(len(standing.problems) - 1, 'more thing')} to do_")
    if len(standing.missing) > 1:
        lines.append(f"Permissions missing: {escape(', '.join(standing.missing), 300)}")
    if standing.surplus:
        lines.append(f"⚠️ More than needed: {escape(', '.join(standing.surplus), 300)}")
    return "\n".join(lines)


def _mark(there: bool, word: str) -> str:
    return f"{'✅' if there else '▫️'} {word}"


def _expiry(standing: TenantStanding) -> str:
    days = standing.expires_days
    if days is None:
        return ""
    warning = "⚠️ " if days <= SOON_DAYS else ""
    return f" · {warning}credential ends in {plural(max(days, 0), 'day')}"
