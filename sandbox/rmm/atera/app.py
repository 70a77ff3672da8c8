"""Atera's addresses, and what every request passes."""

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.atera.errors import RefusalError
from sandbox.rmm.atera.readings import Readings, check_key
from sandbox.rmm.atera.state import TARGET, State

_API = "/api/v3"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is Atera. There is nothing to trigger."""
    app = make_target(TARGET, world)
    state = State(world)
    app.middlewares.append(_gate(state))
    for path, reading in Readings(state).routes().items():
        app.router.add_get(_API + path, reading)
    return app


def _gate(state: State) -> Middleware:
    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Look at the key and count the request; put every refusal into one form."""
        try:
            state.take()
            check_key(request)
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason).response()

    return gate
