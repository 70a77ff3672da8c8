"""Run an unsure write once, on the one device a person names, and see that it reached that device alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import DeviceVerdict
from core.domain.patching import DeviceId
from core.domain.proofs import Doubt, Trace, WriteProof
from core.domain.remediation import Job, JobId, JobKind, RequestId
from core.errors import Frozen, NotFound, OutcomeUnknown, Refused, VendorError
from core.ports import AuditLog, Clock, Proofs, Rmm, ShownSnapshots, Switch, Trial
from core.rules.binding import mismatch
from core.rules.nights import acts_as_server

#: Who it is on the record; the person's name stands beside it.
CONSOLE = "console"
#: The id the one call carries where a vendor takes one.
_NAME = RequestId("PROOF")
_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Provable:
    """One account with an unsure write. `rmm` is the account without its lock."""

    doubt: Doubt
    rmm: Rmm
    trial: Trial


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """The device a person named, and what an install would take there now."""

    provable: Provable
    client: Client
    device: DeviceVerdict
    updates: int
    #: Where the vendor can be told which: exactly these, by what it is told.
    chosen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Whether it is proven, and what was seen, in one clause."""

    proven: bool
    seen: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProveWrite:
    """Proves one reading on one server. `provables` are by account; `pause` waits so many seconds."""

    provables: Mapping[str, Provable]
    clients: Sequence[Client]
    snapshots: ShownSnapshots
    proofs: Proofs
    switch: Switch
    audit: AuditLog
    clock: Clock
    pause: Callable[[float], None]
    within: timedelta = timedelta(minutes=30)
    every: timedelta = timedelta(seconds=2)

    # Before.

    def candidate(self, vendor: str, name: str) -> Candidate:
        """The device of that name (or id), if it can prove anything. Raises Refused, VendorError."""
        self._check_frozen()
        client, device = self._device(vendor, name)
        provable = self.provables[device.account]
        self._check_device(client, device)
        preview = provable.rmm.preview(client, JobKind.INSTALL, [device.device_id])
        now = preview.get(device.device_id)
        if now is None or now.online is not Fact.YES:
            raise Refused(f"{device.name} is not online, so nothing could be seen on it.")
        if not now.count:
            raise Refused(
                f"Nothing approved is waiting for {device.name}, so no effect could be seen on it."
            )
        unfit = provable.trial.unfit(device.device_id)
        if unfit is not None:
            raise Refused(f"{device.name} cannot be used: {unfit}")
        return Candidate(
            provable=provable,
            client=client,
            device=device,
            updates=now.count,
            chosen=now.chosen,
        )

    def _check_frozen(self) -> None:
        if self.switch.frozen() is not None:
            raise Frozen

    def _device(self, vendor: str, name: str) -> tuple[Client, DeviceVerdict]:
        accounts = {key for key, item in self.provables.items() if item.doubt.vendor == vendor}
        if not accounts:
            raise NotFound(
                f"No {vendor} account is set up so far that there is something to prove; "
                f"docs/vendors/{vendor}.md says what is needed."
            )
        found = [
            (client, device)
            for client in self.clients
            for device in self._devices(client)
            if device.account in accounts and name in (device.name, device.device_id)
        ]
        if not found:
            raise NotFound(
                f"The newest scan knows no {vendor} device named {name}. Run: python bot.py scan"
            )
        if len(found) > 1:
            ids = ", ".join(device.device_id for _, device in found)
            raise Refused(f"{len(found)} devices are named {name}: give one's id instead ({ids}).")
        return found[0]

    def _devices(self, client: Client) -> Sequence[DeviceVerdict]:
        snapshot = self.snapshots.get(client.key)
        section = snapshot.patches if snapshot is not None else None
        return section.devices if section is not None else ()

    def _check_device(self, client: Client, device: DeviceVerdict) -> None:
        """A device whose restart troubles few, of a client that is surely the one it is taken for."""
        if device.protected:
            raise Refused(f"{device.name} is protected in the configuration.")
        if acts_as_server(device, client):
            raise Refused(
                f"{device.name} is not surely a workstation; take one, it may be restarted."
            )
        snapshot = self.snapshots.get(client.key)
        wrong = mismatch(snapshot.mfa, snapshot.patches, client) if snapshot is not None else None
        if wrong is not None:
            raise Refused(wrong)

    # The run.

    def __call__(self, candidate: Candidate, *, by: str) -> Outcome:
        """Make the one call, follow it, and look at every device the account sees, before and after.

        Raises Refused, VendorError or StorageFailed where nothing was sent; afterwards it always ends in
        an outcome.
        """
        self._check_frozen()
        before = candidate.provable.trial.traces()
        job = self._job(candidate)
        self._record("proof.begun", candidate, by=by)
        outcome = self._outcome(candidate, job, before)
        if outcome.proven:
            self.proofs.put(self._proof(candidate, outcome.seen, by), actor=CONSOLE)
        else:
            self._record("proof.failed", candidate, by=by, seen=outcome.seen)
        return outcome

    def _job(self, candidate: Candidate) -> Job:
        job = Job(
            id=JobId(f"{_NAME}-1"),
            kind=JobKind.INSTALL,
            account=candidate.device.account,
            client=candidate.client.key,
            targets=(candidate.device.device_id,),
            chosen=tuple(sorted(candidate.chosen)),
            dispatched_at=self.clock.now(),
        )
        mark = candidate.provable.rmm.mark(candidate.client, job)
        return replace(job, mark=mark)

    def _outcome(self, candidate: Candidate, job: Job, before: Mapping[DeviceId, Trace]) -> Outcome:
        try:
            candidate.provable.rmm.dispatch(candidate.client, job, _NAME)
        except OutcomeUnknown as failure:
            seen = self._seen(candidate, job, before).seen
            return Outcome(proven=False, seen=f"the call was cut off ({failure.reason}); {seen}")
        except VendorError as failure:
            return Outcome(proven=False, seen=f"the call failed: {failure.sentence}")
        return self._seen(candidate, job, before)

    def _seen(self, candidate: Candidate, job: Job, before: Mapping[DeviceId, Trace]) -> Outcome:
        """What became of the call, once it has ended or time is up."""
        try:
            ended = self._followed(candidate, job)
            took = candidate.provable.trial.took(job)
            after = candidate.provable.trial.traces()
        except VendorError as failure:
            words = f"what it did could not be read on every device: {failure.sentence}"
            return Outcome(proven=False, seen=words)
        return _judged(candidate.device, before, after, took=took, ended=ended)

    def _followed(self, candidate: Candidate, job: Job) -> bool:
        """Whether its end was seen in time."""
        until = self.clock.now() + self.within
        while self.clock.now() < until:
            self.pause(self.every.total_seconds())
            report = candidate.provable.rmm.follow(candidate.client, job)
            if report.state.final:
                return True
            job = replace(job, state=report.state)
        return False

    # The record.

    def _proof(self, candidate: Candidate, seen: str, by: str) -> WriteProof:
        return WriteProof(
            doubt=candidate.provable.doubt,
            client=candidate.client.key,
            device_id=candidate.device.device_id,
            device_name=candidate.device.name,
            seen=seen,
            by=by,
            at=self.clock.now(),
        )

    def _record(self, kind: str, candidate: Candidate, **more: object) -> None:
        doubt, device = candidate.provable.doubt, candidate.device
        self.audit.append(
            kind,
            actor=CONSOLE,
            client=candidate.client.key,
            vendor=doubt.vendor,
            server=doubt.server,
            reading=doubt.reading,
            device={"id": device.device_id, "name": device.name},
            **more,
        )


def _judged(
    device: DeviceVerdict,
    before: Mapping[DeviceId, Trace],
    after: Mapping[DeviceId, Trace],
    *,
    took: bool,
    ended: bool,
) -> Outcome:
    """Proven only where it did its work on the named device, nothing changed on others, and it has ended."""
    others = sorted(
        trace.name
        for key, trace in before.items()
        if key != device.device_id and key in after and after[key].mark != trace.mark
    )
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        words = f"something changed on other devices, too: {', '.join(others[:_NAMED])}{more}"
        return Outcome(proven=False, seen=words)
    if not took:
        return Outcome(proven=False, seen=f"no effect was seen on {device.name}, nor anywhere else")
    if not ended:
        return Outcome(proven=False, seen=f"it began on {device.name}, but its end was not seen")
    words = f"the effect was seen on {device.name} and on none of {len(before) - 1} other devices"
    return Outcome(proven=True, seen=words)
