"""Scans over several clients and accounts: nothing is shown twice, and no age begins anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import PatchSection
from core.domain.identity import DirectoryDevice, DirectoryReading
from core.domain.patching import Device, DeviceId, RmmReading
from core.domain.policy import Policy
from core.ports import Snapshots
from core.rules.unmanaged import unmanaged
from core.usecases.scan import Scanner
from storage.snapshots import SnapshotFiles
from tests.fakes.memory_store import MemoryStore
from tests.rules.fleets import device, patch
from tests.usecases.requests_made import HandClock, a_client

DEVICE = device()


def at(account: str, organisation: str) -> RmmBinding:
    return RmmBinding(account=account, vendor=account, organisation=organisation)


ACME = a_client(rmm=(at("ninja", "1"),))
BETA = a_client(key=ClientKey("beta"), rmm=(at("ninja", "2"),))


class Account:
    """An RMM account whose devices stand where a test puts them; all miss one update, whose release is not told."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.places: dict[str, list[Device]] = {}
        self.unread: set[str] = set()
        #: What it calls the one update they miss.
        self.title = "Google Chrome"

    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        return {binding.organisation: self._one(binding) for binding in bindings}

    def _one(self, binding: RmmBinding) -> RmmReading:
        now = self.clock.now()
        lost = Unread(source="NinjaOne", what="devices", reason="503", since=now)
        failed = binding.organisation in self.unread
        found = [] if failed else self.places.get(binding.organisation, [])
        fresh = tuple(replace(d, last_scan=now, last_seen=now) for d in found)
        return RmmReading(
            account=binding.account,
            organisation=binding.organisation,
            devices=fresh,
            patches=tuple(patch(self.title, device_id=d.id) for d in fresh),
            rows_known_for=frozenset(d.id for d in fresh),
            coverage=Coverage(unread=(lost,) if failed else ()),
            observed_at=now,
        )


class Tenant:
    """A directory of one computer, whose accounts cannot be read."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock

    def read(self, client: Client) -> DirectoryReading:
        now = self.clock.now()
        lost = Unread(source="Entra", what="users", reason="503", since=now)
        known = DirectoryDevice(
            id="1", name="NEW-01", os="Windows", joined=Fact.YES, enabled=Fact.YES
        )
        return DirectoryReading(
            tenant_id="t", devices=(known,), coverage=Coverage(unread=(lost,)), observed_at=now
        )


class House:
    def __init__(self, *clients: Client) -> None:
        self.clock = HandClock()
        self.snapshots: Snapshots = MemoryStore(self.clock).snapshots
        self.ninja, self.old = Account(self.clock), Account(self.clock)
        self.clients = clients

    def scan(self, *clients: Client) -> None:
        self.clock.move(hours=24)
        Scanner(
            clients=self.clients,
            directory=Tenant(self.clock),  # type: ignore[arg-type]
            rmms={"ninja": self.ninja, "old": self.old},  # type: ignore[dict-item]
            snapshots=self.snapshots,
            policy=Policy(),
            clock=self.clock,
            parallel=lambda jobs: [job() for job in jobs],
        ).scan(clients or self.clients)

    def patches(self, client: Client) -> PatchSection:
        snapshot = self.snapshots.get(client.key)
        assert snapshot is not None
        assert snapshot.patches is not None
        return snapshot.patches

    def since(self, client: Client) -> date:
        (found,) = self.patches(client).devices
        return found.lines[0].since


def test_a_device_that_moves_to_another_client_is_shown_there_alone_and_no_younger() -> None:
    house = House(ACME, BETA)
    house.ninja.places = {"1": [DEVICE], "2": []}
    house.scan()
    since = house.since(ACME)
    house.ninja.places = {"1": [], "2": [DEVICE]}
    house.scan()
    assert house.patches(ACME).devices == ()
    assert house.since(BETA) == since


def test_a_device_that_moved_is_not_kept_where_it_was_because_that_cannot_be_read() -> None:
    house = House(ACME, BETA)
    house.ninja.places = {"1": [DEVICE], "2": []}
    acme = replace(ACME, rmm=(at("ninja", "1"), at("old", "7")))
    house.clients = (acme, BETA)
    house.scan()
    house.ninja.places, house.ninja.unread = {"2": [DEVICE]}, {"1"}
    house.scan()
    assert house.patches(acme).devices == ()
    assert not house.patches(acme).coverage.complete
    assert len(house.patches(BETA).devices) == 1


def test_a_client_that_changes_its_rmm_keeps_the_ages_of_its_devices() -> None:
    before = replace(ACME, rmm=(at("old", "7"),))
    house = House(before)
    house.old.places = {"7": [replace(DEVICE, id=DeviceId("old:7"), account="old")]}
    house.scan()
    since = house.since(before)
    house.clients = (ACME,)
    house.ninja.places = {"1": [DEVICE]}
    house.clock.move(hours=24 * 40)
    house.scan()
    assert house.since(ACME) == since


def test_an_account_that_is_quiet_for_a_day_keeps_both_of_its_views() -> None:
    both = replace(ACME, rmm=(at("ninja", "1"), at("old", "7")))
    house = House(both)
    twin = replace(DEVICE, id=DeviceId("old:7"), account="old", vendor_id="7")
    house.ninja.places, house.old.places = {"1": [DEVICE]}, {"7": [twin]}
    house.scan()
    house.old.unread = {"7"}
    house.scan()
    (shown,) = house.patches(both).devices
    assert shown.also_in
    (kept,) = (d for d in house.patches(both).apart if d.account == "old")
    assert kept.last_seen == house.clock.now() - timedelta(days=1)


# First sight survives: nothing that happens to us or to the RMM makes an update younger.


def lost_for_a_day(house: House) -> None:
    house.ninja.unread = {"1"}
    house.scan()
    house.ninja.unread = set()


def empty_for_a_day(house: House) -> None:
    house.ninja.places = {"1": []}
    house.scan()
    house.ninja.places = {"1": [DEVICE]}


def without_rows_for_a_day(house: House) -> None:
    """It is offline, and the RMM then lists nothing of it."""
    house.ninja.places = {"1": [replace(DEVICE, online=Fact.NO)]}
    house.scan()
    house.ninja.places = {"1": [DEVICE]}


def device_renamed(house: House) -> None:
    house.ninja.places = {"1": [replace(DEVICE, name="ACME-RENAMED")]}


def update_renamed(house: House) -> None:
    house.ninja.title = "Google Chrome (x64 en-US) 143.0"


def account_renamed(house: House) -> None:
    """The table [rmm.ninja] is called [rmm.old] from now on; every device id begins with another name."""
    house.clients = (replace(ACME, rmm=(at("old", "1"),)),)
    house.old.places = {"1": [replace(DEVICE, id=DeviceId("old:1"), account="old")]}
    house.ninja.places = {}


@pytest.mark.parametrize(
    "happens",
    [
        lost_for_a_day,
        empty_for_a_day,
        without_rows_for_a_day,
        device_renamed,
        update_renamed,
        account_renamed,
    ],
)
def test_first_sight_survives(happens: Callable[[House], None]) -> None:
    house = House(ACME)
    house.ninja.places = {"1": [DEVICE]}
    house.scan()
    since = house.since(ACME)
    house.scan()
    happens(house)
    house.scan()
    assert house.since(ACME) == since


def test_first_sight_survives_a_restart(tmp_path: Path) -> None:
    house = House(ACME)
    house.ninja.places = {"1": [DEVICE]}
    house.snapshots = SnapshotFiles(tmp_path, damaged=tmp_path / "damaged")
    house.scan()
    since = house.since(ACME)
    house.snapshots = SnapshotFiles(tmp_path, damaged=tmp_path / "damaged")
    house.scan()
    assert house.since(ACME) == since


def test_first_sight_is_forgotten_with_the_data(tmp_path: Path) -> None:
    """What the tests above would miss if nothing were remembered at all."""
    house = House(ACME)
    house.ninja.places = {"1": [DEVICE]}
    house.scan()
    since = house.since(ACME)
    house.snapshots = SnapshotFiles(tmp_path, damaged=tmp_path / "damaged")
    house.scan()
    assert house.since(ACME) > since


def test_computers_in_no_rmm_are_found_although_the_accounts_cannot_be_read() -> None:
    house = House(replace(ACME, tenant_id="t"))
    house.ninja.places = {"1": [DEVICE]}
    house.scan()
    snapshot = house.snapshots.get(ACME.key)
    assert snapshot is not None
    assert snapshot.mfa is None
    assert [d.name for d in unmanaged(snapshot) or ()] == ["NEW-01"]


THEIRS = a_client(key=ClientKey("gamma"), rmm=(at("old", "7"),))
SERIAL = replace(DEVICE, serial="PF3X9Q2L")
TWIN = replace(SERIAL, id=DeviceId("old:7"), account="old", vendor_id="7")


def test_a_machine_that_two_clients_list_is_shown_once_from_the_first_scan_on() -> None:
    house = House(ACME, THEIRS)
    house.ninja.places, house.old.places = {"1": [SERIAL]}, {"7": [TWIN]}
    for _ in range(2):
        house.scan()
        (shown,) = house.patches(ACME).devices
        assert shown.also_under == (THEIRS.key,)
        assert house.patches(THEIRS).devices == ()


def test_a_scan_of_one_client_takes_a_machine_from_another_that_was_not_scanned() -> None:
    house = House(ACME, THEIRS)
    house.ninja.places, house.old.places = {"1": [SERIAL]}, {"7": []}
    house.scan()
    house.clock.move(hours=24 * 8)
    house.old.places = {"7": [TWIN]}
    house.scan(THEIRS)
    assert house.patches(ACME).devices == ()
    (shown,) = house.patches(THEIRS).devices
    assert shown.also_under == (ACME.key,)


def test_a_machine_set_up_anew_at_another_client_is_no_younger() -> None:
    house = House(ACME, THEIRS)
    house.ninja.places = {"1": [SERIAL]}
    house.scan()
    since = house.since(ACME)
    house.clock.move(hours=24 * 20)
    house.ninja.places, house.old.places = {}, {"7": [TWIN]}
    house.scan()
    assert house.patches(ACME).devices == ()
    assert house.since(THEIRS) == since
