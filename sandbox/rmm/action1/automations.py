"""Automations over HTTP: run one on an endpoint, list the runs, look into one, stop it."""

import json
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.action1.errors import invalid, not_found
from sandbox.rmm.action1.instances import Instance, Order
from sandbox.rmm.action1.pages import Row, page
from sandbox.rmm.action1.state import TARGET, State
from sandbox.rmm.action1.words import stamp

_ONE = "/{org}/{instance}"
#: What runs are called, now and before, and what their results are called there.
_NAMES = {"automations": "endpoint-results", "policies": "endpoint_results"}
_LONGEST = 43_200


class Automations:
    def __init__(self, state: State) -> None:
        self._state = state

    def gets(self) -> dict[str, Handler]:
        """The runs have two names, and so have their results."""
        routes: dict[str, Handler] = {}
        for word, results in _NAMES.items():
            routes[f"/{word}/instances/{{org}}"] = self._list
            routes[f"/{word}/instances{_ONE}"] = self._one
            routes[f"/{word}/instances{_ONE}/{results}"] = self._results
        return routes

    def posts(self) -> dict[str, Handler]:
        routes: dict[str, Handler] = {}
        for word in _NAMES:
            routes[f"/{word}/instances/{{org}}"] = self._run
            routes[f"/{word}/instances{_ONE}/stop"] = self._stop
        return routes

    async def _run(self, request: web.Request) -> web.Response:
        company, body = self._state.company(request), await _body(request)
        node = self._state.node(company, _endpoint(body))
        instance = self._state.instances.start(_order(body), node)
        self._state.world.effect(
            TARGET, "automation", [node.device.uid], device=node.device.name, name=body["name"],
            instance=instance.id, packages=instance.order.packages, queued=not node.device.online,
        )  # fmt: skip
        return web.json_response(_row(instance))

    async def _list(self, request: web.Request) -> web.Response:
        """Newest first; of one endpoint where asked."""
        company, endpoint = self._state.company(request), request.query.get("endpoint_id")
        runs = [i for i in self._state.instances.all if i.node.company is company]
        ours = [i for i in runs if endpoint in (None, i.node.device.uid)]
        return page(request, [_row(instance) for instance in reversed(ours)])

    async def _one(self, request: web.Request) -> web.Response:
        return web.json_response(_row(self._found(request)))

    async def _results(self, request: web.Request) -> web.Response:
        """An endpoint that has not picked its order up has no result yet."""
        instance = self._found(request)
        begun = instance.status != "Pending"
        return page(request, [_result(instance)] if begun else [])

    async def _stop(self, request: web.Request) -> web.Response:
        instance = self._found(request)
        self._state.instances.stop(instance, self._state.world.clock.now())
        return web.json_response(_row(instance))

    def _found(self, request: web.Request) -> Instance:
        company, wanted = self._state.company(request), request.match_info["instance"]
        for instance in self._state.instances.all:
            if instance.id == wanted and instance.node.company is company:
                return instance
        raise not_found("Automation")


async def _body(request: web.Request) -> Row:
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise invalid("The request body is not valid JSON.") from None
    if not isinstance(body, dict) or not body.get("name"):
        raise invalid("Property name name must be set.")
    return body


def _endpoint(body: Row) -> str:
    """The stand-in takes orders for one endpoint; groups are not played."""
    match body.get("endpoints"):
        case [{"id": str(endpoint), "type": "Endpoint"}]:
            return endpoint
    raise invalid("Property name endpoints[0].id must be set.")


def _order(body: Row) -> Order:
    match body.get("actions"):
        case [{"template_id": "deploy_update", "name": str(), "params": dict(params)}]:
            pass
        case _:
            raise invalid("Property name actions[0].template_id is invalid.")
    if params.get("scope") != "Specified":
        raise invalid("Property name actions[0].params.scope is invalid.")
    options = params.get("reboot_options")
    if not isinstance(options, dict) or options.get("auto_reboot") not in ("yes", "no"):
        raise invalid("Property name actions[0].params.reboot_options must be set.")
    return Order(
        name=str(body["name"]),
        packages=_packages(params.get("packages")),
        auto_reboot=options["auto_reboot"] == "yes",
        retry=_retry(body.get("retry_minutes")),
    )


def _packages(value: Any) -> dict[str, str]:
    listed = value if isinstance(value, list) else []
    pairs = [pair for item in listed if isinstance(item, dict) for pair in item.items()]
    if not pairs or not all(isinstance(version, str) for _, version in pairs):
        raise invalid("Property name actions[0].params.packages must be set.")
    return dict(pairs)


def _retry(value: Any) -> timedelta:
    text = str(value)
    if not text.isdecimal() or int(text) > _LONGEST:
        raise invalid(f"retry_minutes must not be greater than {_LONGEST}.")
    return timedelta(minutes=int(text))


def _row(instance: Instance) -> Row:
    ended = instance.ended is not None
    return {
        "id": instance.id,
        "type": "PolicyInstance",
        "name": instance.order.name,
        "status": "Warning" if instance.failures else instance.status,
        "start_time": stamp(instance.created),
        "end_time": "" if instance.ended is None else stamp(instance.ended),
        "percent_completed": 100 if ended else 0,
        "retry_minutes": str(int(instance.order.retry.total_seconds() // 60)),
    }


def _result(instance: Instance) -> Row:
    return {
        "id": instance.node.device.uid,
        "type": "EndpointResult",
        "name": instance.node.device.name,
        "status": instance.status,
        "description": instance.description,
        "action_name": "Deploy Update",
        "percent_completed": 0 if instance.ended is None else 100,
    }
