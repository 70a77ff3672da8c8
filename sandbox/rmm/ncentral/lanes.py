"""N-central counts the calls to one endpoint that run at the same time, and refuses what is too many."""

import asyncio
from collections import Counter

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.frame.target import Handler
from sandbox.frame.world import World
from sandbox.rmm.ncentral.errors import RefusalError

#: Endpoint -> calls at the same time; the documents name numbers from 1 to 50.
LANES = {"/api/devices": 5}
_OTHERS = 3
#: How long an answer takes at pace 1, so that calls can meet.
_ANSWER_S = 0.004


def count_calls(world: World) -> Middleware:
    running: Counter[str] = Counter()

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        endpoint = resource.canonical if resource is not None else request.path
        if running[endpoint] >= LANES.get(endpoint, _OTHERS):
            return RefusalError(429, "Too many concurrent calls to this endpoint.").response()
        running[endpoint] += 1
        try:
            await asyncio.sleep(_ANSWER_S * world.pace)
            return await handler(request)
        finally:
            running[endpoint] -= 1

    return count
