"""NinjaOne's addresses: who may ask and how often."""

from aiohttp import web

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.ninjaone.errors import RefusalError
from sandbox.rmm.ninjaone.oauth import TOKEN_LIFE_S, SignIn
from sandbox.rmm.ninjaone.readings import Readings
from sandbox.rmm.ninjaone.state import TARGET, State
from sandbox.rmm.ninjaone.triggers import Triggers
from sandbox.rmm.tokens import Tokens
from sandbox.rmm.window import Window

#: NinjaOne publishes no numbers; whoever minds Retry-After need not know this one.
REQUESTS_PER_MINUTE = 1_000

_TOKEN_PATH = "/ws/oauth/token"  # noqa: S105 - an address
_PREFIXES = ("/v2", "/api/v2")


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is NinjaOne."""
    app = make_target(TARGET, world)
    state = State(world)
    gate = _Gate(state)
    app.middlewares.append(gate.guard)
    app.router.add_post(_TOKEN_PATH, gate.sign_in.token)
    for prefix in _PREFIXES:
        for path, reading in Readings(state).routes().items():
            app.router.add_get(prefix + path, reading)
        for path, trigger in Triggers(state).routes().items():
            app.router.add_post(prefix + path, trigger)
    return app


class _Gate:
    """What every request passes: time catches up, the token is checked, requests are counted."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._windows: dict[str, Window] = {}
        self.sign_in = SignIn(Tokens(state.world.clock, TOKEN_LIFE_S))

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Admit a request, and put every refusal into NinjaOne's words."""
        self._state.catch_up()
        try:
            if request.path != _TOKEN_PATH:
                self._count(self.sign_in.admit(request))
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason).response()

    def _count(self, client: str) -> None:
        window = self._windows.setdefault(client, Window(REQUESTS_PER_MINUTE))
        now = self._state.world.clock.now()
        if not window.take(now):
            wait = str(int(window.frees_in(now)) + 1)
            raise RefusalError(429, "Too many requests", {"Retry-After": wait})
