"""Which devices miss updates longer than policy allows, judged per product line, with what is remembered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.domain.clients import Client
from core.domain.facts import Coverage, Fact
from core.domain.findings import AgeBasis, DeviceVerdict, LineVerdict, PatchSection
from core.domain.patching import (
    Device,
    DeviceId,
    History,
    LineHistory,
    Patch,
    PatchState,
    ProductLine,
    RmmReading,
    Severity,
)
from core.domain.policy import OverduePolicy
from core.rules.approved_lines import days_stuck, superseded
from core.rules.device_state import Look, is_protected, look_at, troubles
from core.rules.line_history import (
    WATCH,
    follow,
    forgotten,
    is_software,
    unseen_line,
    watched,
    worth_keeping,
)
from core.rules.logic import any_of
from core.rules.nights import roles_of
from core.rules.product_lines import (
    class_of,
    counts_when_missing,
    line_of,
    rank_of,
    stands_alone,
)

#: The one line of a device whose vendor only counts.
COUNTED = ProductLine("All updates (counted)")

_Lines = Mapping[ProductLine, LineHistory]
_ByLine = Mapping[ProductLine, tuple[Patch, ...]]


def judge_patches(
    readings: Sequence[RmmReading],
    history: History,
    client: Client,
    policy: OverduePolicy,
    *,
    now: datetime,
) -> tuple[PatchSection, History]:
    """Judge every device of one client, and give the history to count on from next time.

    Devices that were not read keep theirs: neither a failed read nor a quiet day makes anything younger.
    """
    judge = _Judge(client=client, policy=policy, now=now)
    verdicts: list[DeviceVerdict] = []
    after = {key: lines for key, lines in history.items() if not forgotten(lines, now)}
    for reading in readings:
        for device, rows in _with_rows(reading):
            look = look_at(device, rows, reading, policy, now)
            missing, installed = _sort_out(look)
            if look.known:
                before = after.get(device.id, {})
                after[device.id] = _remember(before, missing, installed, look, reading.observed_at)
            verdict = judge.device(look, missing, after.get(device.id, {}))
            verdicts.append(replace(verdict, read_at=reading.observed_at))
    return _section(readings, verdicts, now), after


def _with_rows(reading: RmmReading) -> Iterator[tuple[Device, list[Patch]]]:
    rows: defaultdict[DeviceId, list[Patch]] = defaultdict(list)
    for patch in reading.patches:
        rows[patch.device_id].append(patch)
    for device in reading.devices:
        yield device, rows[device.id]


def _section(
    readings: Sequence[RmmReading], verdicts: Sequence[DeviceVerdict], now: datetime
) -> PatchSection:
    unread = tuple(item for reading in readings for item in reading.coverage.unread)
    names = (reading.organisation_name for reading in readings)
    return PatchSection(
        observed_at=min((reading.observed_at for reading in readings), default=now),
        devices=tuple(sorted(verdicts, key=urgency)),
        coverage=Coverage(unread=unread),
        organisation_names=tuple(name for name in names if name),
        main_domain=_main_domain(d for reading in readings for d in reading.devices),
    )


def _main_domain(devices: Iterable[Device]) -> str | None:
    """The domain of most devices; a workgroup's name is none, and a tie tells nothing."""
    domains = Counter(d.domain.casefold() for d in devices if d.domain and "." in d.domain)
    ranked = domains.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):  # noqa: PLR2004 - a tie of two
        return None
    return ranked[0][0]


def urgency(verdict: DeviceVerdict) -> tuple[int, int, int, str, str]:
    """Overdue first, worst severity and oldest first among them."""
    overdue = (Fact.YES, Fact.UNKNOWN, Fact.NO).index(verdict.overdue)
    worst = verdict.worst
    severity = list(Severity).index(worst.severity) if worst else len(Severity)
    age = -worst.age_days if worst else 0
    return (overdue, severity, age, verdict.name.casefold(), verdict.device_id)


# Sorting out and remembering.


def _sort_out(look: Look) -> tuple[_ByLine, _ByLine]:
    """What is missing and what was installed, by line; without what never counts or was replaced."""
    if look.counts_only:
        return ({COUNTED: look.missing} if look.missing else {}), {}
    installed = _by_line(look.device, look.installed)
    missing = {
        line: tuple(p for p in patches if _still_counts(p, installed.get(line, ())))
        for line, patches in _by_line(look.device, look.missing).items()
    }
    return {line: patches for line, patches in missing.items() if patches}, installed


def _remember(
    before: _Lines, missing: _ByLine, installed: _ByLine, look: Look, at: datetime
) -> _Lines:
    watch = before.get(WATCH)
    lines = {
        line: follow(
            before.get(line) or unseen_line(watch),
            missing.get(line, ()),
            installed.get(line, ()),
            absence_counts=_absence_counts(look, before.get(line)),
            able=look.able,
            at=at,
        )
        for line in {*missing, *installed, *before} - {WATCH}
    }
    if look.whole:
        watch = watched(watch, at)
    kept = {line: entry for line, entry in lines.items() if worth_keeping(entry, watch)}
    return kept if watch is None else {WATCH: watch, **kept}


def _absence_counts(look: Look, before: LineHistory | None) -> bool:
    """Whether what is not listed of a line is not missing."""
    told = look.software_told or before is None or not is_software(before)
    return look.whole and told


def _by_line(device: Device, patches: Iterable[Patch]) -> _ByLine:
    lines: defaultdict[ProductLine, list[Patch]] = defaultdict(list)
    for patch in patches:
        line = line_of(patch, device)
        if line is not None:
            lines[line].append(patch)
    return {line: tuple(some) for line, some in lines.items()}


def _still_counts(patch: Patch, installed: Sequence[Patch]) -> bool:
    if not counts_when_missing(patch):
        return False
    replaced = any(() < rank_of(patch) < rank_of(newer) for newer in installed)
    retried = patch.state is PatchState.FAILED and any(p.key == patch.key for p in installed)
    return not (replaced or retried)


# Judging.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judge:
    """Judges the devices of one client at one moment; days are the client's own."""

    client: Client
    policy: OverduePolicy
    now: datetime

    def device(self, look: Look, missing: _ByLine, history: _Lines) -> DeviceVerdict:
        listed = [patch for patches in missing.values() for patch in patches]
        lines = tuple(
            sorted(
                (self._line(look, line, some, history[line]) for line, some in missing.items()),
                key=_line_urgency,
            )
        )
        device = look.device
        return DeviceVerdict(
            device_id=device.id,
            account=device.account,
            name=device.name,
            kind=device.kind,
            os=device.os,
            online=device.online,
            last_seen=device.last_seen,
            last_scan=device.last_scan,
            overdue=_overdue(look, lines, vanished=self._vanished(history, missing)),
            lines=lines,
            troubles=troubles(look, listed, lines, self._day(self.now)),
            counts=device.counts,
            protected=is_protected(device, self.client),
            roles=roles_of(device.tags),
            domain=device.domain,
            serial=device.serial,
        )

    def _line(
        self, look: Look, line: ProductLine, missing: Sequence[Patch], history: LineHistory
    ) -> LineVerdict:
        newest = max(missing, key=lambda patch: (rank_of(patch), patch.title))
        severity = min((patch.severity for patch in missing), key=list(Severity).index)
        since, basis = self._since(history)
        age = max((self._day(self.now) - since).days, 0)
        allowed = self.policy.days[look.device.kind][severity]
        return LineVerdict(
            line=line,
            title=newest.title,
            kb=newest.kb,
            severity=severity,
            state=newest.state,
            since=since,
            basis=basis,
            age_days=age,
            allowed_days=allowed,
            overdue=Fact.NO
            if self._spared(line)
            else _is_overdue(age, allowed, at_least=_is_lower_bound(line, basis, history)),
            superseded=not self._spared(line) and superseded(missing),
            stuck_days=0
            if self._spared(line)
            else days_stuck(history, missing, self.policy.stuck_days),
            cves=_cves(missing),
        )

    def _vanished(self, history: _Lines, missing: _ByLine) -> bool:
        """Something that was missing is listed no more, and nobody saw it being installed."""
        return any(
            entry.missing_since is not None and line not in missing and not self._spared(line)
            for line, entry in history.items()
        )

    def _spared(self, line: ProductLine) -> bool:
        return class_of(line) in self.policy.never_overdue

    def _since(self, history: LineHistory) -> tuple[date, AgeBasis]:
        """Release of the oldest update missed; else when last clean; else our first sight."""
        seen = self._day(history.missing_since or self.now)
        released = history.oldest_release
        if released is not None and released <= seen:
            return released, AgeBasis.RELEASED
        if history.last_clean is not None:
            return self._day(history.last_clean), AgeBasis.LAST_CLEAN
        return seen, AgeBasis.WATCHING

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.client.zone).date()


def _cves(missing: Sequence[Patch]) -> tuple[str, ...]:
    """Each once, the newest first: by year, then by number."""
    named = {cve for patch in missing for cve in patch.cves}
    return tuple(sorted(named, key=lambda cve: (cve[:8], len(cve), cve), reverse=True))


def _is_overdue(age: int, allowed: int, *, at_least: bool) -> Fact:
    """The least age it can have may prove "overdue", but never "not yet"."""
    if age > allowed:
        return Fact.YES
    return Fact.UNKNOWN if at_least else Fact.NO


def _is_lower_bound(line: ProductLine, basis: AgeBasis, history: LineHistory) -> bool:
    """Our own watching tells the least age only; so does a release that may have replaced missed ones."""
    if basis is AgeBasis.RELEASED and stands_alone(line):
        return False
    return history.last_clean is None


def _overdue(look: Look, lines: Sequence[LineVerdict], *, vanished: bool) -> Fact:
    found = any_of(line.overdue for line in lines)
    if found is not Fact.NO:
        return found
    told = look.whole or (look.known and not look.stale and bool(look.missing))
    return Fact.NO if told and not vanished else Fact.UNKNOWN


def _line_urgency(line: LineVerdict) -> tuple[int, int, int, str]:
    overdue = (Fact.YES, Fact.UNKNOWN, Fact.NO).index(line.overdue)
    return (overdue, list(Severity).index(line.severity), -line.age_days, line.line)
