"""The updates of one device: what it installed over the last months and what it still misses."""

import random
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.estate.model import PatchState, Update
from sandbox.estate.releases import (
    THIRD_PARTY,
    Release,
    definition,
    driver,
    feature,
    last_monthly,
    monthly,
    patch_days,
    third_party,
)
from sandbox.estate.systems import System

_NAMESPACE = uuid.UUID("0f5f86a9-6f0e-4b0e-9a55-6d3b0f3a7c11")
#: Months of installed updates a device remembers.
_HISTORY = 4
#: The latest moment a device can have done anything: nobody has heard of it since.
_LATEST = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How far a device is behind: the newest `months` of the `kinds` never got installed.

    Each month's release replaces the one before, so only the newest is listed (in `state`); the
    older ones are superseded.
    """

    months: int = 0
    state: PatchState = "approved"
    kinds: tuple[str, ...] = ("cumulative",)
    #: Installing what is missing fails, now and again.
    fails: bool = False


IN_STEP = Lag()


def grow_updates(system: System, lag: Lag, rng: random.Random, now: datetime) -> list[Update]:
    """Make up one device's updates as of `now`, oldest first."""
    months = [monthly(system, day) for day in patch_days(now, lag.months + _HISTORY)]
    made = [
        _monthly_update(release, age, lag, rng, now)
        for age, releases in enumerate(months)
        for release in releases
    ]
    if not made:
        made = [_installed(release, rng, now) for release in last_monthly(system)]
    if system.style != "mac":
        made += _extras(system, rng, now)
    return sorted(made, key=lambda update: (update.released, update.title))


def make_update(release: Release, state: PatchState, seen_at: datetime) -> Update:
    """One device's copy of a release; the id is the release's, the same on every device."""
    return Update(
        id=str(uuid.uuid5(_NAMESPACE, f"{release.title} {release.released}")),
        title=release.title,
        kb=release.kb,
        severity=release.severity,
        kind=release.kind,
        released=release.released,
        state=state,
        needs_reboot=release.needs_reboot,
        seen_at=seen_at,
    )


def _monthly_update(
    release: Release, age: int, lag: Lag, rng: random.Random, now: datetime
) -> Update:
    if age >= lag.months or release.kind not in lag.kinds:
        return _installed(release, rng, now)
    seen_at = _seen_at(release, rng, now)
    update = make_update(release, lag.state if age == 0 else "superseded", seen_at)
    update.fails = lag.fails
    if update.state == "failed":
        update.failed_at = min(seen_at + timedelta(days=rng.uniform(1, 4)), now - _LATEST)
    return update


def _installed(release: Release, rng: random.Random, now: datetime) -> Update:
    """Installed some days after it came out; where those days are not over yet, still waiting."""
    seen_at = _seen_at(release, rng, now)
    installed_at = seen_at + timedelta(days=rng.triangular(0.5, 13, 4))
    if installed_at > now - _LATEST:
        return make_update(release, "approved" if rng.random() < 0.85 else "pending", seen_at)
    update = make_update(release, "installed", seen_at)
    update.installed_at = installed_at
    return update


def _seen_at(release: Release, rng: random.Random, now: datetime) -> datetime:
    return min(release.released_at + timedelta(hours=rng.uniform(2, 26)), now - _LATEST)


def _extras(system: System, rng: random.Random, now: datetime) -> list[Update]:
    """Definitions, other makers' software, and the drivers and feature updates nobody approves."""
    newest = patch_days(now, 1)[0]
    made = [_definition(rng, now)]
    made += _software(newest, rng, now)
    if rng.random() < 0.18:
        made.append(_unapproved(driver(rng, now.date()), rng, now))
    if not system.server and system.release in {"23H2", "24H2"}:
        made.append(_unapproved(feature(patch_days(now, 14)[-1]), rng, now))
    return made


def _software(newest: date, rng: random.Random, now: datetime) -> list[Update]:
    """A few products of other makers; the first of them is now and then left behind."""
    places = rng.sample(range(len(THIRD_PARTY)), rng.randint(1, 3))
    made = [_installed(third_party(place, newest), rng, now) for place in places]
    if rng.random() < 0.1:
        made[0].state, made[0].installed_at = "approved", None
    return made


def _unapproved(release: Release, rng: random.Random, now: datetime) -> Update:
    return make_update(release, "pending", _seen_at(release, rng, now))


def _definition(rng: random.Random, now: datetime) -> Update:
    release = definition(now.date())
    seen_at = now - timedelta(minutes=rng.uniform(5, 300))
    update = make_update(release, "approved" if rng.random() < 0.3 else "installed", seen_at)
    if update.state == "installed":
        update.installed_at = seen_at
    return update
