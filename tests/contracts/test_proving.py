"""Installs no document is sure of: locked, proven against the stand-in, and then open on that server alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.domain.facts import Coverage, Fact
from core.domain.findings import DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import DeviceKind
from core.domain.proofs import WriteProof
from core.domain.remediation import Job
from core.errors import Refused, VendorForbidden
from core.usecases.prove_write import Outcome, Provable, ProveWrite
from integrations.rmm import VENDORS
from integrations.rmm.locked import LockedAccount, connect
from integrations.rmm.vendor import Vendor
from sandbox.estate.model import Company, Device
from sandbox.rmm.automate.actions import CLIENT, LOCATION
from tests.contracts.vendor_bench import ACCOUNT, PATIENCE, REQUEST, Bench, Serve
from tests.contracts.vendor_rigs import RIGS
from tests.contracts.vendor_rigs.rig import Rig
from tests.fakes.memory_store import MemoryStore
from tests.sandbox.rmm_desk import missing, willing

UNSURE = {vendor.key: vendor for vendor in VENDORS if vendor.unsure is not None}


@dataclass
class Desk:
    """One vendor's stand-in, its account with the lock on, and a device that will install its update."""

    bench: Bench
    vendor: Vendor[Any]
    store: MemoryStore
    company: Company
    device: Device

    @classmethod
    def make(cls, rig: Rig, serve: Serve, ca_file: Path) -> "Desk":
        bench = Bench.make(rig, rig.make_world(), serve, ca_file)
        company, device = bench.pick(willing)
        store = MemoryStore(bench.world.clock)
        made = cls(bench, UNSURE[rig.key], store, company, device)
        made._scanned()
        return made

    def _scanned(self) -> None:
        """As the newest scan would show the device."""
        now = self.bench.world.clock.now()
        verdict = DeviceVerdict(
            device_id=self.bench.device_id(self.device), account=ACCOUNT, name=self.device.name,
            kind=DeviceKind.WORKSTATION, os="Windows", online=Fact.YES, last_seen=now, last_scan=now,
            overdue=Fact.YES,
        )  # fmt: skip
        section = PatchSection(observed_at=now, devices=(verdict,), coverage=Coverage())
        client = self.bench.client(self.company).key
        self.store.snapshots.put(Snapshot(client=client, patches=section))

    def account(self, **more: Any) -> LockedAccount:
        address = {"base_url": self.bench.url, "ca_file": self.bench.ca_file}
        settings = self.vendor.settings(**{**address, **self.bench.rig.settings, **more})
        made = connect(
            self.vendor, ACCOUNT, settings, clock=self.bench.world.clock,
            proven=self.store.proofs.find, patience=PATIENCE,
        )  # fmt: skip
        assert isinstance(made, LockedAccount)
        self.bench.accounts.append(made)
        return made

    def prove(self, account: LockedAccount, *, meanwhile: Any = None) -> Outcome:
        def pause(seconds: float) -> None:
            if meanwhile is not None:
                meanwhile()
            self.bench.world.clock.advance(seconds)

        prove = ProveWrite(
            provables={
                ACCOUNT: Provable(doubt=account.doubt, rmm=account.real, trial=account.trial)
            },
            clients=[self.bench.client(self.company)],
            snapshots=self.store.snapshots,
            proofs=self.store.proofs,
            switch=self.store.switch,
            audit=self.store.audit,
            clock=self.bench.world.clock,
            pause=pause,
            within=timedelta(minutes=2),
            every=timedelta(seconds=15),
        )
        return prove(prove.candidate(self.vendor.key, self.device.name), by="tess")

    def is_proven(self, account: LockedAccount) -> None:
        """As after a run that was seen on the device alone."""
        proof = WriteProof(
            doubt=account.doubt, client=self.bench.client(self.company).key,
            device_id=self.bench.device_id(self.device), device_name=self.device.name,
            seen="the effect was seen", by="tess", at=self.bench.world.clock.now(),
        )  # fmt: skip
        self.store.proofs.put(proof, actor="console")

    def job(self, account: LockedAccount, device: Device) -> Job:
        return self.bench.job(self.bench.plan(account, self.company, device), account)


@pytest.fixture(params=[rig for rig in RIGS if rig.key in UNSURE], ids=lambda rig: rig.key)
def desk(request: pytest.FixtureRequest, serve_tls: Serve, ca_file: Path) -> Iterator[Desk]:
    made = Desk.make(request.param, serve_tls, ca_file)
    yield made
    made.bench.close()


def test_the_vendors_that_are_unsure() -> None:
    assert set(UNSURE) == {"automate", "vsa9"}


def test_install_is_locked_until_one_run_was_seen_and_then_open(desk: Desk) -> None:
    account, client = desk.account(), desk.bench.client(desk.company)
    assert not account.capabilities.install
    lock = account.prove(desk.bench.bindings()).lock
    assert lock is not None
    assert lock.remedy == f"Run: python bot.py prove {desk.vendor.key} --device NAME"
    with pytest.raises(VendorForbidden, match="locked until it is proven"):
        account.dispatch(client, desk.job(account, desk.device), REQUEST)
    assert desk.bench.effects() == []

    outcome = desk.prove(account)
    assert outcome.proven, outcome.seen
    assert len(desk.bench.effects()) == 1
    assert not list(missing(desk.device))
    assert account.capabilities.install
    told = account.prove(desk.bench.bindings())
    assert told.lock is None
    assert any(desk.device.name in permission.name for permission in told.permissions)
    assert all(permission.present is Fact.YES for permission in told.permissions)
    # Another process on the same server finds it open, too.
    assert desk.account().capabilities.install


def test_proof_of_one_server_opens_no_other(desk: Desk) -> None:
    account, elsewhere = desk.account(), desk.account(base_url="https://elsewhere.example")
    desk.is_proven(account)
    assert account.capabilities.install
    assert not elsewhere.capabilities.install


def test_somebody_elses_install_meanwhile_spoils_the_proof(desk: Desk) -> None:
    account, client = desk.account(), desk.bench.client(desk.company)
    other = next(d for d in desk.company.devices if willing(d) and d is not desk.device)
    jobs = [desk.job(account, other)]

    def meanwhile() -> None:
        if jobs:
            account.real.dispatch(client, jobs.pop(), REQUEST)

    outcome = desk.prove(account, meanwhile=meanwhile)
    assert not outcome.proven
    assert other.name in outcome.seen
    assert not account.capabilities.install


def test_device_that_is_off_is_not_tried(desk: Desk) -> None:
    desk.device.online = False
    with pytest.raises(Refused, match="not online"):
        desk.prove(desk.account())
    assert desk.bench.effects() == []


# Automate.


@pytest.fixture
def automate(serve_tls: Serve, ca_file: Path) -> Iterator[Desk]:
    made = Desk.make(next(rig for rig in RIGS if rig.key == "automate"), serve_tls, ca_file)
    yield made
    made.bench.close()


@pytest.mark.parametrize("wrong", [LOCATION, CLIENT, 9])
def test_wrong_number_hits_nobody_and_opens_nothing(automate: Desk, wrong: int) -> None:
    """The device's id is nobody else's, so that a wrong number names nothing there is."""
    account = automate.account(entity_type_computer=wrong)
    outcome = automate.prove(account)
    assert not outcome.proven
    assert automate.bench.effects() == []
    assert not account.capabilities.install


def test_proof_of_one_number_does_not_hold_for_another(automate: Desk) -> None:
    account, other = automate.account(), automate.account(entity_type_computer=CLIENT)
    automate.is_proven(account)
    assert account.capabilities.install
    assert not other.capabilities.install


def test_number_that_nobody_set_can_not_be_proven(automate: Desk) -> None:
    account = automate.account(entity_type_computer=None)
    assert not account.provable
    assert account.prove(automate.bench.bindings()).lock is None


def test_order_that_does_nothing_proves_nothing(automate: Desk) -> None:
    """It is taken, but no patch policy holds for the device."""
    automate.device.patch_policy = False
    outcome = automate.prove(automate.account())
    assert not outcome.proven
    assert "no effect was seen" in outcome.seen


# VSA 9.


def test_order_that_only_schedules_a_scan_proves_nothing(serve_tls: Serve, ca_file: Path) -> None:
    """As one description has it: the call is taken, the device is scanned, and nothing goes in."""
    desk = Desk.make(next(rig for rig in RIGS if rig.key == "vsa9"), serve_tls, ca_file)
    path = desk.bench.rig.install_path.removeprefix("*")

    def only_scans(request: Any, _: int) -> Any:
        if not request.path.endswith(path):
            return None
        desk.device.last_scan = desk.bench.world.clock.now() + timedelta(seconds=1)
        return web.json_response({"Result": None, "ResponseCode": 0, "Status": "OK"})

    desk.bench.wire.intercept = only_scans
    outcome = desk.prove(desk.account())
    assert not outcome.proven
    assert "no effect was seen" in outcome.seen
    desk.bench.close()
