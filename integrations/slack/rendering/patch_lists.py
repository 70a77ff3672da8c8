"""/patch overdue: the overview of all clients, and one client's devices."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import (
    AgeBasis,
    DeviceTrouble,
    DeviceVerdict,
    LineVerdict,
    PatchSection,
    Snapshot,
)
from core.domain.patching import DeviceKind, Severity
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
from integrations.slack.rendering.mrkdwn import ago, bold, code, escape, plural
from integrations.slack.rendering.paging import controls, page_of, position

FILTERS: Mapping[str, str] = {
    "gaps": "Overdue",
    "servers": "Servers that are overdue or not fine",
    "not_fine": "Not fine for another reason",
    "unknown": "Could not be judged",
    "all": "All devices",
}
_WANTED: Mapping[str, Callable[[DeviceVerdict], bool]] = {
    "gaps": lambda d: d.overdue is Fact.YES,
    "servers": lambda d: d.kind is not DeviceKind.WORKSTATION and not d.fine,
    "not_fine": lambda d: bool(d.troubles),
    "unknown": lambda d: d.overdue is Fact.UNKNOWN,
    "all": lambda _d: True,
}
TROUBLE_WORDS: Mapping[DeviceTrouble, str] = {
    DeviceTrouble.NO_POLICY: "no patch policy",
    DeviceTrouble.NO_RECENT_SCAN: "no recent scan",
    DeviceTrouble.END_OF_LIFE: "system out of support",
    DeviceTrouble.WAITING_FOR_REBOOT: "waiting for a restart",
    DeviceTrouble.INSTALL_FAILED: "an install failed",
    DeviceTrouble.REJECTED: "an update was rejected",
    DeviceTrouble.COUNTS_ONLY: "counts only, no list",
    DeviceTrouble.NOT_READ: "updates not read",
}
SHOWN_CLIENTS, SHOWN_LINES = 25, 3


def overview(rows: Sequence[tuple[Client, Snapshot | None]], *, now: datetime) -> Message:
    """One line per client, worst first, each with a button to its list."""
    ordered = sorted(rows, key=lambda row: -_overdue_count(row[1]))
    total = sum(_overdue_count(snapshot) for _, snapshot in rows)
    blocks: list[Block] = [header("Overdue patches")]
    for client, snapshot in ordered[:SHOWN_CLIENTS]:
        view = ListView(client=client.key).encode()
        label = f"Show the overdue devices of {client.name}"
        opens = button("Show", Act.PATCH_LIST, view, label=label)
        blocks.append(section(_overview_line(client, snapshot, now), accessory=opens))
    if len(rows) > SHOWN_CLIENTS:
        blocks.append(context(f"and {len(rows) - SHOWN_CLIENTS} more clients: /patch overdue NAME"))
    blocks.append(actions(button("Refresh", Act.REFRESH, f"patch {ListView().encode()}")))
    return message(f"{plural(total, 'overdue device')} at {plural(len(rows), 'client')}", blocks)


def overdue(
    client: Client,
    snapshot: Snapshot,
    view: ListView,
    *,
    now: datetime,
    may_request: bool,
    vendor_names: Mapping[str, str],
) -> Message:
    """One client's devices under a filter, a page at a time. `vendor_names` is by account."""
    part = snapshot.patches
    if part is None:
        return _nothing_read(client, snapshot)
    wanted = _WANTED.get(view.filter, _WANTED["gaps"])
    found = sorted(filter(wanted, part.devices), key=_urgency)
    sources = {vendor_names.get(binding.account, binding.account) for binding in client.rmm}
    blocks: list[Block] = [
        header(f"Overdue patches · {client.name}"),
        section(f"{_summary(part, now)} · {escape(', '.join(sorted(sources)))}"),
        *unread_blocks((*part.coverage.unread, *failing(snapshot, "patches"))),
        *[section(_line(device, now)) for device in page_of(found, view)],
        context(f"{FILTERS.get(view.filter, FILTERS['gaps'])}: {position(found, view)}"),
        *controls(
            view,
            found,
            filters=FILTERS,
            act_list=Act.PATCH_LIST,
            act_filter=Act.PATCH_FILTER,
            act_csv=Act.PATCH_CSV,
            more=_request_button(client) if may_request else (),
        ),
    ]
    return message(f"{plural(len(part.overdue()), 'overdue device')} at {client.name}", blocks)


def _request_button(client: Client) -> Sequence[Element]:
    label = f"Ask for patch work at {client.name}"
    return (button("Patch devices…", Act.PATCH_FORM, client.key, style="primary", label=label),)


def _nothing_read(client: Client, snapshot: Snapshot) -> Message:
    unread = failing(snapshot, "patches")
    if not client.rmm:
        words = "No RMM is configured for this client."
    elif unread:
        words = "❔ These devices could never be read, so nothing is known about their patches."
    else:
        words = "These devices have not been read yet; the first scan is on its way."
    blocks = [header(f"Overdue patches · {client.name}"), section(words), *unread_blocks(unread)]
    return message(f"Patches at {client.name}: nothing read", blocks)


def _overdue_count(snapshot: Snapshot | None) -> int:
    if snapshot is None or snapshot.patches is None:
        return 0
    return len(snapshot.patches.overdue())


def _overview_line(client: Client, snapshot: Snapshot | None, now: datetime) -> str:
    name = bold(client.name)
    if not client.rmm:
        return f"{name}\nno RMM configured"
    if snapshot is None or snapshot.patches is None:
        return f"{name}\n❔ never read"
    return f"{name}\n{_summary(snapshot.patches, now)}" + (
        "\n❔ the newest reading failed" if failing(snapshot, "patches") else ""
    )


def _summary(part: PatchSection, now: datetime) -> str:
    late, unknown = part.overdue(), part.unknown()
    servers = sum(d.kind is not DeviceKind.WORKSTATION for d in late)
    troubled = sum(bool(d.troubles) for d in part.devices)
    words = [f"*{len(late)} overdue* of {plural(len(part.devices), 'device')}"]
    if servers:
        words.append(f"🖥️ {plural(servers, 'server')} among them")
    if unknown:
        words.append(f"❔ {len(unknown)} could not be judged")
    if troubled:
        words.append(f"{troubled} not fine for another reason")
    if not late and not unknown and not troubled and part.coverage.complete:
        words.append("✅ everything was read")
    return f"{', '.join(words)} · {freshness(part.observed_at, now)}"


def _urgency(device: DeviceVerdict) -> tuple[bool, bool, int, int, str]:
    worst = device.worst
    rank = list(Severity).index(worst.severity) if worst is not None else len(Severity)
    age = worst.age_days if worst is not None else 0
    server = device.kind is not DeviceKind.WORKSTATION
    return (device.overdue is not Fact.YES, not server, rank, -age, device.name.lower())


def _line(device: DeviceVerdict, now: datetime) -> str:
    icon = {Fact.YES: "🔴", Fact.UNKNOWN: "❔", Fact.NO: "🟡" if device.troubles else "🟢"}
    marks = [
        "🖥️ server" if device.kind is DeviceKind.SERVER else "",
        "protected" if device.protected else "",
        _online(device, now),
    ]
    said = "".join(f" · {mark}" for mark in marks if mark)
    lines = [f"{icon[device.overdue]} {code(device.name)}{said}"]
    shown = sorted(device.lines, key=lambda v: (v.overdue is not Fact.YES, -v.age_days))
    lines += [_age(verdict) for verdict in shown[:SHOWN_LINES]]
    if len(shown) > SHOWN_LINES:
        lines.append(f"_and {len(shown) - SHOWN_LINES} more updates_")
    if device.troubles:
        troubles = sorted(TROUBLE_WORDS[trouble] for trouble in device.troubles)
        lines.append(f"⚠️ {', '.join(troubles)}{_counts(device)}")
    return "\n".join(lines)


def _online(device: DeviceVerdict, now: datetime) -> str:
    if device.online is Fact.YES:
        return ""
    seen = f", last seen {ago(device.last_seen, now)}" if device.last_seen else ""
    return f"offline{seen}" if device.online is Fact.NO else "online unknown"


def _counts(device: DeviceVerdict) -> str:
    counts = device.counts
    if counts is None or counts.approved is None:
        return ""
    return f" ({counts.approved} approved and waiting, {counts.not_approved or 0} not approved)"


def _age(verdict: LineVerdict) -> str:
    days = plural(verdict.age_days, "day")
    basis = {
        AgeBasis.RELEASED: f"missing for {days} since its release",
        AgeBasis.LAST_CLEAN: f"missing for {days}, last clean {verdict.since:%d %b}",
        AgeBasis.WATCHING: f"watching since {verdict.since:%d %b}",
    }[verdict.basis]
    kb = f" {code(verdict.kb)}" if verdict.kb else ""
    late = f"{basis}, allowed {verdict.allowed_days}"
    return f"{escape(verdict.line)}{kb} · {verdict.severity.value} · {late}"
