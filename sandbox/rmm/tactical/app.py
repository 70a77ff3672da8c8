"""Tactical's addresses: who may ask, and what happens to an address without its last slash."""

from aiohttp import web

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.tactical.errors import RefusalError, detail
from sandbox.rmm.tactical.keys import admit
from sandbox.rmm.tactical.readings import Readings
from sandbox.rmm.tactical.state import TARGET, State
from sandbox.rmm.tactical.triggers import Triggers


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is Tactical."""
    app = make_target(TARGET, world)
    state = State(world)
    app.middlewares.append(_Gate(state).guard)
    for path, reading in Readings(state).routes().items():
        app.router.add_get(path, reading)
    triggers = Triggers(state)
    for path, trigger in triggers.posts().items():
        app.router.add_post(path, trigger)
    for path, change in triggers.puts().items():
        app.router.add_put(path, change)
    return app


class _Gate:
    """What every request passes: time catches up, the address is put right, the key is checked."""

    def __init__(self, state: State) -> None:
        self._state = state

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Admit a request, and put every refusal into Tactical's words."""
        self._state.catch_up()
        if not request.path.endswith("/"):
            # A client that follows this leaves its key and its method behind.
            elsewhere = request.rel_url.with_path(request.path + "/", keep_query=True)
            raise web.HTTPMovedPermanently(elsewhere)
        if request.match_info.http_exception is not None:
            return _nowhere(request.match_info.http_exception)
        try:
            admit(request)
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()


def _nowhere(refusal: web.HTTPException) -> web.Response:
    """An unknown address gets a page for people, a wrong method JSON."""
    if isinstance(refusal, web.HTTPMethodNotAllowed):
        return detail(405, f'Method "{refusal.method}" not allowed.').response()
    page = "<!doctype html><title>Not Found</title><h1>Not Found</h1>"
    return web.Response(text=page, content_type="text/html", status=404)
