"""What each computer's patching has come to: its stats first, its updates only where it misses some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.facts import Fact
from core.domain.patching import Device, Patch, PatchState
from integrations.rmm.automate import mapping
from integrations.rmm.automate.api import AutomateApi
from integrations.rmm.rows import Row

#: A computer lists only the newest of its cumulative updates; how many it missed shows from its last install.
INSTALLED_DAYS = timedelta(days=200)


@dataclass(frozen=True, kw_only=True)
class Patching:
    """One computer's stats and updates: what is missing, and what went in during the last months.

    `whole`: its updates are all there, so that none listed means none missing as of `inventory`.
    """

    stats: Row
    updates: Sequence[Patch]
    whole: bool

    @property
    def missing(self) -> list[Patch]:
        return [item for item in self.updates if item.state is not PatchState.INSTALLED]

    def is_known(self, device: Device) -> bool:
        """What an offline computer's last inventory lists is missing; that it lists nothing proves nothing."""
        listening = device.online is Fact.YES or bool(self.missing)
        return self.whole and listening


def patching_of(api: AutomateApi, account: str, now: datetime) -> Callable[[str], Patching]:
    """Reads one computer's patching by its id. Raises VendorError."""

    def read(computer_id: str) -> Patching:
        stats = api.patching_stats(computer_id)
        if not mapping.was_inventoried(stats):
            return Patching(stats=stats, updates=(), whole=False)
        lacking = mapping.lacking(stats)
        if lacking == 0:
            return Patching(stats=stats, updates=(), whole=True)
        rows = api.microsoft_updates(computer_id, enough=mapping.counted(stats))
        patches = [mapping.patch(account, api.source, computer_id, row) for row in rows]
        missing = sum(item.state is not PatchState.INSTALLED for item in patches)
        return Patching(
            stats=stats,
            updates=[item for item in patches if _is_recent(item, now)],
            whole=lacking is None or missing >= lacking,
        )

    return read


def _is_recent(patch: Patch, now: datetime) -> bool:
    """Whether it is missing, or went in during the last months."""
    if patch.state is not PatchState.INSTALLED:
        return True
    return patch.installed_at is not None and now - patch.installed_at < INSTALLED_DAYS
