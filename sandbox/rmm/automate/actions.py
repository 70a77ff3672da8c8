"""What makes computers work: an order names a kind of thing and its id, and hits everything in it."""

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.automate.commands import COMMANDS, RESTART
from sandbox.rmm.automate.errors import RefusalError
from sandbox.rmm.automate.rows import Row
from sandbox.rmm.automate.state import TARGET, State
from sandbox.rmm.fleet import Node

#: The description names no kinds. These are this server's; on another one they may differ.
COMPUTER = 1
LOCATION = 2
CLIENT = 3


class Actions:
    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> dict[str, Handler]:
        return {
            "/PatchActions/DeployAllApproved": self._deploy_all_approved,
            "/Computers/{id}/CommandExecute": self._execute,
        }

    async def _execute(self, request: web.Request) -> web.Response:
        """Hand a command to one computer; all but the restart leave no trace here."""
        device, order = self._state.node(request).device, await request.json()
        number = str((order.get("Command") or {}).get("Id"))
        if order.get("ComputerId") != device.number or number not in map(str, COMMANDS):
            raise RefusalError(400, "The request is invalid.")
        self._state.world.effect(
            TARGET, "command", [str(device.number)], device=device.name, command=int(number)
        )
        if int(number) == RESTART:
            self._state.work.restart(device, self._state.world.clock.now())
        answer = {"Id": 9000 + int(number), "ComputerId": device.number, "Status": "Executing"}
        return web.json_response(answer)

    async def _deploy_all_approved(self, request: web.Request) -> web.Response:
        """Take the order; 204 whether or not anything comes of it."""
        hit = self._hit(await request.json())
        now = self._state.world.clock.now()
        self._state.world.effect(
            TARGET,
            "deploy_all_approved",
            [str(node.device.number) for node in hit],
            devices=[node.device.name for node in hit],
        )
        for node in hit:
            self._state.work.deploy(node.device, now)
        return web.Response(status=204)

    def _hit(self, order: Row) -> list[Node]:
        kind, number = order.get("EntityType"), order.get("EntityId")
        if not isinstance(kind, int) or not isinstance(number, int):
            raise RefusalError(400, "The request is invalid.")
        hit = [node for node in self._state.nodes() if _id_of(kind, node) == number]
        if not hit:
            raise RefusalError(404, f"Entity {number} was not found.", bare=True)
        return hit


def _id_of(kind: int, node: Node) -> int | None:
    client = node.company.rmm_number
    return {COMPUTER: node.device.number, LOCATION: client * 10 + 1, CLIENT: client}.get(kind)
