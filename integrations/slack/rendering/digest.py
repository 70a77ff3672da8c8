"""The day's digest for a channel: what needs a person first, then numbers, then what is not known."""

from collections.abc import Mapping, Sequence

from core.domain.clients import ClientKey
from core.domain.digest import Attention, AttentionKind, ClientDigest, Digest, Numbers, RequestLine
from core.domain.exemptions import Exemption
from core.domain.findings import DeviceTrouble
from core.domain.mfa_history import MfaChange, MfaChangeKind
from integrations.slack.rendering.blocks import (
    Element,
    actions,
    button,
    context,
    header,
    message,
    section,
)
from integrations.slack.rendering.coverage import read_at, unread_blocks
from integrations.slack.rendering.device_words import TROUBLE_WORDS, strays_words
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView, Message
from integrations.slack.rendering.mrkdwn import (
    INDENT,
    bold,
    calendar_day,
    code,
    escape,
    in_a_row,
    listed,
    plural,
)
from integrations.slack.rendering.request_words import standing, work

ATTENTION_WORDS: Mapping[AttentionKind, str] = {
    AttentionKind.ADMIN_WITHOUT_MFA: "🔑 Admin without MFA",
    AttentionKind.PART_ADMIN_WITHOUT_MFA: "🔑 Admin of a part without MFA",
    AttentionKind.NEEDS_PERSON: "🙋 Request needs a person",
    AttentionKind.SERVER_OVERDUE: "🖥️ Server overdue",
    AttentionKind.WRONG_BINDING: "🔗 Tenant and devices do not match",
    AttentionKind.END_OF_LIFE: "🪦 System out of support",
    AttentionKind.BREAK_GLASS: "🧯 Break-glass account",
    AttentionKind.USER_UNCOVERED: "👤 Not protected by MFA",
    AttentionKind.DEVICE_OVERDUE: "💻 Device overdue",
    AttentionKind.INSTALL_FAILED: "❌ Install failed",
    AttentionKind.INSTALL_STUCK: "🧱 Install stuck",
    AttentionKind.APPROVAL_SUPERSEDED: "♻️ Approval out of date",
    AttentionKind.LISTED_TWICE: "🔀 Listed under two clients",
}
CHANGE_WORDS: Mapping[MfaChangeKind, str] = {
    MfaChangeKind.ADMIN_WITHOUT_MFA: "🔑 New admin without MFA",
    MfaChangeKind.POLICY_WEAKER: "📉 Policy weaker",
    MfaChangeKind.POLICY_EXCLUDES: "🕳️ New exclusion in",
    MfaChangeKind.UNCOVERED: "👤 Newly uncovered by MFA",
    MfaChangeKind.POLICY_STRONGER: "📈 Policy stronger",
    MfaChangeKind.POLICY_NOTICE: "📅 On notice in",
}
SHOWN_CHANGES, SHOWN_EXEMPTIONS = 3, 5
SHOWN_REQUESTS = 8
#: A channel of more clients gets buttons for the ones that need them most, and names only so many.
WITH_BUTTONS, SHOWN_CLIENTS = 5, 15


def digest_message(digest: Digest) -> Message:
    """One message that a tired technician can read on a phone."""
    blocks: list[Block] = [header(_title(digest))]
    if digest.frozen:
        blocks.append(section("🧊 *Gatehouse is frozen*: nothing new is sent to any client."))
    if digest.changes:
        blocks.append(section(_changes(digest)))
    blocks.append(section(_attention(digest)))
    if digest.ending or digest.ended:
        blocks.append(section(_exemptions(digest)))
    blocks += _clients(digest)
    blocks += _requests(digest)
    blocks.append(context(_footer(digest)))
    return message(f"{_title(digest)}: {_in_short(digest)}", blocks)


def _title(digest: Digest) -> str:
    who = digest.clients[0].client_name if len(digest.clients) == 1 else f"#{digest.channel}"
    return f"{digest.day:%A} {digest.day.day} {digest.day:%B} · {who}"


def _in_short(digest: Digest) -> str:
    parts = [
        _total([part.now.mfa_gaps for part in digest.clients], "MFA gap", "MFA"),
        _total([part.now.overdue_devices for part in digest.clients], "overdue device", "patches"),
    ]
    unjudged = sum(part.now.mfa_unknown or 0 for part in digest.clients)
    if unjudged:
        parts.append(f"{plural(unjudged, 'account')} not judged")
    unread = sum(len(part.coverage.unread) for part in digest.clients)
    if unread:
        parts.append(f"{plural(unread, 'thing')} not read")
    return ", ".join(parts)


def _total(counts: Sequence[int | None], one: str, what: str) -> str:
    """What was never read is no zero."""
    known = [count for count in counts if count is not None]
    if not known:
        return f"{what} never read"
    missing = len(counts) - len(known)
    note = f" ({plural(missing, 'client')} never read)" if missing else ""
    return f"{plural(sum(known), one)}{note}"


# What changed.


def _changes(digest: Digest) -> str:
    """What an attacker or a mistake may have done since the last digest."""
    since = f" since {calendar_day(digest.compared_with)}" if digest.compared_with else ""
    lines = [_change_line(change, digest) for change in digest.changes]
    return f"*MFA changed{since}*\n{listed(lines, SHOWN_CHANGES)}"


def _change_line(change: MfaChange, digest: Digest) -> str:
    what = f"{CHANGE_WORDS[change.kind]}: {code(change.subject)}{_where(change.client, digest)}"
    return f"{what}\n{INDENT}{escape(change.detail, 300)}"


def _where(client: ClientKey, digest: Digest) -> str:
    names = {part.client: part.client_name for part in digest.clients}
    return f" · {escape(names.get(client, client))}" if len(names) > 1 else ""


# What needs a person.


def _attention(digest: Digest) -> str:
    if not digest.attention:
        nothing = "Nothing but the requests below" if digest.pending else "Nothing"
        if all(_is_known(part) for part in digest.clients):
            return f"{nothing} needs a person today."
        return f"{nothing} that could be read needs a person today. Not everything could be read."
    lines = [_item(item, digest) for item in digest.attention]
    return "\n".join(["*Needs a person*", *lines])


def _is_known(part: ClientDigest) -> bool:
    never = part.mfa_observed_at is None or part.patches_observed_at is None
    return part.coverage.complete and not never


def _item(item: Attention, digest: Digest) -> str:
    what = f"{ATTENTION_WORDS[item.kind]}: {code(item.subject)}{_where(item.client, digest)}"
    return f"{what}\n{INDENT}{escape(item.detail, 300)}"


def _exemptions(digest: Digest) -> str:
    """What counts again, and what soon will, so that somebody prolongs it or closes the gap."""
    over = [_exemption(item, "ended; it counts again", digest) for item in digest.ended]
    soon = [_exemption(item, f"ends {_last(item, digest)}", digest) for item in digest.ending]
    return f"*MFA exemptions*\n{listed([*over, *soon], SHOWN_EXEMPTIONS)}"


def _exemption(item: Exemption, what: str, digest: Digest) -> str:
    line = f"🕊️ {code(item.name)} {what}{_where(item.client, digest)}"
    return f"{line}\n{INDENT}{escape(item.reason, 200)} ({item.request})"


def _last(item: Exemption, digest: Digest) -> str:
    return "today" if item.until == digest.day else f"after {calendar_day(item.until)}"


# Client by client.


def _clients(digest: Digest) -> list[Block]:
    several = len(digest.clients) > 1
    parts = sorted(digest.clients, key=_urgency) if several else list(digest.clients)
    blocks: list[Block] = []
    for place, part in enumerate(parts[:SHOWN_CLIENTS]):
        blocks += _client(part, digest, several=several, buttons=place < WITH_BUTTONS)
    if len(parts) > WITH_BUTTONS:
        more = len(parts) - SHOWN_CLIENTS
        if more > 0:
            blocks.append(context(f"and {plural(more, 'more client')}; the lists have them all"))
        blocks.append(actions(*_list_buttons(ListView().encode(), "all clients")))
    return blocks


def _urgency(part: ClientDigest) -> tuple[int, bool, str]:
    """Most findings first, then what is not known."""
    found = (part.now.mfa_gaps or 0) + (part.now.overdue_devices or 0)
    return (-found, _is_known(part), part.client_name.lower())


def _client(part: ClientDigest, digest: Digest, *, several: bool, buttons: bool) -> list[Block]:
    head = f"{bold(part.client_name)}\n" if several else ""
    blocks = [
        section(f"{head}{_numbers(part, digest, several=several)}"),
        *unread_blocks(part.coverage.unread),
    ]
    return [*blocks, actions(*_buttons(part))] if buttons else blocks


def _buttons(part: ClientDigest) -> list[Element]:
    """The lists, and a request for what was found."""
    view, who = ListView(client=part.client).encode(), part.client_name
    elements = _list_buttons(view, who)
    if part.now.mfa_gaps and part.offers.enforce_mfa:
        label = f"Ask to enforce MFA at {who}"
        elements.append(button("Enforce MFA…", Act.MFA_FORM, part.client, label=label))
    if part.offers.patch and (part.now.overdue_devices or part.now.troubled_devices):
        label = f"Ask for patch work at {who}"
        elements.append(button("Patch devices…", Act.PATCH_FORM, part.client, label=label))
    return elements


def _list_buttons(view: str, who: str) -> list[Element]:
    return [
        button("MFA gaps", Act.MFA_LIST, view, label=f"MFA gaps of {who}"),
        button("Overdue patches", Act.PATCH_LIST, view, label=f"Overdue patches of {who}"),
    ]


def _numbers(part: ClientDigest, digest: Digest, *, several: bool) -> str:
    mfa = "❔ *MFA:* never read"
    if part.now.mfa_gaps is not None:
        mfa = f"{_mfa(part.now, part.before)} · {read_at(part.mfa_observed_at)}"
    late = "❔ *Patches:* never read"
    if part.now.overdue_devices is not None:
        source = f" · from {in_a_row([escape(s) for s in part.sources], 3)}" if part.sources else ""
        late = f"{_patches(part)}{source} · {read_at(part.patches_observed_at)}"
        late = "\n".join((late, *_besides(part, several=several)))
    first = "\n_First scan, no comparison yet_" if _is_first(part, digest) else ""
    return f"{mfa}\n{late}{first}"


def _is_first(part: ClientDigest, digest: Digest) -> bool:
    return part.before is None or digest.compared_with is None


def _mfa(now: Numbers, before: Numbers | None) -> str:
    """Where no gap was found and not all could be judged, that comes first: it is no good news."""
    gaps, accounts = now.mfa_gaps or 0, plural(now.accounts or 0, "account")
    exempt = [f"🕊️ {now.exempt} exempt"] if now.exempt else []
    if now.mfa_unknown and not gaps:
        unjudged = f"❔ *{now.mfa_unknown} of {accounts} could not be judged for MFA*"
        return ", ".join([unjudged, "no gap in the others", *exempt])
    change = _change(gaps, before.mfa_gaps if before else None)
    words = [f"*{plural(gaps, 'MFA gap')}*{change} in {accounts}"]
    if now.admins_without_mfa:
        words.append(f"🔑 {plural(now.admins_without_mfa, 'admin')} without MFA")
    words += exempt
    if now.mfa_unknown:
        words.append(f"❔ {now.mfa_unknown} could not be judged")
    return ", ".join(words)


def _patches(part: ClientDigest) -> str:
    now, before = part.now, part.before
    late = now.overdue_devices or 0
    change = _change(late, before.overdue_devices if before else None)
    words = [f"*{plural(late, 'overdue device')}*{change} of {now.devices or 0}"]
    if now.unknown_devices:
        words.append(f"❔ {now.unknown_devices} could not be judged")
    if counted := part.troubles.get(DeviceTrouble.COUNTS_ONLY):
        words.append(f"⚪ {counted} known by counts only")
    return ", ".join(words)


def _besides(part: ClientDigest, *, several: bool) -> list[str]:
    """What else is not fine, each on a line of its own."""
    lines = []
    if part.now.troubled_devices:
        kinds = "" if several else _problems(part)
        lines.append(f"🟡 {part.now.troubled_devices} with another problem{kinds}")
    if part.now.unmanaged_devices:
        lines.append(f"🔌 {strays_words(part.now.unmanaged_devices)}")
    return lines


def _problems(part: ClientDigest) -> str:
    """Such as " (waiting for a restart: 3, an install failed: 1)"."""
    kinds = [
        f"{TROUBLE_WORDS[trouble]}: {count}"
        for trouble, count in part.troubles.items()
        if not trouble.about_knowing
    ]
    return f" ({', '.join(kinds)})" if kinds else ""


def _change(now: int, before: int | None) -> str:
    if before is None:
        return ""
    if now == before:
        return " (unchanged)"
    return f" (▲ {now - before} more)" if now > before else f" (▼ {before - now} fewer)"


# Requests.


def _requests(digest: Digest) -> list[Block]:
    parts = (
        ("Waiting for a decision", digest.pending),
        ("Under way", digest.running),
        ("Ended in the last 24 hours", digest.finished),
    )
    return [
        section(f"*{words}*\n{listed([_request(r) for r in lines], SHOWN_REQUESTS)}")
        for words, lines in parts
        if lines
    ]


def _request(line: RequestLine) -> str:
    what = work(line.action, line.targets, line.policy_state)
    title = escape(f"{what} at {line.client_name}", 150)
    counts = f" · {escape(line.counts, 150)}" if line.counts else ""
    stands = standing(line.state, nothing_failed=line.nothing_failed)
    return f"*{line.request_id}* {title}\n{INDENT}{stands}{counts}"


def _footer(digest: Digest) -> str:
    words = ["`/mfa gaps` · `/patch overdue` · `/gatehouse help`"]
    if digest.compared_with is not None:
        words.insert(0, f"Compared with the digest of {calendar_day(digest.compared_with)}")
    if digest.audit_head is not None:
        words.append(f"audit log at entry {digest.audit_count}, `{digest.audit_head[:16]}`")
    return " · ".join(words)
