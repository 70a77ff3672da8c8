"""Datto's addresses: who may ask and how often."""

from aiohttp import web

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.datto.errors import RefusalError, oauth_error
from sandbox.rmm.datto.oauth import TOKEN_LIFE_S, SignIn
from sandbox.rmm.datto.quick_jobs import QuickJobs
from sandbox.rmm.datto.readings import Readings
from sandbox.rmm.datto.state import TARGET, State
from sandbox.rmm.tokens import Tokens

_TOKEN_PATH = "/auth/oauth/token"  # noqa: S105 - an address
_API = "/api/v2"
_OPEN_PATHS = frozenset({_TOKEN_PATH, f"{_API}/system/status"})


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is Datto."""
    app = make_target(TARGET, world)
    state = State(world)
    gate = _Gate(state)
    quick_jobs = QuickJobs(state)
    app.middlewares.append(gate.guard)
    app.router.add_post(_TOKEN_PATH, gate.sign_in.token)
    app.router.add_put(f"{_API}/device/{{deviceUid}}/quickjob", quick_jobs.create)
    for path, reading in (Readings(state).routes() | quick_jobs.routes()).items():
        app.router.add_get(_API + path, reading)
    return app


class _Gate:
    """What every request passes: time catches up, the token is checked, requests are counted."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.sign_in = SignIn(Tokens(state.world.clock, TOKEN_LIFE_S))

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Admit a request, and put every refusal into Datto's words."""
        self._state.catch_up()
        try:
            if request.path not in _OPEN_PATHS:
                if not self.sign_in.admits(request):
                    return oauth_error(401, "invalid_token", "Invalid access token")
                now = self._state.world.clock.now()
                await self._state.limits.take(now, write=request.method != "GET")
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response(request.path)
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason).response(request.path)
