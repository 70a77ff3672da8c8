"""Remind whoever asked for and approved an exemption that it ends soon, once each."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.errors import GatehouseError
from core.ports import Chat, Clock, Exemptions
from core.rules.exemptions import day_at, reminders

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reminders:
    """Asked every so often; the outbox keeps anybody from being told twice."""

    clients: Sequence[Client]
    exemptions: Exemptions
    chat: Chat
    #: How many days before its end.
    days: int
    clock: Clock

    def tell_due(self) -> None:
        """From the hour of the client's digest on: nobody is woken by the turn of a date."""
        now = self.clock.now()
        for client in self.clients:
            if now.astimezone(client.zone).time() >= client.digest_at:
                self._tell(client)

    def _tell(self, client: Client) -> None:
        day = day_at(client, self.clock.now())
        for reminder in reminders(client, self.exemptions.of(client.key), day, self.days):
            try:
                self.chat.remind(reminder)
            except GatehouseError as error:
                log.warning("The reminder %s could not be delivered yet: %s", reminder.key, error)
