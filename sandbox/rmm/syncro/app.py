"""Syncro's addresses, and what every request passes."""

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.syncro.errors import RefusalError
from sandbox.rmm.syncro.readings import Readings
from sandbox.rmm.syncro.state import TARGET, State

_API = "/api/v1"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is Syncro. There is nothing to trigger."""
    app = make_target(TARGET, world)
    state = State(world)
    app.middlewares.append(_gate(state))
    for path, reading in Readings(state).routes().items():
        app.router.add_get(_API + path, reading)
    return app


def _gate(state: State) -> Middleware:
    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the request, and put every refusal into Syncro's words."""
        try:
            state.take()
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason).response()

    return gate
