"""Works off what came in from chat: once, in order of arrival, and again after a restart."""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.errors import GatehouseError, StorageFailed
from core.ports import Inbox, Received
from engine.executor import Executor

log = logging.getLogger(__name__)

Handler = Callable[[Received], None]
#: Tells the sender what went wrong, in the error's sentence.
Apology = Callable[[Received, GatehouseError], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """Takes items in durably and hands each to the handler of its kind."""

    inbox: Inbox
    executor: Executor
    handlers: Mapping[str, Handler]
    apologise: Apology

    def take(self, item: Received) -> bool:
        """Keep the item on disk, then let it be worked off. False: it was taken in before.

        Raises StorageFailed where it cannot be kept; nothing is done then.
        """
        if not self.inbox.append(item):
            return False
        self._submit(item)
        return True

    def resume(self) -> int:
        """Work off what an earlier process took in and did not finish."""
        left = self.inbox.pending()
        for item in left:
            self._submit(item)
        return len(left)

    def _submit(self, item: Received) -> None:
        """Each kind of item has a lane of its own: slow ones (a refresh) hold up nobody's freeze."""
        self.executor.submit(f"{item.kind}:{item.key}", lambda: self._work(item))

    def _work(self, item: Received) -> None:
        try:
            self.handlers[item.kind](item)
        except StorageFailed as failure:
            self._say(item, failure)
            raise
        except GatehouseError as error:
            self._say(item, error)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("Item %s failed (reference %s)", item.kind, reference)
            sentence = (
                f"Something went wrong inside Gatehouse. Tell its owner: reference {reference}."
            )
            self._say(item, GatehouseError(sentence))
        self.inbox.done(item.key)

    def _say(self, item: Received, error: GatehouseError) -> None:
        try:
            self.apologise(item, error)
        except Exception:
            log.exception("Could not tell the sender of %s: %s", item.kind, error)
