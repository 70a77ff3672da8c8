"""/mfa gaps: the overview of all clients, and one client's list."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict, Requirement, Snapshot
from core.domain.identity import AccountKind, Strength
from core.rules.evidence import times
from core.rules.exemptions import day_words
from core.rules.held_out import HeldOut
from core.rules.policy_templates import waiting
from integrations.slack.rendering.blocks import (
    Element,
    button,
    context,
    header,
    message,
    section,
)
from integrations.slack.rendering.client_lists import Overview, never_read
from integrations.slack.rendering.coverage import failing, freshness, stale_note, unread_blocks
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView, Message
from integrations.slack.rendering.mrkdwn import bold, code, escape, in_a_row, plural
from integrations.slack.rendering.paging import controls, page_of, position

FILTERS: Mapping[str, str] = {
    "gaps": "All gaps",
    "admins": "Admins with a gap",
    "no_method": "No usable method",
    "not_enforced": "Not enforced",
    "sms_only": "SMS or voice only",
    "beyond_licence": "Conditional access without a licence",
    "unknown": "Could not be judged",
    "stale": "Long unused: better disabled",
    "guests": "Guests",
    "exempt": "Exempt for a time",
    "held_out": "Never acted on (break-glass, service, ...)",
    "blocked": "Sign-in is blocked",
    "all": "All accounts",
}
_WANTED: Mapping[str, Callable[[MfaVerdict], bool]] = {
    "gaps": lambda v: v.gap is Fact.YES,
    "admins": lambda v: v.gap is Fact.YES and v.admin,
    "no_method": lambda v: v.gap is Fact.YES and v.capable is Fact.NO,
    "not_enforced": lambda v: v.gap is Fact.YES and v.enforced is Fact.NO,
    "sms_only": lambda v: v.strength is Strength.SMS_OR_VOICE_ONLY,
    "beyond_licence": lambda v: v.beyond_licence,
    "unknown": lambda v: v.gap is Fact.UNKNOWN,
    "stale": lambda v: v.stale,
    "guests": lambda v: v.kind is AccountKind.GUEST,
    "exempt": lambda v: v.exempt is not None,
    "held_out": lambda v: v.held_out is not None,
    "blocked": lambda v: v.enabled is Fact.NO,
    "all": lambda _v: True,
}
#: Why it is, or is not, enforced.
REQUIREMENT_WORDS: Mapping[Requirement, str] = {
    Requirement.ENFORCED: "by policy",
    Requirement.PARTIAL: "only for some sign-ins",
    Requirement.REPORT_ONLY: "the policy is report-only",
    Requirement.SECURITY_DEFAULTS: "security defaults",
    Requirement.PER_USER: "per-user MFA",
    Requirement.EXCLUDED: "excluded from the policy",
    Requirement.UNCOVERED: "no policy covers it",
    Requirement.UNKNOWN: "the policies could not be read in full",
}
#: What is registered, where that is known to be something.
STRENGTH_WORDS: Mapping[Strength, str] = {
    Strength.PHISHING_RESISTANT: "phishing-resistant",
    Strength.ORDINARY: "an ordinary method",
    Strength.SMS_OR_VOICE_ONLY: "SMS or voice only",
}
#: By MfaVerdict.rank.
_ADMIN_MARKS = ("🔑 admin", "🔑 admin of a part", "")
_REMARKS = 3


def overview(rows: Sequence[tuple[Client, Snapshot | None]], *, now: datetime) -> Message:
    """One line per client, most gaps first, then what is not known, each with a button to its list."""
    shown = Overview(
        noun="MFA gap",
        opens=Act.MFA_LIST,
        command="/mfa gaps",
        refresh="mfa",
        count=_gap_count,
        icon=_icon,
    )
    return shown.message(rows, lambda client, snapshot: _overview_line(client, snapshot, now))


def gaps(
    client: Client,
    snapshot: Snapshot,
    view: ListView,
    *,
    now: datetime,
    may_enforce: bool,
    may_exempt: bool,
) -> Message:
    """One client's accounts under a filter, a page at a time."""
    part = snapshot.mfa
    if part is None:
        return _nothing_read(client, snapshot)
    wanted = _WANTED.get(view.filter, _WANTED["gaps"])
    accounts = (*part.verdicts, *part.blocked) if view.filter == "blocked" else part.verdicts
    found = sorted(filter(wanted, accounts), key=_urgency)
    unread = (*part.coverage.unread, *failing(snapshot, "mfa"))
    blocks: list[Block] = [
        header(f"MFA gaps · {client.name}"),
        section(_summary(part, snapshot, now)),
        *unread_blocks(unread),
        *[section(_line(verdict)) for verdict in page_of(found, view)],
        context(f"{FILTERS.get(view.filter, FILTERS['gaps'])}: {position(found, view)}"),
        *_remarks(part),
        *(_waiting(part) if may_enforce else ()),
        *controls(
            view,
            found,
            filters=FILTERS,
            act_list=Act.MFA_LIST,
            act_back=Act.MFA_BACK,
            act_filter=Act.MFA_FILTER,
            act_csv=Act.MFA_CSV,
            more=[
                *(_enforce_button(client) if may_enforce else ()),
                *(_exempt_button(client) if may_exempt else ()),
            ],
        ),
    ]
    known = "" if not unread else ", not everything could be read"
    return message(f"{plural(len(part.gaps()), 'MFA gap')} at {client.name}{known}", blocks)


def _remarks(part: MfaSection) -> Sequence[Block]:
    """What is wrong with the policies themselves."""
    if not part.remarks:
        return ()
    rest = len(part.remarks) - _REMARKS
    more = f" And {rest} more policies." if rest > 0 else ""
    return (context(f"⚠️ {escape(' '.join(part.remarks[:_REMARKS]), 600)}{more}"),)


def _waiting(part: MfaSection) -> Sequence[Block]:
    """A policy that is forgotten in report-only protects nobody."""
    names = waiting(part)
    if not names:
        return ()
    who = in_a_row([bold(name, 100) for name in names], 3)
    return (
        context(f"Still report-only: {who}. *Whole tenant…* enables it once its days are over."),
    )


def _enforce_button(client: Client) -> Sequence[Element]:
    label = f"Ask to enforce MFA at {client.name}"
    whole = f"Ask for a tenant-wide change at {client.name}"
    return (
        button("Enforce MFA…", Act.MFA_FORM, client.key, style="primary", label=label),
        button("Whole tenant…", Act.POLICY_FORM, client.key, label=whole),
    )


def _exempt_button(client: Client) -> Sequence[Element]:
    label = f"Ask to exempt people of {client.name} from MFA"
    return (button("Exempt…", Act.EXEMPT_FORM, client.key, label=label),)


def _nothing_read(client: Client, snapshot: Snapshot) -> Message:
    unread = failing(snapshot, "mfa")
    if client.tenant_id is None:
        words = "No tenant is configured for this client."
    elif unread:
        words = "❔ This tenant could never be read, so nothing is known about MFA there."
    else:
        words = "❔ This tenant has not been read yet; the first scan is on its way."
    return never_read(client, words, unread, title="MFA gaps", refresh="mfa", what="MFA")


# One client in the overview.


def _gap_count(snapshot: Snapshot | None) -> int:
    return len(snapshot.mfa.gaps()) if snapshot is not None and snapshot.mfa is not None else 0


def _icon(client: Client, snapshot: Snapshot | None) -> str:
    """Green only where everything was read and nothing was found."""
    if client.tenant_id is None:
        return "⚪"
    if snapshot is None or snapshot.mfa is None:
        return "❔"
    if snapshot.mfa.gaps():
        return "🔴"
    sure = snapshot.mfa.coverage.complete and not failing(snapshot, "mfa")
    return "🟢" if sure and not snapshot.mfa.unknown() else "❔"


def _overview_line(client: Client, snapshot: Snapshot | None, now: datetime) -> str:
    name = f"{_icon(client, snapshot)} {bold(client.name)}"
    if client.tenant_id is None:
        return f"{name}\nno tenant configured"
    if snapshot is None or snapshot.mfa is None:
        return f"{name}\nnever read"
    return f"{name}\n{_summary(snapshot.mfa, snapshot, now)}"


def _summary(part: MfaSection, snapshot: Snapshot, now: datetime) -> str:
    found, unknown, failed = part.gaps(), part.unknown(), failing(snapshot, "mfa")
    admins = sum(v.admin for v in found)
    words = [f"*{plural(len(found), 'gap')}* in {plural(len(part.verdicts), 'account')}"]
    if admins:
        words.append(f"🔑 {plural(admins, 'admin')} among them")
    if exempted := part.exempted():
        words.append(f"🕊️ {len(exempted)} exempt")
    if unknown:
        words.append(f"❔ {len(unknown)} could not be judged")
    if not part.coverage.complete:
        words.append("❔ not everything was read")
    if failed:
        words.append(stale_note(failed))
    return f"{', '.join(words)} · {freshness(part.observed_at, now)}"


# One account.


def _urgency(verdict: MfaVerdict) -> tuple[bool, int, bool, str]:
    gap = verdict.gap is not Fact.YES
    return (gap, verdict.rank, verdict.enforced is not Fact.NO, verdict.name.lower())


def _line(verdict: MfaVerdict) -> str:
    why = f"\n_{escape(' '.join(verdict.why[:2]), 280)}_" if verdict.why else ""
    return f"{account(verdict)}{why}"


def account(verdict: MfaVerdict) -> str:
    """One account: what it is, and the three facts."""
    icon = {Fact.YES: "🔴", Fact.UNKNOWN: "❔", Fact.NO: "🟢"}[verdict.gap]
    if verdict.exempt is not None:
        icon = "🕊️"
    shut = verdict.enabled is Fact.NO
    if shut:
        icon = "⚪"
    marks = [
        _ADMIN_MARKS[verdict.rank],
        "guest" if verdict.kind is AccountKind.GUEST else "",
        "sign-in is blocked" if shut else "",
        "no Entra ID P1 of its own" if verdict.beyond_licence else "",
        f"never acted on: {escape(verdict.held_out)}" if verdict.held_out else "",
        f"🕊️ exempt to the end of {day_words(verdict.exempt.until)}" if verdict.exempt else "",
        f"👣 {times(verdict.single_factor)}" if verdict.single_factor else "",
        "long unused: better disabled" if verdict.stale else "",
    ]
    said = "".join(f" · {mark}" for mark in marks if mark)
    facts = "" if shut and verdict.held_out != HeldOut.BREAK_GLASS else f"\n{_three_facts(verdict)}"
    return f"{icon} {bold(verdict.name)} {code(verdict.upn)}{said}{facts}"


def _three_facts(verdict: MfaVerdict) -> str:
    """Registered and how strong, capable, enforced and by what."""
    strength = STRENGTH_WORDS.get(verdict.strength)
    return (
        f"registered *{verdict.registered.value}*{f' ({strength})' if strength else ''} · "
        f"capable *{verdict.capable.value}* · "
        f"enforced *{verdict.enforced.value}* ({REQUIREMENT_WORDS[verdict.requirement]})"
    )
