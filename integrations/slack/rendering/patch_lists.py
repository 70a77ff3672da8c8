"""/patch overdue: the overview of all clients, and one client's devices."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from core.domain.clients import Client, ClientKey
from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, DeviceVerdict, PatchSection, Snapshot
from core.domain.identity import DirectoryDevice
from core.domain.patching import DeviceKind, Severity
from core.rules.numbers import numbers_of
from core.rules.unmanaged import unmanaged
from integrations.slack.rendering.blocks import (
    Element,
    button,
    context,
    header,
    message,
    section,
)
from integrations.slack.rendering.client_lists import Overview, never_read
from integrations.slack.rendering.coverage import (
    failing,
    freshness,
    register_unread,
    stale_note,
    unread_blocks,
)
from integrations.slack.rendering.device_words import (
    TROUBLE_WORDS,
    device_line,
    stray_line,
    strays_words,
)
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView, Message
from integrations.slack.rendering.mrkdwn import bold, escape, in_a_row, plural
from integrations.slack.rendering.paging import controls, page_of, position

#: This filter shows what the directory knows instead of what the RMM does.
STRAYS = "strays"
#: And this one what other clients list, too, with what is shown there alone.
TWICE = "twice"
FILTERS: Mapping[str, str] = {
    "gaps": "Overdue",
    "servers": "Servers with anything wrong",
    "not_fine": "With another problem",
    "unknown": "Could not be judged",
    STRAYS: "In Entra, but in no RMM",
    TWICE: "Listed under two clients",
    "all": "All devices",
    **{trouble: f"Only: {words}" for trouble, words in TROUBLE_WORDS.items()},
}
_WANTED: Mapping[str, Callable[[DeviceVerdict], bool]] = {
    "gaps": lambda d: d.overdue is Fact.YES,
    "servers": lambda d: d.kind is not DeviceKind.WORKSTATION and not d.fine,
    "not_fine": lambda d: bool(d.problems),
    "unknown": lambda d: d.overdue is Fact.UNKNOWN,
    "all": lambda _d: True,
}


def overview(rows: Sequence[tuple[Client, Snapshot | None]], *, now: datetime) -> Message:
    """One line per client, most overdue first, then what is not known, each with a button to its list."""
    shown = Overview(
        noun="overdue device",
        opens=Act.PATCH_LIST,
        command="/patch overdue",
        refresh="patch",
        count=_overdue_count,
        icon=_icon,
    )
    return shown.message(rows, lambda client, snapshot: _overview_line(client, snapshot, now))


def overdue(
    client: Client,
    snapshot: Snapshot,
    view: ListView,
    *,
    now: datetime,
    may_request: bool,
    vendor_names: Mapping[str, str],
    client_names: Mapping[ClientKey, str] = MappingProxyType({}),
) -> Message:
    """One client's devices under a filter, a page at a time.

    `vendor_names` is by account; `client_names` are the clients whoever asked may know of.
    """
    part = snapshot.patches
    if part is None:
        return _nothing_read(client, snapshot)
    found = _found(part, snapshot, view)
    sources = {vendor_names.get(binding.account, binding.account) for binding in client.rmm}
    source = in_a_row([escape(name) for name in sorted(sources)], 3)
    unread = (*part.coverage.unread, *failing(snapshot, "patches"), *register_unread(snapshot))
    blocks: list[Block] = [
        header(f"Overdue patches · {client.name}"),
        section(f"{_summary(part, snapshot, now)}{f' from {source}' if source else ''}"),
        *unread_blocks(unread),
        *[section(_line(item, now, vendor_names, client_names)) for item in page_of(found, view)],
        context(f"{FILTERS.get(view.filter, FILTERS['gaps'])}: {position(found, view)}"),
        *controls(
            view,
            found,
            filters=FILTERS,
            act_list=Act.PATCH_LIST,
            act_back=Act.PATCH_BACK,
            act_filter=Act.PATCH_FILTER,
            act_csv=Act.PATCH_CSV,
            more=_request_button(client) if may_request else (),
        ),
    ]
    known = "" if not unread else ", not everything could be read"
    return message(
        f"{plural(len(part.overdue()), 'overdue device')} at {client.name}{known}", blocks
    )


def _found(
    part: PatchSection, snapshot: Snapshot, view: ListView
) -> Sequence[DeviceVerdict | DirectoryDevice]:
    """Everything under the filter, in the order it is shown."""
    if view.filter == STRAYS:
        return unmanaged(snapshot) or ()
    if view.filter == TWICE:
        return (*(d for d in part.devices if d.also_under), *part.elsewhere)
    return sorted(filter(_wanted(view.filter), part.devices), key=_urgency)


def _wanted(chosen: str) -> Callable[[DeviceVerdict], bool]:
    """What a filter lets through; one that no longer exists shows what is overdue."""
    if chosen in TROUBLE_WORDS:
        return lambda d: chosen in d.troubles
    return _WANTED.get(chosen, _WANTED["gaps"])


def _line(
    found: DeviceVerdict | DirectoryDevice,
    now: datetime,
    vendor_names: Mapping[str, str],
    client_names: Mapping[ClientKey, str],
) -> str:
    if isinstance(found, DirectoryDevice):
        return stray_line(found, now)
    return device_line(found, now, vendor_names, client_names)


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
        words = "❔ These devices have not been read yet; the first scan is on its way."
    return never_read(
        client, words, unread, title="Overdue patches", refresh="patch", what="Patches"
    )


# One client in the overview.


def _overdue_count(snapshot: Snapshot | None) -> int:
    if snapshot is None or snapshot.patches is None:
        return 0
    return len(snapshot.patches.overdue())


def _icon(client: Client, snapshot: Snapshot | None) -> str:
    """Green only where everything was read and every device is fine."""
    if not client.rmm:
        return "⚪"
    if snapshot is None or snapshot.patches is None:
        return "❔"
    part = snapshot.patches
    if part.overdue():
        return "🔴"
    if part.unknown() or not part.coverage.complete or failing(snapshot, "patches"):
        return "❔"
    if all(device.fine for device in part.devices) and not unmanaged(snapshot):
        return "🟢"
    wrong = any(device.problems for device in part.devices) or unmanaged(snapshot)
    return "🟡" if wrong else "⚪"


def _overview_line(client: Client, snapshot: Snapshot | None, now: datetime) -> str:
    name = f"{_icon(client, snapshot)} {bold(client.name)}"
    if not client.rmm:
        return f"{name}\nno RMM configured"
    if snapshot is None or snapshot.patches is None:
        return f"{name}\nnever read"
    return f"{name}\n{_summary(snapshot.patches, snapshot, now)}"


def _summary(part: PatchSection, snapshot: Snapshot, now: datetime) -> str:
    late, unknown, failed = part.overdue(), part.unknown(), failing(snapshot, "patches")
    servers = sum(d.kind is DeviceKind.SERVER for d in late)
    troubled = numbers_of(snapshot).troubled_devices
    words = [f"*{len(late)} overdue* of {plural(len(part.devices), 'device')}"]
    if servers:
        words.append(f"🖥️ {plural(servers, 'server')} among them")
    if unknown:
        words.append(f"❔ {len(unknown)} could not be judged")
    if troubled:
        words.append(f"🟡 {troubled} with another problem")
    counted = sum(DeviceTrouble.COUNTS_ONLY in device.troubles for device in part.devices)
    if counted:
        words.append(f"⚪ {counted} known by counts only")
    strays = unmanaged(snapshot)
    if strays:
        words.append(f"🔌 {strays_words(len(strays))}")
    words += _listed_twice(part)
    if not part.coverage.complete:
        words.append("❔ not everything was read")
    if failed:
        words.append(stale_note(failed))
    return f"{', '.join(words)} · {freshness(part.observed_at, now)}"


def _listed_twice(part: PatchSection) -> Iterator[str]:
    shared = sum(bool(device.also_under) for device in part.devices)
    if shared:
        yield f"🔀 {shared} listed under another client, too"
    if part.elsewhere:
        yield f"🔀 {len(part.elsewhere)} listed here and shown under another client"


def _urgency(device: DeviceVerdict) -> tuple[bool, bool, int, int, str]:
    worst = device.worst
    rank = list(Severity).index(worst.severity) if worst is not None else len(Severity)
    age = worst.age_days if worst is not None else 0
    server = device.kind is not DeviceKind.WORKSTATION
    return (device.overdue is not Fact.YES, not server, rank, -age, device.name.lower())
