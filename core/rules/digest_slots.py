"""Which digests are due: once per channel and local date, whatever the clocks do."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from core.domain.clients import Client


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestTime:
    """When a channel wants its digest, by its own clock."""

    channel: str
    at: time
    time_zone: str


def digest_times(clients: Iterable[Client]) -> tuple[DigestTime, ...]:
    """One time per channel; where clients share a channel, the first one's."""
    times: dict[str, DigestTime] = {}
    for client in clients:
        wanted = DigestTime(channel=client.channel, at=client.digest_at, time_zone=client.time_zone)
        times.setdefault(client.channel, wanted)
    return tuple(times.values())


def due(
    times: Iterable[DigestTime], claimed: Container[tuple[str, date]], now: datetime
) -> tuple[tuple[str, date], ...]:
    """The slots to claim now. What was missed today is due until the local date ends, then no more."""
    slots = ((wanted.channel, _day_if_due(wanted, now)) for wanted in times)
    return tuple(
        (channel, day)
        for channel, day in slots
        if day is not None and (channel, day) not in claimed
    )


def _day_if_due(wanted: DigestTime, now: datetime) -> date | None:
    """A time that the clocks skip is past once they have jumped; of one they repeat, the first counts."""
    local = now.astimezone(ZoneInfo(wanted.time_zone))
    return local.date() if local.time() >= wanted.at else None
