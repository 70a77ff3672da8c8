"""VSA's addresses: who may ask."""

from aiohttp import web

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.vsa9.envelope import RefusalError
from sandbox.rmm.vsa9.orders import Orders
from sandbox.rmm.vsa9.readings import Readings
from sandbox.rmm.vsa9.sign_in import SignIn
from sandbox.rmm.vsa9.state import TARGET, State

_BASE = "/api/v1.0"
_AUTH = f"{_BASE}/auth"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is VSA 9."""
    app = make_target(TARGET, world)
    state = State(world)
    gate = _Gate(state)
    app.middlewares.append(gate.guard)
    app.router.add_get(_AUTH, gate.sign_in.auth)
    for path, reading in Readings(state).routes().items():
        app.router.add_get(_BASE + path, reading)
    for path, order in Orders(state).routes().items():
        app.router.add_put(_BASE + path, order)
    return app


class _Gate:
    """What every request passes: time catches up, then the session is checked."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.sign_in = SignIn(state.world.clock)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Admit a request, and put every refusal into VSA's envelope."""
        self._state.catch_up()
        try:
            if request.path != _AUTH:
                self.sign_in.admit(request)
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason, status=refusal.status).response()
