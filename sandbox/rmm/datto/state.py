"""What all of Datto's handlers share."""

from typing import Final

from aiohttp import web

from sandbox.frame.world import World
from sandbox.rmm.datto.activity_log import ActivityLog
from sandbox.rmm.datto.errors import RefusalError
from sandbox.rmm.datto.jobs import Job, Jobs
from sandbox.rmm.datto.limits import Limits
from sandbox.rmm.datto.pages import Row
from sandbox.rmm.datto.rows import alert_rows, device_row, other_rows
from sandbox.rmm.fleet import Fleet, Node

TARGET: Final = "datto"


class State:
    """The fleet, its jobs and its log, kept up with the clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fleet = Fleet(world, TARGET)
        self.log = ActivityLog()
        self.jobs = Jobs(self.fleet, self.log)
        self.limits = Limits(world.pace)
        self._nodes = {node.device.uid: node for node in self.fleet.nodes.values()}
        self.fleet.live(self.jobs)

    def catch_up(self) -> None:
        self.jobs.start_waiting(self.fleet.catch_up())

    def device_rows(self) -> list[Row]:
        """Every row of the device list, as of the devices' last audits."""
        now = self.world.clock.now()
        managed = [
            device_row(node, self.jobs.audits[uid], now) for uid, node in self._nodes.items()
        ]
        return managed + other_rows(self.fleet.companies)

    def alerts(self) -> list[Row]:
        return [
            row
            for uid, node in self._nodes.items()
            for row in alert_rows(node, self.jobs.audits[uid])
        ]

    def node(self, request: web.Request) -> Node:
        """Find the device the path names; raise RefusalError 404."""
        node = self._nodes.get(request.match_info["deviceUid"])
        if node is None:
            raise RefusalError(404, "Device was not found")
        return node

    def job(self, request: web.Request) -> Job:
        job = self.jobs.find(request.match_info["jobUid"])
        if job is None:
            raise RefusalError(404, "Job was not found")
        return job
