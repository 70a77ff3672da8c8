"""What is approved on devices, remembered for some minutes.

Whether an install has grown is measured against the whole plan before every single call. Asking about every
device of the plan each time would take as many reads as devices times devices.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from threading import Lock

from core.domain.patching import DeviceId, Patch
from integrations.rmm.automate.api import AT_ONCE
from integrations.rmm.per_device import ask_each

_KEPT = timedelta(minutes=10)


class Approved:
    """Remembers, by target, what was approved and when that was read. Thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, Sequence[Patch]]] = {}
        self._lock = Lock()

    def on(
        self,
        targets: Iterable[str],
        *,
        fresh: Collection[str],
        now: datetime,
        read: Callable[[str], Sequence[Patch]],
    ) -> dict[DeviceId, Sequence[Patch]]:
        """By device: of `fresh` ones as it is now, of the others as it was lately. Raises VendorError."""
        lately = self._lately(now)
        wanted = list(targets)
        asked = ask_each(
            [target for target in wanted if target in fresh or target not in lately],
            read,
            at_once=AT_ONCE,
        )
        for failure in asked.failed.values():
            raise failure
        self._keep(asked.found, now)
        known = {**lately, **asked.found}
        return {DeviceId(target): known[target] for target in wanted}

    def _lately(self, now: datetime) -> dict[str, Sequence[Patch]]:
        with self._lock:
            self._kept = {t: kept for t, kept in self._kept.items() if now - kept[0] < _KEPT}
            return {target: found for target, (_, found) in self._kept.items()}

    def _keep(self, found: dict[str, Sequence[Patch]], now: datetime) -> None:
        with self._lock:
            self._kept |= {target: (now, patches) for target, patches in found.items()}
