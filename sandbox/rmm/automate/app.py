"""Automate's addresses: who may ask."""

from aiohttp import web

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.automate.actions import Actions
from sandbox.rmm.automate.errors import RefusalError
from sandbox.rmm.automate.readings import Readings
from sandbox.rmm.automate.sign_in import SignIn
from sandbox.rmm.automate.state import TARGET, State

_BASE = "/cwa/api/v1"
_TOKEN_PATH = f"{_BASE}/apitoken"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is Automate."""
    app = make_target(TARGET, world)
    state = State(world)
    gate = _Gate(state)
    app.middlewares.append(gate.guard)
    app.router.add_post(_TOKEN_PATH, gate.sign_in.token)
    for path, reading in Readings(state).routes().items():
        app.router.add_get(_BASE + path, reading)
    for path, action in Actions(state).routes().items():
        app.router.add_post(_BASE + path, action)
    return app


class _Gate:
    """What every request passes: time catches up, then clientId and token are checked."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.sign_in = SignIn(state.world.clock)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Admit a request, and put every refusal into Automate's words."""
        self._state.catch_up()
        try:
            if request.path != _TOKEN_PATH:
                self.sign_in.admit(request)
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason).response()
