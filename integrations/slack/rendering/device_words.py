"""One device and its missing updates in a few lines."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from core.domain.clients import ClientKey
from core.domain.facts import Fact
from core.domain.findings import AgeBasis, DeviceTrouble, DeviceVerdict, LineVerdict
from core.domain.identity import DirectoryDevice
from core.domain.patching import DeviceKind, PatchCounts, PatchState, Severity
from core.rules.product_lines import stands_alone
from integrations.slack.rendering.mrkdwn import (
    ago,
    calendar_day,
    code,
    escape,
    in_a_row,
    moment,
    plural,
)

TROUBLE_WORDS: Mapping[DeviceTrouble, str] = {
    DeviceTrouble.NO_POLICY: "no patch policy",
    DeviceTrouble.NO_RECENT_SCAN: "no recent scan",
    DeviceTrouble.END_OF_LIFE: "system out of support",
    DeviceTrouble.WAITING_FOR_REBOOT: "waiting for a restart",
    DeviceTrouble.INSTALL_FAILED: "an install failed",
    DeviceTrouble.REJECTED: "an update was rejected",
    DeviceTrouble.SUPERSEDED: "what is approved was replaced by a release that is not",
    DeviceTrouble.STUCK: "an approved update does not get installed",
    DeviceTrouble.COUNTS_ONLY: "the RMM tells counts only",
    DeviceTrouble.NOT_READ: "its updates could not be read",
}
_SEVERITY_WORDS: Mapping[Severity, str] = {Severity.UNRANKED: "no severity given"}
_STATE_WORDS: Mapping[PatchState, str] = {
    PatchState.APPROVED: "approved",
    PatchState.REJECTED: "rejected",
    PatchState.FAILED: "install failed",
}
SHOWN_LINES = 2
_SHOWN_CVES, _ROOM_OF_A_CVE = 3, 20


def device_line(
    device: DeviceVerdict,
    now: datetime,
    vendor_names: Mapping[str, str] = MappingProxyType({}),
    client_names: Mapping[ClientKey, str] = MappingProxyType({}),
) -> str:
    """The device, its most overdue updates, and what else is not fine about it.

    `vendor_names` is by account; `client_names` are the clients whoever reads it may know of.
    """
    marks = [
        {DeviceKind.SERVER: "🖥️ server", DeviceKind.UNKNOWN: "server or not: unknown"}.get(
            device.kind, ""
        ),
        "protected" if device.protected else "",
        _online(device, now),
        _sources(device, vendor_names),
        _other_clients(device, client_names),
    ]
    said = "".join(f" · {mark}" for mark in marks if mark)
    lines = [f"{_icon(device)} {code(device.name)}{said}"]
    shown = sorted(device.lines, key=lambda v: (v.overdue is not Fact.YES, -v.age_days))
    lines += [_update(verdict) for verdict in shown[:SHOWN_LINES]]
    if len(shown) > SHOWN_LINES:
        lines.append(f"_and {plural(len(shown) - SHOWN_LINES, 'more update')}_")
    for sign, troubles in (("⚠️", device.problems), ("⚪", device.troubles - device.problems)):
        if troubles:
            lines.append(f"{sign} {', '.join(sorted(_trouble(device, item) for item in troubles))}")
    return "\n".join(lines)


def _icon(device: DeviceVerdict) -> str:
    """White: nothing is known to be wrong, and not enough is known to call it fine."""
    if device.overdue is Fact.NO:
        return "🟢" if device.fine else "🟡" if device.problems else "⚪"
    return "🔴" if device.overdue is Fact.YES else "❔"


def stray_line(device: DirectoryDevice, now: datetime) -> str:
    """A computer that signs in to Entra and is in no RMM."""
    seen = f" · last signed in {ago(device.last_sign_in, now)}" if device.last_sign_in else ""
    return f"🔌 {code(device.name)} · {escape(device.os, 30)}{seen}"


def strays_words(count: int) -> str:
    return f"{plural(count, 'computer')} in Entra, but in no RMM"


def _online(device: DeviceVerdict, now: datetime) -> str:
    if device.online is Fact.YES:
        return ""
    seen = f", last seen {ago(device.last_seen, now)}" if device.last_seen else ""
    return f"offline{seen}" if device.online is Fact.NO else "online or not: unknown"


def _sources(device: DeviceVerdict, vendor_names: Mapping[str, str]) -> str:
    """Where it is seen, if that is more than one place."""
    if not device.also_in:
        return ""
    accounts = (device.account, *device.also_in)
    return f"in {in_a_row([escape(vendor_names.get(a, a)) for a in accounts], 3)}"


def _other_clients(device: DeviceVerdict, client_names: Mapping[ClientKey, str]) -> str:
    """Which other clients list it, if any do; only those that may be known are named."""
    if not device.also_under:
        return ""
    known = [escape(client_names[key]) for key in device.also_under if key in client_names]
    return f"also listed under {in_a_row(known, 3) if known else 'another client'}"


def _trouble(device: DeviceVerdict, trouble: DeviceTrouble) -> str:
    words = TROUBLE_WORDS[trouble]
    counts = device.counts
    if trouble is DeviceTrouble.NO_RECENT_SCAN and device.last_scan is not None:
        return f"{words} (last {moment(device.last_scan)})"
    if trouble is DeviceTrouble.END_OF_LIFE and device.os:
        return f"{words} ({escape(device.os, 50)})"
    if trouble is DeviceTrouble.COUNTS_ONLY and counts is not None:
        numbers = _numbers(counts)
        return f"{words}: {numbers}" if numbers else words
    return words


def _numbers(counts: PatchCounts) -> str:
    """Such as "5 approved, 1 not approved", or "6 missing (2 critical, 4 with no severity given)"."""
    told = {
        "approved": counts.approved,
        "not approved": counts.not_approved,
        "missing": counts.missing,
    }
    numbers = ", ".join(f"{count} {what}" for what, count in told.items() if count is not None)
    grades = (
        f"{counts.by_severity[grade]} {_SEVERITY_WORDS.get(grade, grade.value)}"
        for grade in Severity
        if counts.by_severity.get(grade)
    )
    graded = ", ".join(grades)
    return f"{numbers} ({graded})" if graded else numbers


def _update(verdict: LineVerdict) -> str:
    """Such as "45 days since the oldest release missed, allowed 14 · critical · Microsoft Edge"."""
    parts = [
        f"{_age(verdict)}, allowed {verdict.allowed_days}",
        _SEVERITY_WORDS.get(verdict.severity, verdict.severity.value),
        _STATE_WORDS.get(verdict.state, ""),
        f"{escape(verdict.line, 60)}{f' {code(verdict.kb, 20)}' if verdict.kb else ''}",
        in_a_row([escape(cve, _ROOM_OF_A_CVE) for cve in verdict.cves], _SHOWN_CVES),
        *held_up(verdict),
    ]
    return " · ".join(part for part in parts if part)


def held_up(verdict: LineVerdict) -> Iterator[str]:
    """Why what is approved of it does not help."""
    if verdict.superseded:
        yield "only an older release is approved"
    if verdict.stuck_days:
        yield f"approved and not installed on {plural(verdict.stuck_days, 'day')} online"


def _age(verdict: LineVerdict) -> str:
    """From when it is counted; our own watching tells the least age it can have."""
    days = plural(verdict.age_days, "day")
    match verdict.basis:
        case AgeBasis.RELEASED:
            least = "at least " if verdict.overdue is Fact.UNKNOWN else ""
            oldest = "its release" if stands_alone(verdict.line) else "the oldest release missed"
            return f"{least}{days} since {oldest}"
        case AgeBasis.LAST_CLEAN:
            return f"{days} since it was last clean"
        case AgeBasis.WATCHING if verdict.overdue is Fact.YES:
            return f"at least {days} (watching since {calendar_day(verdict.since)})"
        case AgeBasis.WATCHING:
            return f"age unknown (watching since {calendar_day(verdict.since)})"
