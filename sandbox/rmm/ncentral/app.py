"""N-central's addresses, and what every request passes."""

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.ncentral.direct import Direct
from sandbox.rmm.ncentral.errors import RefusalError
from sandbox.rmm.ncentral.lanes import count_calls
from sandbox.rmm.ncentral.readings import Readings
from sandbox.rmm.ncentral.rows import TARGET
from sandbox.rmm.ncentral.sign_in import TOKEN_LIFE_S, SignIn
from sandbox.rmm.ncentral.state import State
from sandbox.rmm.tokens import Tokens

_API = "/api"
_TOKEN_PATH = f"{_API}/auth/authenticate"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is N-central."""
    app = make_target(TARGET, world)
    state, sign_in = State(world), SignIn(Tokens(world.clock, TOKEN_LIFE_S))
    direct = Direct(state)
    app.middlewares.append(_gate(state, sign_in))
    app.middlewares.append(count_calls(world))
    app.router.add_post(_TOKEN_PATH, sign_in.authenticate)
    app.router.add_get(f"{_API}/auth/validate", sign_in.validate)
    for path, handler in {**Readings(state).routes(), **direct.gets()}.items():
        app.router.add_get(_API + path, handler)
    app.router.add_post(f"{_API}/scheduled-tasks/direct", direct.run)
    return app


def _gate(state: State, sign_in: SignIn) -> Middleware:
    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let time catch up, check the token, and put every refusal into N-central's words."""
        state.catch_up()
        try:
            if request.path != _TOKEN_PATH:
                sign_in.admit(request)
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason).response()

    return gate
