"""A machine that two RMMs see is one device: shown once, with both sources, by whoever tells most of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict, PatchSection
from core.domain.patching import DeviceKind
from core.rules.logic import any_of
from core.rules.overdue_patches import urgency
from core.rules.serials import telling

_NEVER = datetime.min.replace(tzinfo=UTC)


def shown_once(section: PatchSection) -> PatchSection:
    """The devices of one client, those that are plainly the same machine joined into one."""
    by_name: defaultdict[str, list[DeviceVerdict]] = defaultdict(list)
    for verdict in section.shown_by_account():
        by_name[verdict.name.casefold()].append(verdict)
    twins = [same for same in by_name.values() if _is_one_machine(same)]
    single = [d for same in by_name.values() if not _is_one_machine(same) for d in same]
    return replace(
        section,
        devices=tuple(sorted((*single, *map(_joined, twins)), key=urgency)),
        apart=tuple(verdict for same in twins for verdict in same),
    )


def _is_one_machine(same: Sequence[DeviceVerdict]) -> bool:
    """One of that name in each account, and nothing that speaks against it."""
    accounts = {verdict.account for verdict in same}
    domains = {verdict.domain.casefold() for verdict in same if verdict.domain}
    kinds = {verdict.kind for verdict in same} - {DeviceKind.UNKNOWN}
    serials = {telling(verdict.serial) for verdict in same} - {None}
    agreed = all(len(facts) <= 1 for facts in (domains, kinds, serials))
    return 1 < len(accounts) == len(same) and agreed


def _joined(same: Sequence[DeviceVerdict]) -> DeviceVerdict:
    best, *others = sorted(same, key=_tells_less)
    return replace(joined(best, others), also_in=tuple(other.account for other in others))


def joined(shown: DeviceVerdict, others: Sequence[DeviceVerdict]) -> DeviceVerdict:
    """The judgement of the one that is shown; whatever is wrong at another is wrong."""
    same = (shown, *others)
    late = next((verdict for verdict in same if verdict.overdue is Fact.YES), shown)
    theirs = (trouble for other in others for trouble in other.troubles)
    more = frozenset(trouble for trouble in theirs if not trouble.about_knowing)
    seen = [verdict.last_seen for verdict in same if verdict.last_seen is not None]
    return replace(
        shown,
        overdue=late.overdue,
        lines=late.lines,
        troubles=shown.troubles | more,
        online=any_of(verdict.online for verdict in same),
        last_seen=max(seen, default=None),
        protected=any(verdict.protected for verdict in same),
        roles=frozenset(role for verdict in same for role in verdict.roles),
    )


def _tells_less(verdict: DeviceVerdict) -> tuple[bool, bool, bool, float]:
    """Overdue counts most; then knowing at all, rows rather than counts, and the later look."""
    looked = verdict.last_scan or verdict.last_seen or _NEVER
    return (
        verdict.overdue is not Fact.YES,
        verdict.overdue is Fact.UNKNOWN,
        verdict.counts is not None,
        -looked.timestamp(),
    )
