"""Quick jobs: handed to the device's agent, run there in simulated time, followed by an audit.

At pace 1 the agent fetches a job after 1 s (until then there is no result, 404), starts it a second
later, scans in 1.5 s or installs in 3 to 6 s; the audit that renews the device's counts comes 3 s
after the end. A restart follows its job by 5 s and takes 6 s. Jobs of an offline device stay Pending until it is back or they expire.
"""

import uuid
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm.datto.activity_log import ActivityLog
from sandbox.rmm.datto.audit import Audit, audit
from sandbox.rmm.datto.component import INSTALL_COMPONENT_UID
from sandbox.rmm.fleet import Fleet, Node, offer_releases, spread
from sandbox.rmm.installs import reboot, scan
from sandbox.rmm.update_script import WARNING, Run

#: A quick job nobody fetched within this time expires.
JOB_LIFE = timedelta(hours=24)

_FETCH_S = 1.0
_START_S = 1.0
_SCAN_S = 1.5
_AUDIT_S = 3.0
_RESTART_S = 6.0
#: Here a minute of warning takes a second, as installs take seconds.
_HASTE = 1 / 60


@dataclass
class Job:
    """One quick job. `status` is None until the agent had a chance to fetch it."""

    id: int
    name: str
    node: Node
    component_uid: str
    component_name: str
    variables: dict[str, str]
    created: datetime
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str | None = None
    started: datetime | None = None
    warnings: int = 0
    stdout: str | None = None
    stderr: str | None = None

    @property
    def device(self) -> Device:
        return self.node.device

    @property
    def finished(self) -> bool:
        return self.status in ("Success", "Warning", "Failure", "Expired")


class Jobs:
    """All jobs of the account, the audits, and the witness of what devices do by themselves."""

    def __init__(self, fleet: Fleet, log: ActivityLog) -> None:
        self._fleet = fleet
        self._log = log
        self._jobs: dict[str, Job] = {}
        self._queued: defaultdict[int, deque[Job]] = defaultdict(deque)
        self._running: set[int] = set()
        self.audits: dict[str, Audit] = {
            device.uid: audit(device, device.last_scan) for device in fleet.devices
        }

    def create(
        self, node: Node, name: str, component: tuple[str, str], variables: dict[str, str]
    ) -> Job:
        """Accept a job; `component` is its uid and name."""
        now = self._fleet.world.clock.now()
        number = 70_001 + len(self._jobs)
        job = Job(number, name, node, *component, variables, now)
        self._jobs[job.uid] = job
        self._log.add(node, "create", f"Quick job {name}", now)
        self._fleet.later(now, _FETCH_S, partial(self._fetch, job))
        return job

    def find(self, uid: str) -> Job | None:
        return self._jobs.get(uid)

    def start_waiting(self, now: datetime) -> None:
        """Start what waited for devices that are online by now."""
        for number in [number for number, queue in self._queued.items() if queue]:
            self._start_next(self._fleet.nodes[number].device, now)

    def scanned(self, device: Device, at: datetime) -> None:
        self._audit(device, at)

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        """The API shows nothing of single updates."""

    def rebooted(self, device: Device, at: datetime) -> None:
        self._audit(device, at)

    def came_online(self, device: Device, at: datetime) -> None:
        self._start_next(device, at)

    def _fetch(self, job: Job, at: datetime) -> None:
        job.status = "Pending"
        self._queued[job.device.number].append(job)
        self._fleet.agenda.at(job.created + JOB_LIFE, partial(self._expire, job))
        self._start_next(job.device, at)

    def _expire(self, job: Job, at: datetime) -> None:
        queue = self._queued[job.device.number]
        if job in queue:
            queue.remove(job)
            job.status = "Expired"
            self._log.add(job.node, "expired", f"Quick job {job.name}", at)

    def _start_next(self, device: Device, at: datetime) -> None:
        queue = self._queued[device.number]
        if not queue or device.number in self._running or not device.online:
            return
        self._running.add(device.number)
        self._fleet.later(at, _START_S, partial(self._run, queue.popleft()))

    def _run(self, job: Job, at: datetime) -> None:
        job.status, job.started = "Running", at
        run = Run(job.device, job.variables, at)
        job.stderr = run.refusal() if job.component_uid == INSTALL_COMPONENT_UID else None
        todo = run.todo() if job.stderr is None else []
        whole = 3.0 + spread(job.device, 4) if todo else _SCAN_S
        for place, update in enumerate(todo, 1):
            share = place * whole / (len(todo) + 1)
            self._fleet.later(at, share, partial(run.attempt, update))
        self._fleet.later(at, whole, partial(self._end, job, run))

    def _end(self, job: Job, run: Run, at: datetime) -> None:
        """Give the result; the audit comes later."""
        if job.component_uid == INSTALL_COMPONENT_UID and job.stderr is None:
            offer_releases(job.device, at)
            job.stdout = run.output(at)
            if run.restarts:
                self._fleet.later(
                    at, WARNING.total_seconds() * _HASTE, partial(self._go_down, job.device)
                )
        failures = sum(not installed for _, installed in run.tried)
        job.warnings = failures
        job.status = _verdict(job, failures, len(run.tried))
        self._log.add(job.node, "deployment", f"Quick job {job.name}: {job.status}", at)
        self._running.discard(job.device.number)
        self._fleet.later(at, _AUDIT_S, partial(self._audit, job.device))
        self._start_next(job.device, at)

    def _go_down(self, device: Device, at: datetime) -> None:
        device.online = False
        device.last_seen = at
        self._fleet.later(at, _RESTART_S, partial(self._come_up, device))

    def _come_up(self, device: Device, at: datetime) -> None:
        reboot(device, at)
        self._audit(device, at)
        self._start_next(device, at)

    def _audit(self, device: Device, at: datetime) -> None:
        if device.patch_policy:
            scan(device, at)
        self.audits[device.uid] = audit(device, at)


def _verdict(job: Job, failures: int, tried: int) -> str:
    """Failure where nothing at all worked, Warning where only some of it did."""
    if job.stderr is not None or (failures and failures == tried):
        return "Failure"
    return "Warning" if failures else "Success"
