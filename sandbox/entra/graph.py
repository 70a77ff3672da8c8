"""The stand-in for Microsoft Graph: who asks, what for, whether they may, and the answer."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from aiohttp import web

from sandbox.entra.apps import Apps
from sandbox.entra.batch import answer_batch
from sandbox.entra.lag import Replicas
from sandbox.entra.protocol import (
    Answer,
    Call,
    Caller,
    GraphError,
    Json,
    Operation,
    Version,
    bad_request,
    forbidden,
)
from sandbox.entra.resources import (
    authentication,
    conditional_access,
    devices,
    groups,
    memberships,
    reports,
    role_management,
    service_principals,
    sign_ins,
    tenant,
    tenant_policies,
    users,
)
from sandbox.entra.routing import Router
from sandbox.entra.throttle import Throttle
from sandbox.entra.tokens import BadTokenError
from sandbox.estate.habits import live_on
from sandbox.frame.target import PATH_TEMPLATE, make_target
from sandbox.frame.world import World

#: Items of a batch are counted, and struck by faults, under this name.
BATCH_TARGET = "graph-batch"
_GRAPH = "https://graph.microsoft.com"
_VERSIONS: dict[str, Version] = {"v1.0": "v1.0", "beta": "beta"}
OPERATIONS: tuple[Operation, ...] = (
    *users.OPERATIONS,
    *devices.OPERATIONS,
    *authentication.OPERATIONS,
    *reports.OPERATIONS,
    *sign_ins.OPERATIONS,
    *conditional_access.OPERATIONS,
    *tenant_policies.OPERATIONS,
    *tenant.OPERATIONS,
    *groups.OPERATIONS,
    *memberships.OPERATIONS,
    *role_management.OPERATIONS,
    *service_principals.OPERATIONS,
)


def make_app(
    world: World, apps: Apps, *, lag_share: float = 0.5, throttle: Throttle | None = None
) -> web.Application:
    """Make Graph, v1.0 and beta. `lag_share` is how many writes are seen a second late."""
    app = make_target("graph", world)
    front = _Front(world, apps, lag_share, throttle or Throttle())
    app.router.add_route("*", "/{version:v1\\.0|beta}/{path:.*}", front.answer)
    return app


class _Front:
    """Turns HTTP into calls, and answers and refusals into HTTP."""

    def __init__(self, world: World, apps: Apps, lag_share: float, throttle: Throttle) -> None:
        self._world = world
        self._apps = apps
        self._router = Router(OPERATIONS)
        self._throttle = throttle
        self._rng = Random(world.estate.seed)
        self._replicas = Replicas(
            now=world.clock.now, seconds=world.pace, share=lag_share, rng=self._rng
        )

    async def answer(self, request: web.Request) -> web.Response:
        request_id = str(uuid.uuid4())
        own_id = request.headers.get("client-request-id", request_id)
        try:
            call = self._call(request, await _body(request))
            answer = self._dispatch(request, call)
        except GraphError as error:
            answer = self._refusal(error, request_id, own_id)
        headers = {
            **answer.headers,
            "request-id": request_id,
            "client-request-id": own_id,
            "OData-Version": "4.0",
        }
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":"))
        return web.Response(
            body=text.encode(),
            status=answer.status,
            headers=headers,
            content_type="application/json",
            charset="utf-8",
        )

    def _dispatch(self, request: web.Request, call: Call) -> Answer:
        if call.path.lower() == "/$batch" and call.method == "POST":
            request[PATH_TEMPLATE] = f"/{call.version}/$batch"
            return answer_batch(call, self._execute_item, self._rng)
        operation, call = self._find(call)
        request[PATH_TEMPLATE] = f"/{call.version}{operation.template}"
        return self._execute(operation, call)

    def _call(self, request: web.Request, body: Any) -> Call:
        origin = f"{request.scheme}://{request.host}"
        return Call(
            method=request.method,
            version=_VERSIONS[request.match_info["version"]],
            path=f"/{request.match_info['path']}",
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            origin=origin,
            caller=self._caller(request.headers, origin),
            world=self._world,
            replicas=self._replicas,
        )

    def _caller(self, headers: Mapping[str, str], origin: str) -> Caller:
        """The app and tenant of the bearer token; raise GraphError 401 for a token that is no good."""
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("Access token is empty.")
        try:
            grant = self._apps.mint.read(token.strip())
        except BadTokenError as error:
            raise _unauthenticated(str(error)) from error
        if grant.audience not in (_GRAPH, origin):
            raise _unauthenticated("Access token validation failure. Invalid audience.")
        found, app = self._world.estate.tenant(grant.tenant_id), self._apps.find(grant.app_id)
        if found is None or app is None:
            raise _unauthenticated("Invalid tenant or application.")
        if (found.read_roles if app.kind == "read" else found.write_roles) is None:
            raise GraphError(
                401,
                "Authorization_IdentityNotFound",
                "The identity of the calling application could not be established.",
            )
        live_on(found, self._world.estate.made_at, self._world.clock.now())
        return Caller(
            app_id=app.app_id, app_name=app.name, tenant=found, roles=frozenset(grant.roles)
        )

    def _find(self, call: Call) -> tuple[Operation, Call]:
        operation, ids = self._router.find(call.method, call.path, call.version)
        return operation, replace(call, ids=ids)

    def _execute(self, operation: Operation, call: Call) -> Answer:
        """Throttled before permitted: refused requests count as well."""
        if operation.bucket is not None:
            self._throttle.take(operation.bucket, call.caller)
        if not operation.admits(call.caller):
            raise forbidden(operation.family)
        _check_options(operation, call)
        return operation.handler(call)

    def _execute_item(self, call: Call) -> Answer:
        """One item of a batch. Faults of the kind `status` can strike it by the batch target's name."""
        template = call.path
        try:
            operation, call = self._find(call)
            template = f"/{call.version}{operation.template}"
            answer = self._struck(call) or self._execute(operation, call)
        except GraphError as error:
            own_id = call.headers.get("client-request-id", "")
            answer = self._refusal(error, str(uuid.uuid4()), own_id)
        self._world.calls.add(BATCH_TARGET, call.method, template, str(answer.status))
        return answer

    def _struck(self, call: Call) -> Answer | None:
        path = f"/{call.version}{call.path}"
        for fault in self._world.faults.take(BATCH_TARGET, call.method, path):
            if fault.kind == "status":
                retry = fault.retry_after
                headers = {} if retry is None else {"Retry-After": str(retry)}
                error = GraphError(fault.status, "SandboxFault", f"Fault {fault.id}.", headers)
                return self._refusal(error, str(uuid.uuid4()), "")
        return None

    def _refusal(self, error: GraphError, request_id: str, own_id: str) -> Answer:
        body: Json = {
            "error": {
                "code": error.code,
                "message": error.message,
                "innerError": {
                    "date": f"{self._world.clock.now():%Y-%m-%dT%H:%M:%S}",
                    "request-id": request_id,
                    "client-request-id": own_id or request_id,
                },
            }
        }
        return Answer(status=error.status, body=body, headers=error.headers)


async def _body(request: web.Request) -> Any:
    text = await request.text()
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise bad_request("Unable to read JSON request payload.", "BadRequest") from error


def _check_options(operation: Operation, call: Call) -> None:
    """Graph names the option it does not allow in its own spelling: Top, Select, ..."""
    for name in call.query:
        if name.startswith("$") and name[1:] not in operation.options | {"skiptoken"}:
            word = name[1:].capitalize()
            raise bad_request(f"Query option '{word}' is not allowed.", "BadRequest")


def _unauthenticated(message: str) -> GraphError:
    challenge = {"WWW-Authenticate": f'Bearer realm="", error="invalid_token" resource="{_GRAPH}"'}
    return GraphError(401, "InvalidAuthenticationToken", message, challenge)
