"""What can be read: organisations, machine groups, agents, and what each agent's patching has come to."""

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.vsa9.envelope import RefusalError, wrapped
from sandbox.rmm.vsa9.lists import answer
from sandbox.rmm.vsa9.rows import (
    agent_row,
    group_row,
    history_row,
    missing_row,
    org_row,
    status_row,
)
from sandbox.rmm.vsa9.state import State
from sandbox.rmm.vsa9.words import is_handled

_PATCH = "/assetmgmt/patch/{agent_id}"
#: Denied by somebody, or awaiting approval: hidden alike.
_DENIED = frozenset({"pending", "rejected"})


class Readings:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/system/orgs": self._orgs,
            "/system/machinegroups": self._groups,
            "/assetmgmt/agents": self._agents,
            f"{_PATCH}/status": self._status,
            f"{_PATCH}/machineupdate/{{hide_denied}}": self._missing,
            f"{_PATCH}/history": self._history,
        }

    async def _orgs(self, request: web.Request) -> web.Response:
        return answer(request, [org_row(company) for company in self._state.fleet.companies])

    async def _groups(self, request: web.Request) -> web.Response:
        return answer(request, [group_row(company) for company in self._state.fleet.companies])

    async def _agents(self, request: web.Request) -> web.Response:
        return answer(request, [agent_row(node) for node in self._state.nodes()])

    async def _status(self, request: web.Request) -> web.Response:
        return wrapped(status_row(self._state.node(request).device))

    async def _missing(self, request: web.Request) -> web.Response:
        hide = request.match_info["hide_denied"].lower()
        if hide not in ("true", "false"):
            raise RefusalError(400, "hideDenied must be true or false.")
        device = self._state.node(request).device
        rows = [
            missing_row(update, sched_together=standing)
            for update, standing in self._state.work.listed(device)
            if hide == "false" or update.state not in _DENIED
        ]
        return answer(request, rows)

    async def _history(self, request: web.Request) -> web.Response:
        device = self._state.node(request).device
        done = [u for u in device.updates if is_handled(u) and u.installed_at is not None]
        return answer(request, [history_row(update) for update in done])
