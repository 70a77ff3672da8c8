"""A server of canned answers, for what vendors may say against their own documents."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Canned:
    """(method, path) -> status and body, or what makes them of a request; anything else is 404."""

    url: str = ""
    ca_file: Path = Path()
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    closers: list[Callable[[], None]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    def says(self, path: str, body: Any, *, status: int = 200, method: str = "GET") -> None:
        self.answers[method, path] = (status, body)

    def count(self, path: str) -> int:
        return sum(item.path == path for item in self.seen)

    async def _answer(self, request: web.Request) -> web.Response:
        form = request.content_type == "application/x-www-form-urlencoded"
        body = await request.json() if request.can_read_body and not form else None
        body = dict(await request.post()) if form else body
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.path, dict(request.query), headers, body))
        canned = self.answers.get(
            (request.method, request.path), (404, {"Message": "nothing here"})
        )
        status, answer = canned(request) if callable(canned) else canned
        return (
            web.Response(status=204) if status == 204 else web.json_response(answer, status=status)
        )
