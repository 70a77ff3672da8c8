"""Direct tasks: one script on one device, in simulated time.

At pace 1 a device picks its task up after a second (one that is offline, when it is back), then scans in
1.5 s or installs in 3 to 6 s; its patch service looks again 3 s after the end.
"""

import itertools
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sandbox.estate.model import Device, Update
from sandbox.rmm.fleet import Fleet, Node, offer_releases, spread
from sandbox.rmm.installs import scan
from sandbox.rmm.ncentral.scripts import Item
from sandbox.rmm.update_script import Run

_PICK_UP_S = 1.0
_SCAN_S = 1.5
_LOOK_AGAIN_S = 3.0


@dataclass
class Task:
    """One run of a script on a device."""

    id: int
    name: str
    item: Item
    node: Node
    variables: dict[str, str]
    created: datetime
    status: str = "Scheduled"
    due: bool = False
    output: str = ""
    message: str = ""

    @property
    def device(self) -> Device:
        return self.node.device


class Tasks:
    """All direct tasks, and the witness of what devices do by themselves."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._numbers = itertools.count(1_985_975)
        self.all: list[Task] = []

    def start(self, name: str, item: Item, node: Node, variables: dict[str, str]) -> Task:
        now = self._fleet.world.clock.now()
        task = Task(next(self._numbers), name, item, node, variables, now)
        self.all.append(task)
        self._fleet.later(now, _PICK_UP_S, partial(self._pick_up, task))
        return task

    def find(self, number: str) -> Task | None:
        return next((task for task in self.all if str(task.id) == number), None)

    def start_waiting(self, now: datetime) -> None:
        for task in self.all:
            self._begin(task, now)

    # What devices do by themselves leaves no trace but the state of their services.

    def scanned(self, device: Device, at: datetime) -> None: ...
    def attempted(self, device: Device, update: Update, installed: bool, at: datetime) -> None: ...
    def rebooted(self, device: Device, at: datetime) -> None: ...

    def came_online(self, device: Device, at: datetime) -> None:
        self.start_waiting(at)

    # One task.

    def _pick_up(self, task: Task, at: datetime) -> None:
        task.due = True
        self._begin(task, at)

    def _begin(self, task: Task, at: datetime) -> None:
        if not task.due or task.status != "Scheduled" or not task.device.online:
            return
        task.status = "In Progress"
        run = Run(task.device, task.variables, at)
        refusal = run.refusal() if task.item.updates else None
        task.message = refusal or ""
        todo = run.todo() if task.item.updates and refusal is None else []
        whole = 3.0 + spread(task.device, 4) if todo else _SCAN_S
        for place, update in enumerate(todo, 1):
            self._fleet.later(at, place * whole / (len(todo) + 1), partial(run.attempt, update))
        self._fleet.later(at, whole, partial(self._end, task, run))

    def _end(self, task: Task, run: Run, at: datetime) -> None:
        """N-central puts a line of its own before what the script printed."""
        printed = task.item.updates and not task.message
        if printed:
            offer_releases(task.device, at)
            task.output = f"Script: {task.item.name}\n{run.output(at)}\n"
        all_failed = bool(run.tried) and not any(installed for _, installed in run.tried)
        task.status = "Failed" if task.message or all_failed else "Completed"
        self._fleet.later(at, _LOOK_AGAIN_S, partial(_look_again, task.device))


def _look_again(device: Device, at: datetime) -> None:
    if device.online:
        scan(device, at)
