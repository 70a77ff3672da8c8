"""What changed since the last digest, whenever that was made and however often was read since."""

from dataclasses import replace
from datetime import date

import pytest

from core.domain.clients import Client
from core.domain.digest import Digest, Offers
from core.domain.facts import Fact
from core.domain.findings import Snapshot
from core.domain.identity import CaPolicy, DirectoryReading
from core.domain.mfa_history import MfaChangeKind
from core.domain.policy import ApprovalPolicy, MfaPolicy, OverduePolicy, Policy
from core.ports import SlotState
from core.usecases.build_digest import BuildDigest, numbers_shown
from core.usecases.scan import Scanner
from storage.codec import from_bytes, to_bytes
from tests.fakes.memory_store import MemoryStore
from tests.rules.tenants import policy, reading, user
from tests.usecases.requests_made import ACME, HandClock, a_client

CLIENT = a_client(tenant_id="t", rmm=())


class Tenant:
    """A tenant of one person, whose policies can be changed."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.policies: tuple[CaPolicy, ...] = (policy(),)

    def read(self, client: Client) -> DirectoryReading:
        made = reading(user(), policies=self.policies)
        return replace(made, observed_at=self.clock.now())


class Days:
    """Scans and digests, with the store written down and read again in between."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.tenant = Tenant(self.clock)
        self.store = MemoryStore(self.clock)
        self.offers = Offers()
        self.scanner = Scanner(
            clients=[CLIENT],
            directory=self.tenant,  # type: ignore[arg-type]
            rmms={},
            snapshots=self.store.snapshots,
            policy=Policy(approval=ApprovalPolicy(), mfa=MfaPolicy(), overdue=OverduePolicy()),
            clock=self.clock,
            parallel=lambda jobs: [job() for job in jobs],
        )

    def scan(self) -> None:
        self.clock.move(hours=1)
        self.scanner.scan([CLIENT])
        kept = self.store.snapshots.get(ACME)
        assert kept is not None
        self.store.snapshots.put(from_bytes(Snapshot, to_bytes(kept)))

    def digest(self) -> Digest:
        self.clock.move(hours=1)
        day: date = self.clock.now().date()
        digest = BuildDigest(
            snapshots=self.store.snapshots,
            requests=self.store.requests,
            slots=self.store.slots,
            switch=self.store.switch,
            audit=self.store.audit,
            clock=self.clock,
            exemptions=self.store.exemptions,
            remind_days=7,
            offers=lambda _client: self.offers,
        )(CLIENT.channel, day, [CLIENT])
        self.store.slots.claim(CLIENT.channel, day)
        self.store.slots.settle(CLIENT.channel, day, SlotState.POSTED, numbers_shown(digest))
        return digest


def kinds(digest: Digest) -> list[MfaChangeKind]:
    return [change.kind for change in digest.changes]


@pytest.mark.parametrize(
    ("licensed", "premium", "held_out", "offered"),
    [
        (Fact.YES, Fact.YES, None, False),
        (Fact.YES, Fact.NO, None, True),
        (Fact.YES, Fact.NO, "service", False),
        (Fact.NO, Fact.NO, None, True),
    ],
)
def test_where_no_group_is_configured_per_user_mfa_is_offered_for_whom_it_is(
    licensed: Fact, premium: Fact, held_out: str | None, offered: bool
) -> None:
    days = Days()
    days.offers = Offers(enforce_mfa=False)
    days.tenant.policies = ()
    days.scan()
    kept = days.store.snapshots.get(ACME)
    assert kept is not None
    assert kept.mfa is not None
    bare = replace(kept.mfa.verdicts[0], premium=premium, held_out=held_out)
    section = replace(kept.mfa, licensed=licensed, verdicts=(bare,))
    days.store.snapshots.put(replace(kept, mfa=section))
    (part,) = days.digest().clients
    assert part.offers.enforce_mfa is offered


def test_the_first_digest_has_no_comparison_even_after_several_scans() -> None:
    days = Days()
    days.scan()
    days.tenant.policies = ()
    days.scan()
    assert days.digest().changes == ()


def test_a_change_soon_after_a_digest_is_in_the_next_one_and_in_no_other() -> None:
    days = Days()
    days.scan()
    days.digest()
    days.tenant.policies = ()
    for _ in range(20):
        days.scan()
    days.clock.move(hours=4)
    assert kinds(days.digest()) == [MfaChangeKind.POLICY_WEAKER, MfaChangeKind.UNCOVERED]
    days.clock.move(days=1)
    days.scan()
    assert kinds(days.digest()) == []


def test_what_was_undone_before_the_next_digest_is_no_change() -> None:
    days = Days()
    days.scan()
    days.digest()
    before, days.tenant.policies = days.tenant.policies, ()
    days.scan()
    days.tenant.policies = before
    days.clock.move(days=1)
    days.scan()
    assert kinds(days.digest()) == []


def test_a_snapshot_kept_by_an_earlier_version_still_loads_and_compares_nothing() -> None:
    old = from_bytes(Snapshot, b'{"client": "acme", "mfa": null, "patches": null, "history": {}}')
    assert old.marks == ()
    days = Days()
    days.store.snapshots.put(old)
    days.scan()
    assert days.digest().changes == ()
