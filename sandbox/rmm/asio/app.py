"""The platform's addresses, and what every request passes."""

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.frame.target import Handler, make_target
from sandbox.frame.world import World
from sandbox.rmm.asio.automation import Automation
from sandbox.rmm.asio.errors import RefusalError
from sandbox.rmm.asio.readings import Readings
from sandbox.rmm.asio.sign_in import (
    ASSETS,
    AUTOMATION,
    COMPANIES,
    DEVICES,
    OS_PATCHES,
    PATCHES,
    RUN,
    SOFTWARE,
    SignIn,
)
from sandbox.rmm.asio.state import TARGET, State

_TOKEN = "/v1/token"  # noqa: S105 - an address
_V1, _V2 = "/api/platform/v1", "/api/platform/v2"


def make_app(world: World) -> web.Application:
    """Make the stand-in over the companies of `world` whose RMM is ConnectWise RMM."""
    app = make_target(TARGET, world)
    state, sign_in = State(world), SignIn(world)
    app.middlewares.append(_gate(state))
    app.router.add_post(_TOKEN, sign_in.token)
    for method, path, scopes, handler in (
        *_readings(Readings(state)),
        *_automation(Automation(state)),
    ):
        app.router.add_route(method, path, sign_in.opened(scopes, handler))
    return app


_Route = tuple[str, str, frozenset[str], Handler]


def _readings(readings: Readings) -> list[_Route]:
    """By address: the scopes that open it, and who answers."""
    updates, software = frozenset({PATCHES, OS_PATCHES}), frozenset({SOFTWARE})
    return [
        ("GET", "/v1/rate_limits", frozenset(), readings.rate_limits),
        ("GET", f"{_V1}/company/companies", frozenset({COMPANIES}), readings.companies),
        ("POST", f"{_V2}/device/categories/{{category}}/endpoints", frozenset({DEVICES}), readings.endpoints),
        ("GET", f"{_V2}/device/endpoints/heartbeat", frozenset({DEVICES}), readings.heartbeat),
        ("GET", f"{_V1}/device/clients/{{clientID}}/endpoints", frozenset({ASSETS}), readings.company_endpoints),
        ("GET", f"{_V1}/device/endpoints/{{endpointID}}", frozenset({ASSETS}), readings.endpoint),
        ("POST", f"{_V2}/os-patching/compliance/summary", frozenset({OS_PATCHES}), readings.compliance),
        ("POST", f"{_V2}/third-party-patching/compliance/summary", software, readings.software_counts),
        ("POST", f"{_V2}/third-party-patching/patch/details", software, readings.software),
        ("GET", f"{_V1}/patching/{{endpointID}}/patches", updates, readings.patches),
        ("GET", f"{_V2}/patching/{{endpointID}}/patches", updates, readings.patches),
    ]  # fmt: skip


def _automation(automation: Automation) -> list[_Route]:
    look, run = frozenset({AUTOMATION}), frozenset({RUN})
    instances = f"{_V1}/automation/tasks/{{taskId}}/instances"
    return [
        ("GET", f"{_V1}/automation/scripts", look, automation.scripts),
        ("GET", f"{_V1}/automation/tasks", look, automation.tasks),
        ("GET", f"{instances}/summary", look, automation.summary),
        ("GET", f"{instances}/{{instanceId}}/results", look, automation.results),
        ("POST", f"{_V1}/automation/endpoints/schedule-tasks", run, automation.schedule_v1),
        ("POST", f"{_V2}/automation/endpoints/schedule-tasks", run, automation.schedule_v2),
    ]


def _gate(state: State) -> Middleware:
    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let time catch up, count the request, and put every refusal into the platform's words."""
        state.catch_up()
        try:
            if request.path != _TOKEN:
                state.limits.take(state.world.clock.now())
            return await handler(request)
        except RefusalError as refusal:
            return refusal.response(request.path)
        except web.HTTPException as refusal:
            return RefusalError(refusal.status, "error", refusal.reason).response(request.path)

    return gate
