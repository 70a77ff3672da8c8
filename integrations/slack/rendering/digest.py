"""The day's digest for a channel: what needs a person first, then numbers, then what is not known."""

from collections.abc import Mapping, Sequence

from core.domain.findings import (
    Attention,
    AttentionKind,
    ClientDigest,
    Digest,
    Numbers,
    RequestLine,
)
from integrations.slack.rendering.blocks import actions, button, context, header, message, section
from integrations.slack.rendering.coverage import freshness, unread_blocks
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView, Message
from integrations.slack.rendering.mrkdwn import bold, code, escape, listed, plural
from integrations.slack.rendering.request_words import STATE_WORDS, work

ATTENTION_WORDS: Mapping[AttentionKind, str] = {
    AttentionKind.ADMIN_WITHOUT_MFA: "🔑 Admin without MFA",
    AttentionKind.NEEDS_PERSON: "🙋 A request needs you",
    AttentionKind.SERVER_OVERDUE: "🖥️ Server overdue",
    AttentionKind.WRONG_BINDING: "🔗 Binding looks wrong",
    AttentionKind.END_OF_LIFE: "🪦 System out of support",
    AttentionKind.BREAK_GLASS: "🧯 Break-glass account",
    AttentionKind.USER_UNCOVERED: "👤 Not protected by MFA",
    AttentionKind.DEVICE_OVERDUE: "💻 Device overdue",
    AttentionKind.INSTALL_FAILED: "❌ Install failed",
}
SHOWN_REQUESTS, SHOWN_CLIENTS = 8, 12


def digest_message(digest: Digest) -> Message:
    """One message that a tired technician can read on a phone."""
    several = len(digest.clients) > 1
    blocks: list[Block] = [header(_title(digest))]
    if digest.frozen:
        blocks.append(section("🧊 *Gatehouse is frozen*: nothing new is sent to any client."))
    blocks.append(section(_attention(digest.attention, several=several)))
    for part in digest.clients[:SHOWN_CLIENTS]:
        blocks += _client(part, digest, several=several)
    blocks += _requests(digest)
    blocks.append(context(_footer(digest)))
    return message(f"{_title(digest)}: {_in_short(digest)}", blocks)


def _title(digest: Digest) -> str:
    who = digest.clients[0].client_name if len(digest.clients) == 1 else f"#{digest.channel}"
    return f"{digest.day:%A %d %B} · {who}"


def _in_short(digest: Digest) -> str:
    gaps = sum(part.now.mfa_gaps or 0 for part in digest.clients)
    late = sum(part.now.overdue_devices or 0 for part in digest.clients)
    unread = sum(len(part.coverage.unread) for part in digest.clients)
    words = f"{plural(gaps, 'MFA gap')}, {plural(late, 'overdue device')}"
    return f"{words}, {plural(unread, 'thing')} not read" if unread else words


def _attention(items: Sequence[Attention], *, several: bool) -> str:
    if not items:
        return "Nothing stands out that needs a person today."
    lines = [
        f"*{ATTENTION_WORDS[item.kind]}:* {code(item.subject)}"
        f"{f' ({escape(item.client)})' if several else ''} {escape(item.detail, 200)}"
        for item in items
    ]
    return "*Needs a person*\n" + "\n".join(lines)


def _client(part: ClientDigest, digest: Digest, *, several: bool) -> list[Block]:
    head = f"{bold(part.client_name)}\n" if several else ""
    view = ListView(client=part.client).encode()
    buttons = actions(
        button("MFA gaps", Act.MFA_LIST, view, label=f"MFA gaps of {part.client_name}"),
        button("Overdue patches", Act.PATCH_LIST, view, label=f"Patches of {part.client_name}"),
        button("Enforce MFA…", Act.MFA_FORM, part.client, label=f"Ask at {part.client_name}"),
        button("Patch devices…", Act.PATCH_FORM, part.client, label=f"Ask at {part.client_name}"),
    )
    return [
        section(f"{head}{_numbers(part, digest)}"),
        *unread_blocks(part.coverage.unread),
        buttons,
    ]


def _numbers(part: ClientDigest, digest: Digest) -> str:
    now, before = part.now, part.before
    mfa = f"*MFA:* {_mfa(now, before)} · {freshness(part.mfa_observed_at, digest.made_at)}"
    late = f"*Patches:* {_patches(now, before)} · {freshness(part.patches_observed_at, digest.made_at)}"
    return f"{mfa}\n{late}\n_{_comparison(part, digest)}_"


def _comparison(part: ClientDigest, digest: Digest) -> str:
    if part.before is None or digest.compared_with is None:
        return "First digest, no comparison yet"
    return f"Compared with {digest.compared_with:%A %d %B}"


def _mfa(now: Numbers, before: Numbers | None) -> str:
    if now.mfa_gaps is None:
        return "❔ never read"
    words = (
        f"{plural(now.mfa_gaps, 'gap')}{_change(now.mfa_gaps, before.mfa_gaps if before else None)}"
    )
    if now.admins_without_mfa:
        words += f", {plural(now.admins_without_mfa, 'admin')} among them"
    if now.mfa_unknown:
        words += f", ❔ {now.mfa_unknown} not judged"
    return f"{words} of {plural(now.accounts or 0, 'account')}"


def _patches(now: Numbers, before: Numbers | None) -> str:
    if now.overdue_devices is None:
        return "❔ never read"
    change = _change(now.overdue_devices, before.overdue_devices if before else None)
    words = f"{now.overdue_devices} overdue{change} of {plural(now.devices or 0, 'device')}"
    if now.unknown_devices:
        words += f", ❔ {now.unknown_devices} not judged"
    if now.troubled_devices:
        words += f", {now.troubled_devices} not fine otherwise"
    return words


def _change(now: int, before: int | None) -> str:
    if before is None:
        return ""
    if now == before:
        return " (unchanged)"
    return f" (▲ {now - before} more)" if now > before else f" (▼ {before - now} fewer)"


def _requests(digest: Digest) -> list[Block]:
    parts = (
        ("Waiting for a decision", digest.pending),
        ("Running", digest.running),
        ("Ended since yesterday", digest.finished),
    )
    return [
        section(f"*{words}*\n{listed([_request(r) for r in lines], SHOWN_REQUESTS)}")
        for words, lines in parts
        if lines
    ]


def _request(line: RequestLine) -> str:
    what = escape(f"{work(line.action, line.targets)} at {line.client_name}", 150)
    counts = f": {line.counts}" if line.counts else ""
    return f"{STATE_WORDS[line.state]} · *{line.request_id}* {what}{counts}"


def _footer(digest: Digest) -> str:
    words = "`/mfa gaps` · `/patch overdue` · `/gatehouse help`"
    if digest.audit_head is None:
        return words
    return f"{words} · audit entry {digest.audit_count}, {digest.audit_head[:16]}"
