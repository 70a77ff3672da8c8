"""Once per channel and local date, whatever fails."""

from dataclasses import replace
from datetime import date

import pytest

from core.domain.digest import ClientDigest, Digest, Numbers, Offers
from core.domain.facts import Coverage
from core.domain.findings import Snapshot
from core.domain.remediation import Action
from core.errors import VendorDown
from core.usecases.build_digest import BuildDigest
from handlers.clock.digests import Digests
from integrations.slack.rendering.digest import digest_message
from tests.fakes.memory_store import MemoryStore
from tests.fakes.tenant import a_change
from tests.usecases.requests_made import ACME, HandClock, Office, a_client, a_plan


class FakeChat:
    """Remembers digests; `down` makes every post fail, `lost` its fate unknown, `broken` is a channel."""

    def __init__(self) -> None:
        self.posted: list[Digest] = []
        self.down = False
        self.lost = False
        self.broken = ""
        self.tries = 0

    def post_digest(self, digest: Digest) -> bool:
        self.tries += 1
        if digest.channel == self.broken:
            raise KeyError(digest.channel)
        if self.down:
            raise VendorDown("Slack")
        self.posted.append(digest)
        return not self.lost


class Desk:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.chat = FakeChat()
        self.store = MemoryStore(self.clock)
        self.expects_a_scan = False
        self.scans_begun = 0
        self.know()

    def know(self) -> None:
        self.store.snapshots.put(replace(Snapshot(client=ACME), tried_at=self.clock.now()))

    def digests(self) -> Digests:
        build = BuildDigest(
            snapshots=self.store.snapshots,
            requests=self.store.requests,
            slots=self.store.slots,
            switch=self.store.switch,
            audit=self.store.audit,
            clock=self.clock,
            exemptions=self.store.exemptions,
            remind_days=7,
        )
        return Digests(
            clients=(a_client(),),
            build=build,
            chat=self.chat,  # type: ignore[arg-type]
            slots=self.store.slots,
            snapshots=self.store.snapshots,
            clock=self.clock,
            is_expected=lambda _client: self.expects_a_scan,
            scan_soon=self.begin_scan,
        )

    def begin_scan(self) -> None:
        self.scans_begun += 1

    @property
    def days(self) -> list[date]:
        return [digest.day for digest in self.chat.posted]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_digest_is_posted_once_a_day(desk: Desk) -> None:
    digests = desk.digests()
    for _ in range(30):
        digests.post_due()
        desk.clock.move(hours=1)

    assert desk.days == [date(2026, 11, 23), date(2026, 11, 24)]


def test_nothing_is_posted_before_the_first_scan(desk: Desk) -> None:
    desk.store.kept.snapshots.clear()
    desk.digests().post_due()
    assert desk.days == []

    desk.know()
    desk.digests().post_due()
    assert desk.days == [date(2026, 11, 23)]


def test_a_digest_waits_for_the_scan_that_is_under_way_but_not_for_ever(desk: Desk) -> None:
    digests = desk.digests()
    desk.expects_a_scan = True
    for _ in range(3):
        digests.post_due()
    assert (desk.days, desk.scans_begun) == ([], 1)
    desk.expects_a_scan = False
    digests.post_due()
    assert desk.days == [date(2026, 11, 23)]

    desk.clock.move(days=1)
    desk.expects_a_scan = True
    for _ in range(2):
        digests.post_due()
        desk.clock.move(minutes=9)
    assert len(desk.days) == 1
    digests.post_due()
    assert len(desk.days) == 2


def test_no_scan_is_waited_for_into_the_next_day(desk: Desk) -> None:
    desk.expects_a_scan = True
    desk.clock.move(hours=14, minutes=55)  # 23:55

    desk.digests().post_due()

    assert desk.days == [date(2026, 11, 23)]


def test_a_digest_that_could_not_be_posted_is_posted_when_chat_is_back(desk: Desk) -> None:
    digests = desk.digests()
    desk.chat.down = True
    digests.post_due()
    desk.chat.down = False

    digests.post_due()
    assert desk.days == []
    desk.clock.move(seconds=15)
    digests.post_due()
    digests.post_due()

    assert desk.days == [date(2026, 11, 23)]


def test_a_digest_claimed_by_a_process_that_died_is_posted_by_the_next(desk: Desk) -> None:
    desk.store.slots.claim("acme", date(2026, 11, 23))

    desk.store = desk.store.restarted()
    desk.digests().post_due()

    assert desk.days == [date(2026, 11, 23)]


def test_a_digest_whose_fate_is_unknown_is_not_posted_again(desk: Desk) -> None:
    desk.chat.lost = True
    digests = desk.digests()

    digests.post_due()
    digests.post_due()

    assert len(desk.chat.posted) == 1


def test_yesterdays_digest_is_not_made_up_for_today(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    digests = desk.digests()
    desk.chat.down = True
    digests.post_due()
    desk.clock.move(days=1)
    desk.chat.down = False

    digests.post_due()

    assert desk.days == [date(2026, 11, 24)]
    assert "The digest of 2026-11-23 for #acme was not posted" in caplog.text


def test_the_first_digest_has_nothing_to_compare_with_and_the_second_has(desk: Desk) -> None:
    digests = desk.digests()
    digests.post_due()
    desk.clock.move(days=1)
    digests.post_due()

    first, second = desk.chat.posted
    assert first.compared_with is None
    assert second.compared_with == first.day


def test_a_digest_says_what_a_policy_is_set_to(desk: Desk) -> None:
    change = a_change(Action.PROMOTE_POLICY)
    plan = replace(a_plan(action=Action.PROMOTE_POLICY), change=change)
    office = Office(clock=desk.clock)
    office.store = desk.store
    office.ask(plan)
    desk.digests().post_due()

    [digest] = desk.chat.posted
    assert "Enable a policy at" in str(digest_message(digest).blocks)


def test_a_digest_that_cannot_be_built_keeps_no_other_channel_waiting(desk: Desk) -> None:
    other = a_client(key="beta", channel="beta")
    desk.store.snapshots.put(replace(Snapshot(client=other.key), tried_at=desk.clock.now()))
    desk.chat.broken = "acme"
    digests = replace(desk.digests(), clients=(a_client(), other))

    digests.post_due()
    desk.clock.move(minutes=1)
    digests.post_due()

    assert [digest.channel for digest in desk.chat.posted] == ["beta"]


def test_an_owed_digest_is_not_tried_at_every_look(desk: Desk) -> None:
    digests = desk.digests()
    desk.chat.down = True
    for _ in range(12):
        digests.post_due()
        desk.clock.move(seconds=5)

    assert desk.chat.tries == 4


def test_snapshots_are_not_read_all_day_for_a_digest_that_was_posted(desk: Desk) -> None:
    digests = desk.digests()
    digests.post_due()
    desk.store.kept.snapshots.clear()
    desk.store.snapshots.get = pytest.fail  # type: ignore[method-assign, assignment]

    digests.post_due()

    assert len(desk.days) == 1


def test_a_button_that_cannot_work_is_not_drawn(desk: Desk) -> None:
    desk.digests().post_due()
    numbers = Numbers(mfa_gaps=3, accounts=9, overdue_devices=2, devices=9)

    def drawn(offers: Offers) -> str:
        part = ClientDigest(
            client=ACME,
            client_name="Acme",
            now=numbers,
            before=None,
            mfa_observed_at=None,
            patches_observed_at=None,
            coverage=Coverage(),
            offers=offers,
        )
        return str(digest_message(replace(desk.chat.posted[0], clients=(part,))).blocks)

    assert "mfa_form" in drawn(Offers())
    assert "patch_form" in drawn(Offers())
    assert "mfa_form" not in drawn(Offers(enforce_mfa=False))
    assert "patch_form" not in drawn(Offers(patch=False))
