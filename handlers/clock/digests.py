"""Post each channel's digest exactly once per local date."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from core.domain.clients import Client
from core.errors import GatehouseError, Refused
from core.ports import Chat, Clock, ShownSnapshots, Slots, SlotState
from core.rules.digest_slots import digest_times, due
from core.usecases.build_digest import BuildDigest, numbers_shown

log = logging.getLogger(__name__)

#: What could not be posted is tried again after so long, while its day lasts.
RETRY = timedelta(seconds=15)
#: A digest that falls due while its clients are being scanned, or are about to be, waits for that so long.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Digests:
    """Asked every few seconds; the stored slots decide what is due."""

    clients: Sequence[Client]
    build: BuildDigest
    chat: Chat
    slots: Slots
    snapshots: ShownSnapshots
    clock: Clock
    #: Whether newer data of a client is being read, or is due to be.
    is_expected: Callable[[Client], bool]
    #: Begin what is due to be read, rather than with the next look for it.
    scan_soon: Callable[[], None]
    #: Claimed by this process and surely not posted yet: when to try again.
    _owed: dict[tuple[str, date], datetime] = field(default_factory=dict)
    #: By channel the last day known to be claimed, so that its snapshots are not read for nothing.
    _claimed: dict[str, date] = field(default_factory=dict)
    #: By channel since when its digest waits for a scan.
    _waiting: dict[str, datetime] = field(default_factory=dict)

    def post_due(self) -> None:
        """Claim and post every digest that is due and can be built; finish what was cut off."""
        channels = by_channel(self.clients)
        self._finish_claimed(channels)
        claimed = self._claimed.items()
        for channel, day in due(digest_times(self.clients), claimed, self.clock.now()):
            if not self._known(channels[channel]) or self._waits(channel, day, channels[channel]):
                continue
            ours = self.slots.claim(channel, day)
            self._claimed[channel] = day
            if ours:
                self.post(channel, day, channels[channel])

    def post(self, channel: str, day: date, clients: Sequence[Client]) -> SlotState | None:
        """Build and post one claimed digest; None where that failed and is tried again.

        MISSED where it is unknown whether it arrived: the owner is told, and it is not posted again.
        """
        try:
            state = self._post(channel, day, clients)
        except GatehouseError as error:
            log.warning("The digest for #%s could not be posted yet: %s", channel, error)
        except Exception:
            log.exception("The digest for #%s could not be posted yet", channel)
        else:
            self._owed.pop((channel, day), None)
            return state
        self._owed[channel, day] = self.clock.now() + RETRY
        return None

    def _post(self, channel: str, day: date, clients: Sequence[Client]) -> SlotState:
        digest = self.build(channel, day, clients)
        posted = self.chat.post_digest(digest)
        state = SlotState.POSTED if posted else SlotState.MISSED
        self.slots.settle(channel, day, state, numbers_shown(digest))
        return state

    def _finish_claimed(self, channels: Mapping[str, list[Client]]) -> None:
        """The outbox keeps a digest whose posting was cut off from being posted twice."""
        now = self.clock.now()
        for channel, day in {*self.slots.unsettled(), *self._owed}:
            clients = channels.get(channel)
            if clients is None or self._local_date(clients[0]) != day:
                self._owed.pop((channel, day), None)
                log.warning(
                    "The digest of %s for #%s was not posted while its day lasted", day, channel
                )
                self.slots.settle(channel, day, SlotState.MISSED, {})
            elif self._owed.get((channel, day), now) <= now:
                self.post(channel, day, clients)

    def _local_date(self, client: Client) -> date:
        return self.clock.now().astimezone(client.zone).date()

    def _waits(self, channel: str, day: date, clients: Sequence[Client]) -> bool:
        """What was read just before a scan is not what people should read just after it.

        A day that is about to end is not waited away.
        """
        now = self.clock.now()
        expected = (now + PATIENCE).astimezone(clients[0].zone).date() == day and any(
            self.is_expected(client) for client in clients
        )
        if expected and channel not in self._waiting:
            self.scan_soon()
        waits = expected and now - self._waiting.setdefault(channel, now) < PATIENCE
        if not waits:
            self._waiting.pop(channel, None)
        return waits

    def _known(self, clients: Sequence[Client]) -> bool:
        """Nothing is posted before the first scan has tried every client of the channel."""
        snapshots = [self.snapshots.get(client.key) for client in clients]
        return all(s is not None and s.tried_at is not None for s in snapshots)


def by_channel(clients: Sequence[Client]) -> Mapping[str, list[Client]]:
    """The clients of each channel, in the configuration's order."""
    channels: dict[str, list[Client]] = {}
    for client in clients:
        channels.setdefault(client.channel, []).append(client)
    return channels


def clients_of(clients: Sequence[Client], channel: str) -> tuple[str, list[Client]]:
    """A channel's plain name and its clients. Raises Refused, naming the channels there are."""
    wanted = channel.removeprefix("#")
    channels = by_channel(clients)
    if wanted not in channels:
        known = ", ".join(f"#{name}" for name in channels)
        raise Refused(f"No client is configured for #{wanted}. Channels: {known}.")
    return wanted, channels[wanted]
