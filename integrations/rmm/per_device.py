"""Asking a vendor about device after device, a few at a time, where it has no call for the whole fleet."""

from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from core.errors import VendorError, VendorNotFound

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: After so many failures the rest is not asked any more: the vendor is in trouble, not one device.
GIVE_UP_AFTER = 5


@dataclass
class Asked(Generic[K, V]):
    """What was found for each device, and why nothing was found for the others."""

    found: dict[K, V] = field(default_factory=dict)
    failed: dict[K, VendorError] = field(default_factory=dict)

    def failures(self, keys: Iterable[K]) -> list[VendorError]:
        return [self.failed[key] for key in keys if key in self.failed]

    @property
    def troubles(self) -> list[VendorError]:
        """The failures that tell of trouble; a device that was not found has gone since it was listed."""
        return [
            failure for failure in self.failed.values() if not isinstance(failure, VendorNotFound)
        ]


def ask_each(keys: Iterable[K], ask: Callable[[K], V], *, at_once: int) -> Asked[K, V]:
    """Ask about every key, `at_once` at a time. Never raises for the vendor."""
    asked: Asked[K, V] = Asked()
    lock = Lock()

    def one(key: K) -> None:
        with lock:
            gave_up = len(asked.troubles) >= GIVE_UP_AFTER
        if gave_up:
            return
        try:
            answer = ask(key)
        except VendorError as failure:
            with lock:
                asked.failed[key] = failure
        else:
            with lock:
                asked.found[key] = answer

    wanted = list(dict.fromkeys(keys))
    with ThreadPoolExecutor(at_once, thread_name_prefix="per-device") as pool:
        # Whether this is background work is told by the context, which threads do not inherit.
        contexts = [copy_context() for _ in wanted]
        list(pool.map(lambda context, key: context.run(one, key), contexts, wanted))
    unasked = [key for key in wanted if key not in asked.found and key not in asked.failed]
    if unasked:
        asked.failed |= dict.fromkeys(unasked, asked.troubles[-1])
    return asked
