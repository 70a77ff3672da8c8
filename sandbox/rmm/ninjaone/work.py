"""What devices do when told to: pick a job up, work on it in simulated time, report step by step.

What a script installed NinjaOne learns with the device's next scan.

At pace 1 an install takes some 6 to 12 s: picked up after 1 s, the patches spread over 3 to 6 s, then
a restart where one is owed and nobody is logged on (the policy's doing, the API has no say in it),
then a scan. Jobs of one device run one after the other; those of an offline device wait for it.
"""

import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm.fleet import Fleet, offer_releases, spread
from sandbox.rmm.installs import attempt, reboot, scan, waiting
from sandbox.rmm.ninjaone.activities import Activities, Activity, patch_attempt, scan_line
from sandbox.rmm.ninjaone.rows import Row
from sandbox.rmm.update_script import Run

_PICK_UP_S = 1.0
_SCAN_S = 1.5
_RESTART_S = 1.5
#: How long a person gets to save their work before a NORMAL restart.
_GRACE_S = 8.0


_FAMILIES = {"reboot": "SYSTEM", "script": "SCRIPTING"}


@dataclass
class Job:
    """One errand of one device. `kind` is the trigger: os_scan, os_apply, software_..., reboot, script."""

    device: Device
    kind: str
    created: datetime
    forced: bool = False
    uid: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "START_REQUESTED"
    failures: int = 0
    #: The update script's variables, where it is that script.
    variables: dict[str, str] | None = None

    @property
    def software(self) -> bool:
        return self.kind.startswith("software")

    @property
    def family(self) -> str:
        if self.kind in _FAMILIES:
            return _FAMILIES[self.kind]
        return "SOFTWARE_PATCH_MANAGEMENT" if self.software else "PATCH_MANAGEMENT"


class Work:
    """The jobs of all devices, and the witness of what devices do by themselves."""

    def __init__(self, fleet: Fleet, activities: Activities) -> None:
        self._fleet = fleet
        self._activities = activities
        self._queued: defaultdict[int, deque[Job]] = defaultdict(deque)
        self._running: dict[int, Job] = {}
        self._unseen: defaultdict[int, list[Callable[[datetime], None]]] = defaultdict(list)

    def submit(self, job: Job) -> None:
        self._queued[job.device.number].append(job)
        self._start_next(job.device, job.created)

    def jobs_of(self, device: Device) -> list[Job]:
        """The jobs that run; what waits for an offline device is not shown anywhere."""
        return [job for job in self._running.values() if job.device is device]

    def start_waiting(self, now: datetime) -> None:
        """Start what waited for devices that are online by now."""
        for number in [number for number, queue in self._queued.items() if queue]:
            self._start_next(self._fleet.nodes[number].device, now)

    def scanned(self, device: Device, at: datetime) -> None:
        self._learn(device, at)
        self._activities.add(scan_line(device, at - timedelta(seconds=40), "STARTED"))
        self._activities.add(scan_line(device, at, "COMPLETED"))

    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None:
        self._activities.add(patch_attempt(device, update, installed, at))

    def rebooted(self, device: Device, at: datetime) -> None:
        self._activities.add(_rebooted(device, at, None))

    def came_online(self, device: Device, at: datetime) -> None:
        self._start_next(device, at)

    def _start_next(self, device: Device, at: datetime) -> None:
        queue = self._queued[device.number]
        if not queue or device.number in self._running or not device.online:
            return
        job = queue.popleft()
        self._running[device.number] = job
        begin = {
            "scan": self._scan,
            "apply": self._apply,
            "reboot": self._go_down,
            "script": self._run,
        }
        self._fleet.later(at, _PICK_UP_S, partial(begin[job.kind.rpartition("_")[2]], job))

    def _apply(self, job: Job, at: datetime) -> None:
        """Whatever is approved by now goes in, one patch after the other."""
        job.status = "IN_PROCESS"
        self._report(job, at, "APPLY_PATCH_STARTED")
        todo = waiting(job.device, software=job.software)
        whole = 3.0 + spread(job.device, 4)
        for place, update in enumerate(todo, 1):
            share = place * whole / (len(todo) + 1)
            self._fleet.later(at, share, partial(self._attempt, job, update))
        self._fleet.later(at, whole, partial(self._applied, job))

    def _attempt(self, job: Job, update: Update, at: datetime) -> None:
        if update.state not in ("approved", "failed"):
            return
        installed = attempt(job.device, update, at)
        job.failures += not installed
        self._activities.add(patch_attempt(job.device, update, installed, at, job.uid))

    def _applied(self, job: Job, at: datetime) -> None:
        result = "FAILURE" if job.failures else "SUCCESS"
        self._report(job, at, "APPLY_PATCH_COMPLETED", result)
        if job.device.reboot_needed and job.device.user is None:
            self._go_down(job, at)
        else:
            self._fleet.later(at, 0.2, partial(self._scan, job))

    def _run(self, job: Job, at: datetime) -> None:
        job.status = "IN_PROCESS"
        self._report(job, at, "STARTED")
        run = Run(job.device, job.variables or {}, at)
        refused = job.variables is not None and run.refusal() is not None
        todo = run.todo() if job.variables is not None and not refused else []
        self._unseen[job.device.number] += [partial(run.attempt, update) for update in todo]
        failed = refused or (bool(todo) and all(update.fails for update in todo))
        self._fleet.later(
            at, _SCAN_S + len(todo), partial(self._ran, job, "FAILURE" if failed else "SUCCESS")
        )

    def _ran(self, job: Job, result: str, at: datetime) -> None:
        self._report(job, at, "COMPLETED", result)
        self._finish(job, at)

    def _learn(self, device: Device, at: datetime) -> None:
        for happened in self._unseen.pop(device.number, ()):
            happened(at)

    def _go_down(self, job: Job, at: datetime) -> None:
        patience = 0.0 if job.device.user is None or job.forced else _GRACE_S
        self._fleet.later(at, patience, partial(self._restart, job))

    def _restart(self, job: Job, at: datetime) -> None:
        job.device.online = False
        job.device.last_seen = at
        self._fleet.later(at, _RESTART_S, partial(self._come_up, job))

    def _come_up(self, job: Job, at: datetime) -> None:
        reboot(job.device, at)
        self._activities.add(_rebooted(job.device, at, job.uid))
        if job.kind == "reboot":
            self._finish(job, at)
        else:
            self._scan(job, at)

    def _scan(self, job: Job, at: datetime) -> None:
        job.status = "IN_PROCESS"
        self._report(job, at, "SCAN_STARTED")
        self._fleet.later(at, _SCAN_S, partial(self._scan_done, job))

    def _scan_done(self, job: Job, at: datetime) -> None:
        self._learn(job.device, at)
        offer_releases(job.device, at)
        scan(job.device, at)
        self._report(job, at, "SCAN_COMPLETED", "SUCCESS")
        self._finish(job, at)

    def _finish(self, job: Job, at: datetime) -> None:
        del self._running[job.device.number]
        self._start_next(job.device, at)

    def _report(self, job: Job, at: datetime, stage: str, result: str | None = None) -> None:
        words = stage.replace("_", " ").lower()
        code = stage if job.kind == "script" else f"{job.family}_{stage}"
        self._activities.add(
            Activity(
                at=at, device=job.device, type=job.family, code=code,
                message=f"{words.capitalize()}", result=result, series=job.uid,
            )
        )  # fmt: skip


def job_row(job: Job) -> Row:
    return {
        "uid": job.uid,
        "deviceId": job.device.number,
        "message": job.kind.replace("_", " "),
        "createTime": job.created.timestamp(),
        "updateTime": job.created.timestamp(),
        "jobStatus": job.status,
        "jobResult": None,
        "jobType": job.family,
        "subject": None,
        "userId": None,
        "data": {},
    }


def _rebooted(device: Device, at: datetime, series: str | None) -> Activity:
    return Activity(
        at=at, device=device, type="SYSTEM", code="SYSTEM_REBOOTED", message="System rebooted",
        result=None, series=series,
    )  # fmt: skip
