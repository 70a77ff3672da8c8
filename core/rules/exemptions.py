"""What exemptions make of verdicts, and which of them have to be brought to mind."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from core.domain.clients import Client
from core.domain.exemptions import Exemption, Reminder
from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict
from core.domain.remediation import RequestId


def day_at(client: Client, now: datetime) -> date:
    """The date by the client's calendar."""
    return now.astimezone(client.zone).date()


def counted_out(section: MfaSection, exemptions: Iterable[Exemption], day: date) -> MfaSection:
    """The section with every account that is exempt on a day marked so, and no gap on that day."""
    holding = {item.user_id: item for item in exemptions if item.holds_on(day)}
    if not holding:
        return section
    verdicts = tuple(_exempted(v, holding.get(v.user_id)) for v in section.verdicts)
    return replace(section, verdicts=verdicts)


def _exempted(verdict: MfaVerdict, exemption: Exemption | None) -> MfaVerdict:
    if exemption is None:
        return verdict
    why = (grounds(exemption), *verdict.why)
    return replace(verdict, gap=Fact.NO, exempt=exemption, why=why)


def grounds(exemption: Exemption) -> str:
    """Who, why, until when, approved by whom, as one sentence."""
    approvers = " and ".join(exemption.approved_by_names) or "nobody"
    return (
        f"Exempt to the end of {day_words(exemption.until)}: “{exemption.reason}” "
        f"Asked for by {exemption.asked_by_name}, approved by {approvers} ({exemption.request})."
    )


def ending(exemptions: Iterable[Exemption], day: date, within: int) -> tuple[Exemption, ...]:
    """Those that hold on a day and end within so many days, the next to end first."""
    last = day + timedelta(days=within)
    found = (item for item in exemptions if day <= item.until <= last)
    return tuple(sorted(found, key=lambda item: (item.until, item.name.casefold())))


def ended_since(
    exemptions: Iterable[Exemption], day: date, before: date | None
) -> tuple[Exemption, ...]:
    """Those that no longer hold on a day, and still held on the day `before`."""
    if before is None:
        return ()
    found = (item for item in exemptions if before <= item.until < day)
    return tuple(sorted(found, key=lambda item: (item.until, item.name.casefold())))


def reminders(
    client: Client, exemptions: Iterable[Exemption], day: date, within: int
) -> tuple[Reminder, ...]:
    """One for everybody who asked for or approved what ends within so many days, request by request."""
    by_request: dict[tuple[RequestId, date], list[Exemption]] = {}
    for item in ending(exemptions, day, within):
        by_request.setdefault((item.request, item.until), []).append(item)
    return tuple(
        Reminder(
            key=f"{request}:ends:{until.isoformat()}:{person}",
            to=person,
            client_name=client.name,
            exemptions=tuple(items),
        )
        for (request, until), items in by_request.items()
        for person in dict.fromkeys((items[0].asked_by, *items[0].approved_by))
    )


def day_words(day: date) -> str:
    """A date as sentences have it, without a zero in front."""
    return f"{day:%A} {day.day} {day:%B %Y}"
