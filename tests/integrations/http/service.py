"""A service that answers as it is told to, and what the HTTP layer is given to reach it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from integrations.http import Http, Patience
from sandbox.frame.world import World

Serve = Callable[[web.Application], str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PATIENCE = Patience(tries=3, longest_wait=timedelta(seconds=10), jitter=lambda: 1.0)


@dataclass
class Service:
    """A service that answers what it is told to, and what was asked of it."""

    world: World
    answers: list[web.Response] = field(default_factory=list)
    seen: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    address: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.seen.append(request)
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"fine": True})

    def fault(self, kind: str, **more: object) -> None:
        self.world.faults.add({"target": "service", "kind": kind, **more})


@dataclass
class Sleeps:
    """Instead of sleeping: what would have been slept."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


Connect = Callable[..., Http]


def refusal(status: int, body: object = None, **headers: str) -> web.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return web.json_response(body, status=status, headers=named)
