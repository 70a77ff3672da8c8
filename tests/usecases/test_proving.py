"""An unsure write is proven by one run that was seen on the named device, and by nothing less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.domain.clients import Client, RmmBinding
from core.domain.facts import Coverage, Fact
from core.domain.findings import DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import (
    Capabilities,
    DeviceId,
    DeviceKind,
    DevicePreview,
    RmmReading,
    ServerRole,
)
from core.domain.proofs import Doubt, Trace
from core.domain.remediation import Job, JobKind, JobState
from core.errors import (
    Frozen,
    NotFound,
    OutcomeUnknown,
    Refused,
    StorageFailed,
    VendorBusy,
    VendorDown,
    VendorError,
)
from core.ports import Freeze, Report
from core.usecases.prove_write import Outcome, Provable, ProveWrite
from tests.fakes.effector import FakeEffector
from tests.fakes.memory_store import MemoryStore
from tests.storage.making import START, SetClock
from tests.usecases.requests_made import a_client

DOUBT = Doubt(
    vendor="automate", server="https://a.example", reading="EntityType 1", risk="It may hit all."
)
PC, OTHER = DeviceId("cwa:412"), DeviceId("cwa:413")


class FakeRmm(FakeEffector):
    """An account with one previewed device."""

    account = "cwa"
    vendor_name = "Automate"
    capabilities = Capabilities(install=True)

    def __init__(self) -> None:
        super().__init__()
        #: The updates the call was to take.
        self.named: tuple[str, ...] = ()
        self.shown: DevicePreview | None = DevicePreview(
            device_id=PC,
            name="PC-412",
            kind=DeviceKind.WORKSTATION,
            online=Fact.YES,
            count=2,
            chosen={"17": "KB5000001", "16": "KB5000002"},
        )

    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        return {}

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        self.named = job.chosen
        return super().mark(client, job)

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        return {} if self.shown is None else {PC: self.shown}


@dataclass
class FakeTrial:
    """What is seen before and after, device by device."""

    before: dict[DeviceId, str] = field(default_factory=lambda: {PC: "", OTHER: ""})
    after: dict[DeviceId, str] = field(default_factory=lambda: {PC: "installed", OTHER: ""})
    did: bool = True
    no: str | None = None
    failures: list[VendorError | None] = field(default_factory=list)
    looks: int = 0

    def unfit(self, device: DeviceId) -> str | None:
        return self.no

    def took(self, job: Job) -> bool:
        return self.did

    def traces(self) -> Mapping[DeviceId, Trace]:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.looks += 1
        seen = self.before if self.looks == 1 else self.after
        return {key: Trace(name=f"PC-{key[-3:]}", mark=mark) for key, mark in seen.items()}


@dataclass
class Bench:
    """One account, one client, one newest scan."""

    rmm: FakeRmm = field(default_factory=FakeRmm)
    trial: FakeTrial = field(default_factory=FakeTrial)
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.clock)
        self.client = replace(
            a_client(),
            tenant_id=None,
            rmm=(RmmBinding(account="cwa", vendor="automate", organisation="12"),),
        )
        self.scanned(verdict())

    def scanned(self, *devices: DeviceVerdict) -> None:
        section = PatchSection(observed_at=START, devices=devices, coverage=Coverage())
        self.store.snapshots.put(Snapshot(client=self.client.key, patches=section))

    @property
    def prove(self) -> ProveWrite:
        return ProveWrite(
            provables={"cwa": Provable(doubt=DOUBT, rmm=self.rmm, trial=self.trial)},
            clients=[self.client],
            snapshots=self.store.snapshots,
            proofs=self.store.proofs,
            switch=self.store.switch,
            audit=self.store.audit,
            clock=self.clock,
            pause=self.wait,
        )

    def wait(self, seconds: float) -> None:
        self.clock.move(seconds=seconds)

    def run(self, name: str = "PC-412") -> Outcome:
        prove = self.prove
        return prove(prove.candidate("automate", name), by="tess")

    @property
    def proven(self) -> bool:
        return self.store.proofs.find(DOUBT) is not None


def verdict(device_id: DeviceId = PC, **more: object) -> DeviceVerdict:
    made = DeviceVerdict(
        device_id=device_id, account="cwa", name="PC-412", kind=DeviceKind.WORKSTATION, os="Windows",
        online=Fact.YES, last_seen=START, last_scan=START, overdue=Fact.YES,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_effect_on_the_named_device_alone_opens_the_lock_and_is_on_the_record(
    bench: Bench,
) -> None:
    outcome = bench.run()
    assert outcome.proven
    assert "PC-412" in outcome.seen
    assert "none of 1 other" in outcome.seen
    proof = bench.store.proofs.find(DOUBT)
    assert proof is not None
    assert (proof.by, proof.device_id, proof.seen) == ("tess", PC, outcome.seen)
    assert bench.store.audit.kinds == ["proof.begun", "proof.given"]
    begun = bench.store.audit.entries[0].detail
    assert begun["server"] == "https://a.example"
    assert begun["by"] == "tess"
    assert bench.rmm.sent == [(PC,)]
    assert bench.rmm.named == ("16", "17")


def test_device_may_be_named_by_its_id(bench: Bench) -> None:
    assert bench.run("cwa:412").proven


def test_change_on_another_device_proves_nothing_and_is_named(bench: Bench) -> None:
    bench.trial.after[OTHER] = "installed"
    outcome = bench.run()
    assert not outcome.proven
    assert "PC-413" in outcome.seen
    assert not bench.proven
    assert bench.store.audit.kinds == ["proof.begun", "proof.failed"]
    assert "PC-413" in str(bench.store.audit.entries[1].detail["seen"])


def test_no_effect_proves_nothing(bench: Bench) -> None:
    bench.trial.did = False
    outcome = bench.run()
    assert (outcome.proven, bench.proven) == (False, False)
    assert "no effect was seen on PC-412" in outcome.seen


def test_effect_whose_end_is_not_seen_in_time_proves_nothing(bench: Bench) -> None:
    bench.rmm.reports = [Report(state=JobState.RUNNING)] * 10_000
    outcome = bench.run()
    assert (outcome.proven, bench.proven) == (False, False)
    assert "its end was not seen" in outcome.seen
    assert bench.clock.now() - START < timedelta(minutes=31)


def test_device_that_came_meanwhile_is_no_effect(bench: Bench) -> None:
    bench.trial.after[DeviceId("cwa:500")] = "new"
    assert bench.run().proven


def test_call_that_was_cut_off_proves_nothing_and_all_devices_are_looked_at(bench: Bench) -> None:
    bench.rmm.dispatch_errors = [OutcomeUnknown("Automate", "It did not answer in time.")]
    bench.trial.after[OTHER] = "installed"
    outcome = bench.run()
    assert (outcome.proven, bench.proven) == (False, False)
    assert "cut off" in outcome.seen
    assert "PC-413" in outcome.seen
    assert len(bench.rmm.sent) == 1


def test_call_that_was_cut_off_proves_nothing_even_where_it_worked(bench: Bench) -> None:
    bench.rmm.dispatch_errors = [OutcomeUnknown("Automate")]
    assert not bench.run().proven
    assert not bench.proven


@pytest.mark.parametrize("error", [VendorDown("Automate"), VendorBusy("Automate")])
def test_call_that_failed_proves_nothing_and_is_made_once(bench: Bench, error: VendorError) -> None:
    bench.rmm.dispatch_errors = [error]
    outcome = bench.run()
    assert (outcome.proven, bench.proven) == (False, False)
    assert len(bench.rmm.sent) == 1
    assert bench.store.audit.kinds == ["proof.begun", "proof.failed"]


def test_fleet_that_cannot_be_read_whole_afterwards_proves_nothing(bench: Bench) -> None:
    bench.trial.failures = [None, VendorDown("Automate")]
    outcome = bench.run()
    assert (outcome.proven, bench.proven) == (False, False)
    assert "could not be read on every device" in outcome.seen


def test_fleet_that_cannot_be_read_before_is_not_touched(bench: Bench) -> None:
    bench.trial.failures = [VendorDown("Automate")]
    with pytest.raises(VendorDown):
        bench.run()
    assert bench.rmm.sent == []
    assert bench.store.audit.kinds == []


def test_nothing_is_sent_that_cannot_be_recorded(bench: Bench) -> None:
    prove = bench.prove
    candidate = prove.candidate("automate", "PC-412")
    bench.store.kept.full = True
    with pytest.raises(StorageFailed):
        prove(candidate, by="tess")
    assert bench.rmm.sent == []


def test_nothing_is_proven_while_frozen(bench: Bench) -> None:
    prove = bench.prove
    candidate = prove.candidate("automate", "PC-412")
    bench.store.switch.set(Freeze(at=START, by=None, by_name="x", why="odd"), actor="console")
    with pytest.raises(Frozen):
        prove.candidate("automate", "PC-412")
    with pytest.raises(Frozen):
        prove(candidate, by="tess")
    assert bench.rmm.sent == []


@pytest.mark.parametrize(
    ("device", "why"),
    [
        (verdict(protected=True), "protected"),
        (verdict(kind=DeviceKind.SERVER), "not surely a workstation"),
        (verdict(kind=DeviceKind.UNKNOWN), "not surely a workstation"),
        # What its RMM takes for a workstation, and a tag for a server.
        (verdict(roles=frozenset({ServerRole.GUEST})), "not surely a workstation"),
    ],
)
def test_device_that_must_not_be_touched_is_refused(
    bench: Bench, device: DeviceVerdict, why: str
) -> None:
    bench.scanned(device)
    with pytest.raises(Refused, match=why):
        bench.run()
    assert bench.rmm.sent == []


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (None, "not online"),
        ({"online": Fact.NO}, "not online"),
        ({"online": Fact.UNKNOWN}, "not online"),
        ({"count": 0}, "Nothing approved"),
        ({"count": None}, "Nothing approved"),
    ],
)
def test_device_on_which_nothing_could_be_seen_is_refused(
    bench: Bench, shown: dict[str, object] | None, why: str
) -> None:
    now = bench.rmm.shown
    assert now is not None
    bench.rmm.shown = None if shown is None else replace(now, **shown)  # type: ignore[arg-type]
    with pytest.raises(Refused, match=why):
        bench.run()


def test_device_the_vendor_calls_unfit_is_refused(bench: Bench) -> None:
    bench.trial.no = "its id is a client's, too."
    with pytest.raises(Refused, match="its id is a client's"):
        bench.run()


def test_name_of_two_devices_is_ambiguous_and_their_ids_are_told(bench: Bench) -> None:
    bench.scanned(verdict(), verdict(OTHER))
    with pytest.raises(Refused, match=r"cwa:412, cwa:413"):
        bench.run()


def test_unknown_device_and_vendor_without_an_account_are_said(bench: Bench) -> None:
    with pytest.raises(NotFound, match=r"bot\.py scan"):
        bench.run("PC-999")
    with pytest.raises(NotFound, match=r"docs/vendors/vsa9\.md"):
        bench.prove.candidate("vsa9", "PC-412")
