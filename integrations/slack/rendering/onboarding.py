"""/gatehouse clients: which tenants can be read, which can be acted on, and what is next for the others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from core.domain.onboarding import TenantStanding
from core.domain.tenant_change import TenantPower
from integrations.slack.rendering.blocks import context, header, message, section
from integrations.slack.rendering.message import Block, Message
from integrations.slack.rendering.mrkdwn import bold, escape, in_a_row, plural

POWER_WORDS: Mapping[TenantPower, str] = {
    TenantPower.POLICIES: "policies",
    TenantPower.SECURITY_DEFAULTS: "security defaults",
    TenantPower.CAMPAIGN: "registration campaign",
    TenantPower.PER_USER: "per-user MFA where there is no licence",
}
SHOWN = 20
#: Characters for the names of those that are all set.
ROOM_FOR_NAMES = 1_500
SOON_DAYS = 30

Powers = tuple[TenantPower, ...]


def onboarding(standings: Sequence[TenantStanding]) -> Message:
    """The unfinished ones first, each with its next step; what most have in common is said once."""
    usual = _usual(standings)
    ordered = sorted(standings, key=lambda s: (s.done, s.client_name.lower()))
    worth_a_line = [s for s in ordered if not _is_all_set(s, usual)]
    all_set = [s for s in ordered if _is_all_set(s, usual)]
    blocks: list[Block] = [header("Tenants"), section(_in_short(standings))]
    blocks += [section(_line(standing, usual)) for standing in worth_a_line[:SHOWN]]
    if len(worth_a_line) > SHOWN:
        rest = plural(len(worth_a_line) - SHOWN, "more tenant")
        blocks.append(context(f"_and {rest}: python bot.py check lists them all_"))
    if all_set:
        blocks.append(section(_names(all_set)))
    blocks += [context(words) for words in _in_common(standings, usual)]
    return message(f"Tenants: {_in_short(standings)}", blocks)


def _usual(standings: Sequence[TenantStanding]) -> Powers:
    """What the write app may change for the whole of most tenants where it works."""
    counted = Counter(s.powers for s in standings if s.writable)
    return counted.most_common(1)[0][0] if counted else ()


def _is_all_set(standing: TenantStanding, usual: Powers) -> bool:
    """Whether nothing is to be done or known of it that is not so of most."""
    same = standing.powers == usual
    return standing.done and same and not standing.surplus and not _ends_soon(standing)


def _ends_soon(standing: TenantStanding) -> bool:
    return standing.expires_days is not None and standing.expires_days <= SOON_DAYS


def _in_short(standings: Sequence[TenantStanding]) -> str:
    readable = sum(s.readable for s in standings)
    guarded = sum(s.break_glass_valid for s in standings)
    writable = sum(s.writable for s in standings)
    return (
        f"{readable} of {plural(len(standings), 'tenant')} readable, "
        f"{guarded} with a valid break-glass list, {writable} writable"
    )


def _names(standings: Sequence[TenantStanding]) -> str:
    names = [escape(standing.client_name) for standing in standings]
    return f"✅ *{len(names)} all set*\n{in_a_row(names, len(names), room=ROOM_FOR_NAMES)}"


def _in_common(standings: Sequence[TenantStanding], usual: Powers) -> Iterator[str]:
    """For the foot."""
    if usual:
        yield f"Tenant-wide may be asked for, where nothing else is said: {_parts(usual)}"
    ends = [s.expires_days for s in standings if s.expires_days is not None]
    if ends and min(ends) > SOON_DAYS:
        yield f"No credential whose end is known ends within {plural(min(ends), 'day')}"


def _parts(powers: Powers) -> str:
    return ", ".join(POWER_WORDS[power] for power in powers) or "nothing"


def _line(standing: TenantStanding, usual: Powers) -> str:
    marks = (
        _mark(standing.readable, "read"),
        _mark(standing.break_glass_valid, "break-glass"),
        _mark(standing.writable, "write"),
    )
    lines = [f"{bold(standing.client_name)} · {' · '.join(marks)}{_expiry(standing)}"]
    if standing.powers != usual and (standing.powers or standing.writable):
        lines.append(f"Tenant-wide may be asked for: {_parts(standing.powers)}")
    if standing.problems:
        what, remedy = standing.problems[0]
        lines.append(f"Next: {escape(what, 500)}" + (f" → {escape(remedy, 500)}" if remedy else ""))
        if len(standing.problems) > 1:
            lines.append(f"_and {plural(len(standing.problems) - 1, 'more thing')} to do_")
    if standing.surplus:
        lines.append(f"⚠️ More than needed: {escape(', '.join(standing.surplus), 300)}")
    return "\n".join(lines)


def _mark(there: bool, word: str) -> str:
    return f"{'✅' if there else '▫️'} {word}"


def _expiry(standing: TenantStanding) -> str:
    """Empty where there is time."""
    if not _ends_soon(standing):
        return ""
    return f" · ⚠️ credential ends in {plural(max(standing.expires_days or 0, 0), 'day')}"
