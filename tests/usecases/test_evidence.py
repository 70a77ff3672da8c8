"""Sign-ins with one factor: counted where the log is read, and where it is not, why not."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.clients import Client, ClientKey
from core.domain.evidence import SignInEvidence
from core.domain.facts import Fact
from core.domain.findings import MfaSection, Snapshot
from core.errors import VendorForbidden
from core.rules.evidence import with_evidence
from core.usecases.read_evidence import ReadEvidence
from handlers.clock.evidence import EvidenceReads
from integrations.slack.rendering import mfa_lists, mfa_why
from integrations.slack.rendering.message import ListView
from tests.fakes.memory_store import MemoryStore
from tests.rendering import making as make
from tests.rendering.test_mfa_why import explained
from tests.rules.test_exemptions import a_section
from tests.usecases.requests_made import ACME, START, HandClock, a_client

SINCE = START - timedelta(days=14)


def evidence(counts: dict[str, int] | None = None, **changes: Any) -> SignInEvidence:
    given = {"read_at": START, "since": SINCE, "counts": counts} | changes
    return SignInEvidence(**given)


# What it adds.


def test_an_account_that_signed_in_with_one_factor_is_marked_and_judged_as_before() -> None:
    before = a_section("ada", "ben")
    after = with_evidence(before, evidence({"ada": 14, "elsewhere": 3}))
    ada, ben = after.verdicts
    assert ada.single_factor is not None
    assert (ada.single_factor.count, ada.gap) == (14, before.verdicts[0].gap)
    assert ada.why[-1].startswith("It signed in 14 times without being asked for MFA since 9 Nov.")
    assert ben == before.verdicts[1]


@pytest.mark.parametrize("nothing", [None, evidence(None, why_not="403"), evidence({})])
def test_a_log_that_was_not_read_or_shows_nobody_adds_nothing(nothing: SignInEvidence) -> None:
    assert with_evidence(a_section("ada"), nothing) == a_section("ada")


def test_a_log_that_was_not_read_to_its_end_counts_at_least() -> None:
    (ada,) = with_evidence(a_section("ada"), evidence({"ada": 1}, whole=False)).verdicts
    assert "at least once" in ada.why[-1]


# Where it is shown.


def shown_in_the_list(section: MfaSection) -> str:
    snapshot = make.snapshot(section)
    view = ListView(client=ACME)
    return make.words(
        mfa_lists.gaps(
            make.client(), snapshot, view, now=START, may_enforce=False, may_exempt=False
        )
    )


def test_the_list_marks_who_signed_in_without_mfa() -> None:
    section = with_evidence(a_section("ada"), evidence({"ada": 14}))
    assert "signed in 14 times without being asked for MFA since 9 Nov" in shown_in_the_list(
        section
    )
    assert "signed in" not in shown_in_the_list(a_section("ada"))


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (None, "not known.* The sign-in log has not been read yet"),
        (evidence(None, why_not="Entra: lacks AuditLog.Read.All"), "lacks AuditLog.Read.All"),
        (evidence({}), "No sign-in with one factor since"),
        (evidence({}, whole=False), "among the newest that were looked through"),
    ],
)
def test_why_says_what_the_log_shows_or_why_that_is_not_known(
    read: SignInEvidence | None, words: str
) -> None:
    said = make.words(mfa_why.why(replace(explained(), evidence=read), now=START))
    assert words in said


# Reading.


@dataclass
class Log:
    """A directory that only has a sign-in log."""

    counts: dict[str, int] = field(default_factory=lambda: {"ada": 2})
    refused: bool = False
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    def single_factor_sign_ins(self, client: Client, since: datetime) -> SignInEvidence:
        self.asked.append((client.key, since))
        if self.refused:
            raise VendorForbidden("Entra", "AuditLog.Read.All is missing", remedy="Grant it.")
        return evidence(self.counts)


@dataclass
class Office:
    log: Log = field(default_factory=Log)
    clock: HandClock = field(default_factory=HandClock)
    scanning: bool = False
    licensed: Fact = Fact.YES

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.clock)
        clients = (a_client(), a_client(key=ClientKey("beta")))
        read = ReadEvidence(directory=self.log, days=14, clock=self.clock)  # type: ignore[arg-type]
        self.reads = EvidenceReads(
            clients=clients,
            read=read,
            snapshots=self.store.snapshots,
            is_scanning=lambda: self.scanning,
            clock=self.clock,
        )

    def scanned(self, *keys: str) -> None:
        for key in keys:
            section = replace(a_section("ada"), licensed=self.licensed)
            self.store.snapshots.put(Snapshot(client=ClientKey(key), mfa=section))

    def tick(self, times: int = 1) -> list[str]:
        for _ in range(times):
            self.reads.read_next()
        return [key for key, _ in self.log.asked]


def test_tenants_are_read_one_at_a_time_after_their_first_scan_and_again_after_hours() -> None:
    office = Office()
    assert office.tick() == []
    office.scanned("acme", "beta")
    assert office.tick() == ["acme"]
    assert office.tick(3) == ["acme", "beta"]
    assert office.log.asked[0][1] == SINCE
    office.clock.move(hours=6)
    assert office.tick(1) == ["acme", "beta", "acme"]
    found = office.reads.of(ACME)
    assert found is not None
    assert found.counts == {"ada": 2}


def test_no_log_is_read_while_a_scan_runs() -> None:
    office = Office(scanning=True)
    office.scanned("acme")
    assert office.tick(2) == []
    office.scanning = False
    assert office.tick() == ["acme"]


def test_without_a_licence_nothing_is_asked_and_the_reason_is_kept() -> None:
    office = Office(licensed=Fact.NO)
    office.scanned("acme")
    assert office.tick() == []
    found = office.reads.of(ACME)
    assert found is not None
    assert (found.counts, "premium licence" in found.why_not) == (None, True)


def test_a_refusal_is_kept_as_the_reason_with_its_remedy() -> None:
    office = Office(log=Log(refused=True))
    office.scanned("acme")
    office.tick()
    found = office.reads.of(ACME)
    assert found is not None
    assert found.counts is None
    assert "AuditLog.Read.All is missing" in found.why_not
    assert "Grant it." in found.why_not
