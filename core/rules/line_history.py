"""What is remembered of one product line on one device, so that ages grow and nothing resets them by chance.

A line is clean again when an install was seen, or when nothing of it was listed for some days on end: the
day on which last month's update has vanished and this month's is not yet found proves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from core.domain.patching import Family, LineHistory, Patch, ProductLine, family_of
from core.rules.approved_lines import waited
from core.rules.product_lines import first_missed, released_on

#: How long nothing of a line has to be listed before that counts as clean.
QUIET = timedelta(days=3)
#: Stands for all lines of a device: `quiet_since` is our first good look at it, `last_clean` our last.
WATCH = ProductLine("*")
_FORGOTTEN_AFTER = timedelta(days=180)


def follow(
    before: LineHistory,
    missing: Sequence[Patch],
    installed: Sequence[Patch],
    *,
    absence_counts: bool,
    able: bool,
    at: datetime,
) -> LineHistory:
    """The history after a look at the line at `at`.

    `absence_counts`: the device was read so well that what is not listed is not missing. `able`: it could
    install what is approved.
    """
    times = [p.installed_at for p in installed if p.installed_at and p.installed_at <= at]
    install = max(times, default=None)
    if missing:
        oldest = _oldest_release(before, missing, installed, at.date())
        after = _still_missing(before, missing, install, oldest, at)
        return waited(after, missing, at) if able else after
    return _not_listed(before, install, absence_counts=absence_counts, at=at)


def watched(before: LineHistory | None, at: datetime) -> LineHistory:
    """The WATCH entry after a good look at the device."""
    since = before.quiet_since if before and before.quiet_since else at
    return LineHistory(quiet_since=since, last_clean=at)


def unseen_line(watch: LineHistory | None) -> LineHistory:
    """What is known of a line that was never listed: it was clean at our last look, if we looked for long."""
    if watch is None or not _settled(watch):
        return LineHistory()
    return LineHistory(last_clean=watch.last_clean)


def worth_keeping(line: LineHistory, watch: LineHistory | None) -> bool:
    """A clean line needs no entry of its own once the device is watched."""
    return line.missing_since is not None or watch is None or not _settled(watch)


def is_software(line: LineHistory) -> bool:
    """Whether what was missing of it last was another maker's."""
    return any(family_of(key) is Family.SOFTWARE for key in line.first_seen)


def forgotten(lines: Mapping[ProductLine, LineHistory], at: datetime) -> bool:
    """A device that was not read for half a year is gone."""
    watch = lines.get(WATCH)
    last = watch.last_clean if watch else None
    return last is not None and at - last > _FORGOTTEN_AFTER


def _settled(watch: LineHistory) -> bool:
    first, last = watch.quiet_since, watch.last_clean
    return first is not None and last is not None and last - first >= QUIET


def _still_missing(
    before: LineHistory,
    missing: Sequence[Patch],
    install: datetime | None,
    oldest: date | None,
    at: datetime,
) -> LineHistory:
    seen = {patch.key: before.first_seen.get(patch.key, at) for patch in missing}
    if before.missing_since is None:
        return LineHistory(
            missing_since=at,
            last_clean=_latest(before.last_clean, install),
            oldest_release=oldest,
            first_seen=seen,
            last_install=install,
        )
    if install is not None and _is_news(install, before):
        first = min(seen.values())
        return LineHistory(
            missing_since=first,
            last_clean=min(install, first),
            oldest_release=oldest,
            first_seen=seen,
            last_install=install,
        )
    return replace(
        before,
        oldest_release=min(filter(None, (before.oldest_release, oldest)), default=None),
        first_seen=seen,
        quiet_since=None,
    )


def _not_listed(
    before: LineHistory, install: datetime | None, *, absence_counts: bool, at: datetime
) -> LineHistory:
    if before.missing_since is None or (install is not None and _is_news(install, before)):
        clean = at if absence_counts else _latest(before.last_clean, install)
        return LineHistory(last_clean=clean, last_install=_latest(before.last_install, install))
    if not absence_counts:
        return before
    quiet_since = before.quiet_since or at
    if at - quiet_since < QUIET:
        return replace(before, quiet_since=quiet_since)
    return LineHistory(last_clean=at, last_install=before.last_install)


def _is_news(install: datetime, before: LineHistory) -> bool:
    """An install stays in the vendor's list for weeks; it clears the line once."""
    after_missing = before.missing_since is not None and install > before.missing_since
    return after_missing and (before.last_install is None or install > before.last_install)


def _oldest_release(
    before: LineHistory, missing: Sequence[Patch], installed: Sequence[Patch], today: date
) -> date | None:
    """Of the releases listed, and of those that came out since the last one installed."""
    days = [day for patch in missing if (day := released_on(patch)) is not None and day <= today]
    earlier = first_missed(missing, installed)
    if earlier is not None and not _was_clean_after(before, earlier):
        days.append(earlier)
    return min(days, default=None)


def _was_clean_after(before: LineHistory, release: date) -> bool:
    """We saw it clean since: it was installed by a way the vendor does not list."""
    return before.last_clean is not None and before.last_clean.date() > release


def _latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)
