"""VSA X's addresses, and what every request passes."""

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.vsax.automation import Automation
from sandbox.rmm.vsax.envelope import RefusalError
from sandbox.rmm.vsax.readings import Readings
from sandbox.rmm.vsax.rows import TARGET
from sandbox.rmm.vsax.sign_in import admit
from sandbox.rmm.vsax.state import State

_API = "/api/v3"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is VSA X. No rate limit: none is documented."""
    app = make_target(TARGET, world)
    state = State(world)
    readings, automation = Readings(state), Automation(state)
    app.middlewares.append(_gate(state))
    for path, reading in {
        "/organizations": readings.organizations,
        "/devices": readings.devices,
        "/devices/{identifier}": readings.device,
        "/assets": readings.assets,
        "/assets/{identifier}": readings.asset,
        "/automation/workflows": automation.workflows,
        "/automation/workflows/executions": automation.executions,
        "/automation/workflows/executions/{executionId}": automation.execution,
    }.items():
        app.router.add_get(_API + path, reading)
    app.router.add_post(f"{_API}/automation/workflows/{{workflowId}}/run", automation.run)
    return app


def _gate(state: State) -> Middleware:
    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let time catch up, check the token, and put every refusal into VSA X's envelope."""
        state.catch_up()
        try:
            admit(request)
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response()
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, refusal.reason).response()

    return gate
