"""What holds, what is counted out, and who is reminded of what."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from core.domain.clients import ClientKey
from core.domain.exemptions import Exemption
from core.domain.facts import Coverage, Fact
from core.domain.findings import MfaSection, MfaVerdict, Requirement, Snapshot
from core.domain.identity import AccountKind, UserId
from core.domain.people import PersonKey
from core.domain.remediation import RequestId
from core.rules.exemptions import counted_out, day_at, ended_since, ending, reminders
from core.rules.numbers import numbers_of
from tests.usecases.requests_made import ACME, START, a_client

TODAY = START.date()


def an_exemption(user: str = "ada", *, days: int = 5, request: str = "R1") -> Exemption:
    return Exemption(
        client=ACME,
        user_id=user,
        name=f"{user.title()} ({user}@acme.example)",
        reason="New phone on Monday.",
        until=TODAY + timedelta(days=days),
        since=START,
        request=RequestId(request),
        asked_by=PersonKey("tess"),
        asked_by_name="Tess",
        approved_by=(PersonKey("maya"), PersonKey("devon")),
        approved_by_names=("Maya", "Devon"),
    )


def a_section(*users: str, gap: Fact = Fact.YES, admin: bool = False) -> MfaSection:
    verdicts = tuple(
        MfaVerdict(
            user_id=UserId(user),
            name=user.title(),
            upn=f"{user}@acme.example",
            kind=AccountKind.MEMBER,
            requirement=Requirement.UNCOVERED,
            registered=Fact.NO,
            capable=Fact.NO,
            enforced=Fact.NO,
            gap=gap,
            admin=admin,
            why=("No policy covers it.",),
        )
        for user in users
    )
    return MfaSection(observed_at=START, verdicts=verdicts, coverage=Coverage())


def gaps_of(section: MfaSection) -> list[str]:
    return [verdict.user_id for verdict in section.gaps()]


def test_an_exempt_account_is_no_gap_and_says_why_until_when_and_by_whom() -> None:
    section = counted_out(a_section("ada", "ben"), [an_exemption()], TODAY)
    assert gaps_of(section) == ["ben"]
    (ada,) = section.exempted()
    assert ada.why[0] == (
        "Exempt to the end of Saturday 28 November 2026: “New phone on Monday.” "
        "Asked for by Tess, approved by Maya and Devon (R1)."
    )
    assert ada.why[1:] == ("No policy covers it.",)
    assert ada.enforced is Fact.NO


def test_an_account_of_which_nothing_is_known_is_counted_out_too() -> None:
    section = counted_out(a_section("ada", gap=Fact.UNKNOWN), [an_exemption()], TODAY)
    assert section.unknown() == ()


def test_an_exemption_holds_through_its_last_day_and_not_a_day_longer() -> None:
    last = an_exemption(days=5)
    on_the_day = counted_out(a_section("ada"), [last], TODAY + timedelta(days=5))
    after_it = counted_out(a_section("ada"), [last], TODAY + timedelta(days=6))
    assert gaps_of(on_the_day) == []
    assert gaps_of(after_it) == ["ada"]
    assert after_it.exempted() == ()


def test_the_last_day_ends_by_the_clients_own_calendar() -> None:
    late = datetime(2026, 11, 29, 4, 30, tzinfo=UTC)
    assert day_at(a_client(time_zone="America/New_York"), late) == date(2026, 11, 28)
    assert day_at(a_client(time_zone="Europe/London"), late) == date(2026, 11, 29)


def test_an_exempt_administrator_is_counted_as_exempt_and_not_as_without_mfa() -> None:
    section = a_section("ada", admin=True)
    before = numbers_of(Snapshot(client=ACME, mfa=section))
    after = numbers_of(Snapshot(client=ACME, mfa=counted_out(section, [an_exemption()], TODAY)))
    assert (before.mfa_gaps, before.admins_without_mfa, before.exempt) == (1, 1, 0)
    assert (after.mfa_gaps, after.admins_without_mfa, after.exempt) == (0, 0, 1)


def days_of(found: Sequence[Exemption]) -> list[int]:
    return [(item.until - TODAY).days for item in found]


def test_the_digest_names_what_ends_soon_and_what_ended_since_the_last_one() -> None:
    all_of_them = [an_exemption(f"u{days}", days=days) for days in (8, 7, 0, -1, -2, -3)]
    assert days_of(ending(all_of_them, TODAY, 7)) == [0, 7]
    assert days_of(ended_since(all_of_them, TODAY, TODAY - timedelta(days=2))) == [-2, -1]
    assert ended_since(all_of_them, TODAY, None) == ()


def test_whoever_asked_for_and_approved_it_is_reminded_once_per_request() -> None:
    kept = [an_exemption("ada"), an_exemption("ben"), an_exemption("cleo", days=6, request="R2")]
    found = reminders(a_client(), kept, TODAY, 7)
    assert [(item.to, len(item.exemptions)) for item in found] == [
        ("tess", 2),
        ("maya", 2),
        ("devon", 2),
        ("tess", 1),
        ("maya", 1),
        ("devon", 1),
    ]
    tomorrow = reminders(a_client(), kept, TODAY + timedelta(days=1), 7)
    assert [item.key for item in tomorrow] == [item.key for item in found]
    assert len({item.key for item in found}) == len(found)


def test_nobody_is_reminded_of_what_ends_later_or_is_over() -> None:
    kept = [an_exemption(days=8), an_exemption("ben", days=-1)]
    assert reminders(a_client(key=ClientKey("acme")), kept, TODAY, 7) == ()
