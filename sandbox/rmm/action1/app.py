"""Action1's addresses: who may ask, how often, and what an unknown address is told."""

from aiohttp import web

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.action1.automations import Automations
from sandbox.rmm.action1.errors import RefusalError, busy, forbidden
from sandbox.rmm.action1.oauth import TOKEN_LIFE_S, SignIn
from sandbox.rmm.action1.readings import Readings
from sandbox.rmm.action1.state import TARGET, State
from sandbox.rmm.tokens import Tokens
from sandbox.rmm.window import Window

#: Action1 publishes no number. Users were told thirty; a demo's clients are read faster than that.
REQUESTS_PER_MINUTE = 1_200

_API = "/api/3.0"
_TOKEN_PATH = f"{_API}/oauth2/token"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is Action1."""
    app = make_target(TARGET, world)
    state = State(world)
    gate = _Gate(state)
    app.middlewares.append(gate.guard)
    app.router.add_post(_TOKEN_PATH, gate.sign_in.token)
    automations = Automations(state)
    for path, handler in {**Readings(state).routes(), **automations.gets()}.items():
        app.router.add_get(_API + path, handler)
    for path, handler in automations.posts().items():
        app.router.add_post(_API + path, handler)
    return app


class _Gate:
    """What every request passes: time catches up, the token is checked, requests are counted."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._window = Window(REQUESTS_PER_MINUTE)
        self.sign_in = SignIn(Tokens(state.world.clock, TOKEN_LIFE_S))

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Admit a request, and put every refusal into Action1's words."""
        self._state.catch_up()
        try:
            self._count()
            if request.path != _TOKEN_PATH:
                self.sign_in.admit(request)
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException:
            return forbidden().response()

    def _count(self) -> None:
        """The whole enterprise shares one number."""
        now = self._state.world.clock.now()
        if not self._window.take(now):
            raise busy(int(self._window.frees_in(now)) + 1)
