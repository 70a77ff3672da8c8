"""/mfa gaps: the overview of all clients, and one client's list."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict, Requirement, Snapshot
from core.domain.identity import AccountKind
from integrations.slack.rendering.blocks import (
    Element,
    actions,
    button,
    context,
    header,
    message,
    section,
)
from integrations.slack.rendering.coverage import failing, freshness, unread_blocks
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView, Message
from integrations.slack.rendering.mrkdwn import bold, code, escape, plural
from integrations.slack.rendering.paging import controls, page_of, position

FILTERS: Mapping[str, str] = {
    "gaps": "All gaps",
    "admins": "Admins with a gap",
    "no_method": "No usable method",
    "not_enforced": "Not enforced",
    "unknown": "Could not be judged",
    "guests": "Guests",
    "held_out": "Held out (break-glass, service ...)",
    "all": "All enabled accounts",
}
_WANTED: Mapping[str, Callable[[MfaVerdict], bool]] = {
    "gaps": lambda v: v.gap is Fact.YES,
    "admins": lambda v: v.gap is Fact.YES and v.admin,
    "no_method": lambda v: v.gap is Fact.YES and v.capable is Fact.NO,
    "not_enforced": lambda v: v.gap is Fact.YES and v.enforced is Fact.NO,
    "unknown": lambda v: v.gap is Fact.UNKNOWN,
    "guests": lambda v: v.kind is AccountKind.GUEST,
    "held_out": lambda v: v.held_out is not None,
    "all": lambda _v: True,
}
REQUIREMENT_WORDS: Mapping[Requirement, str] = {
    Requirement.ENFORCED: "enforced",
    Requirement.PARTIAL: "enforced only in part",
    Requirement.REPORT_ONLY: "report-only, so not enforced",
    Requirement.SECURITY_DEFAULTS: "security defaults",
    Requirement.PER_USER: "per-user MFA",
    Requirement.EXCLUDED: "excluded from every policy",
    Requirement.UNCOVERED: "no policy covers it",
    Requirement.UNKNOWN: "unknown whether enforced",
}
SHOWN_CLIENTS = 25


def overview(rows: Sequence[tuple[Client, Snapshot | None]], *, now: datetime) -> Message:
    """One line per client, worst first, each with a button to its list."""
    ordered = sorted(rows, key=lambda row: -_gap_count(row[1]))
    total = sum(_gap_count(snapshot) for _, snapshot in rows)
    blocks: list[Block] = [header("MFA gaps")]
    for client, snapshot in ordered[:SHOWN_CLIENTS]:
        view = ListView(client=client.key).encode()
        opens = button("Show", Act.MFA_LIST, view, label=f"Show the MFA gaps of {client.name}")
        blocks.append(section(_overview_line(client, snapshot, now), accessory=opens))
    if len(rows) > SHOWN_CLIENTS:
        blocks.append(context(f"and {len(rows) - SHOWN_CLIENTS} more clients: /mfa gaps NAME"))
    blocks.append(actions(button("Refresh", Act.REFRESH, f"mfa {ListView().encode()}")))
    return message(f"{plural(total, 'MFA gap')} at {plural(len(rows), 'client')}", blocks)


def gaps(
    client: Client, snapshot: Snapshot, view: ListView, *, now: datetime, may_request: bool
) -> Message:
    """One client's accounts under a filter, a page at a time."""
    part = snapshot.mfa
    if part is None:
        return _nothing_read(client, snapshot)
    wanted = _WANTED.get(view.filter, _WANTED["gaps"])
    found = sorted(filter(wanted, part.verdicts), key=_urgency)
    blocks: list[Block] = [
        header(f"MFA gaps · {client.name}"),
        section(_summary(part, now)),
        *unread_blocks((*part.coverage.unread, *failing(snapshot, "mfa"))),
        *[section(_line(verdict)) for verdict in page_of(found, view)],
        context(f"{FILTERS.get(view.filter, FILTERS['gaps'])}: {position(found, view)}"),
        *controls(
            view,
            found,
            filters=FILTERS,
            act_list=Act.MFA_LIST,
            act_filter=Act.MFA_FILTER,
            act_csv=Act.MFA_CSV,
            more=_request_button(client) if may_request else (),
        ),
    ]
    return message(f"{plural(len(part.gaps()), 'MFA gap')} at {client.name}", blocks)


def _request_button(client: Client) -> Sequence[Element]:
    label = f"Ask to enforce MFA at {client.name}"
    return (button("Enforce MFA…", Act.MFA_FORM, client.key, style="primary", label=label),)


def _nothing_read(client: Client, snapshot: Snapshot) -> Message:
    unread = failing(snapshot, "mfa")
    if client.tenant_id is None:
        words = "No tenant is configured for this client."
    elif unread:
        words = "❔ This tenant could never be read, so nothing is known about MFA there."
    else:
        words = "This tenant has not been read yet; the first scan is on its way."
    blocks = [header(f"MFA gaps · {client.name}"), section(words), *unread_blocks(unread)]
    return message(f"MFA at {client.name}: nothing read", blocks)


def _gap_count(snapshot: Snapshot | None) -> int:
    return len(snapshot.mfa.gaps()) if snapshot is not None and snapshot.mfa is not None else 0


def _overview_line(client: Client, snapshot: Snapshot | None, now: datetime) -> str:
    name = bold(client.name)
    if client.tenant_id is None:
        return f"{name}\nno tenant configured"
    if snapshot is None or snapshot.mfa is None:
        return f"{name}\n❔ never read"
    return f"{name}\n{_summary(snapshot.mfa, now)}" + (
        "\n❔ the newest reading failed" if failing(snapshot, "mfa") else ""
    )


def _summary(part: MfaSection, now: datetime) -> str:
    found, unknown = part.gaps(), part.unknown()
    admins = sum(v.admin for v in found)
    words = [f"*{plural(len(found), 'gap')}* among {plural(len(part.verdicts), 'enabled account')}"]
    if admins:
        words.append(f"🔑 {plural(admins, 'admin')} among them")
    if unknown:
        words.append(f"❔ {len(unknown)} could not be judged")
    if not found and not unknown and part.coverage.complete:
        words.append("✅ everything was read")
    return f"{', '.join(words)} · {freshness(part.observed_at, now)}"


def _urgency(verdict: MfaVerdict) -> tuple[bool, bool, bool, str]:
    gap = verdict.gap is not Fact.YES
    return (gap, not verdict.admin, verdict.enforced is not Fact.NO, verdict.name.lower())


def _line(verdict: MfaVerdict) -> str:
    icon = {Fact.YES: "🔴", Fact.UNKNOWN: "❔", Fact.NO: "🟢"}[verdict.gap]
    marks = [
        "🔑 admin" if verdict.admin else "",
        "guest" if verdict.kind is AccountKind.GUEST else "",
        f"held out: {escape(verdict.held_out)}" if verdict.held_out else "",
        "no sign-in for long: disable rather than enforce" if verdict.stale else "",
    ]
    said = "".join(f" · {mark}" for mark in marks if mark)
    facts = (
        f"registered: {_known(verdict.registered)} · capable: {_known(verdict.capable)} · "
        f"{REQUIREMENT_WORDS[verdict.requirement]}"
    )
    why = f"\n_{escape('; '.join(verdict.why[:2]), 280)}_" if verdict.why else ""
    return f"{icon} {bold(verdict.name)} {code(verdict.upn)}{said}\n{facts}{why}"


def _known(fact: Fact) -> str:
    return fact.value
