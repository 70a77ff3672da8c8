"""What our adapters really sent to a stand-in, and answers that are not the stand-in's own."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.described.exchange import MADE_UP

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: Looks at a request (and how many of its path came before); an answer of its own stands in for the real one.
Interceptor = Callable[[web.Request, int], web.StreamResponse | None]


@dataclass(frozen=True)
class Sent:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Wire:
    """Sits before a stand-in: keeps every request, and can answer or rewrite on its own account."""

    sent: list[Sent] = field(default_factory=list)
    intercept: Interceptor = lambda request, before: None
    #: Whose answer is lost on the way, after the stand-in has made it.
    lose: Callable[[web.Request, int], bool] = lambda request, before: False
    #: Words of answers -> other words.
    rewrite: dict[str, str] = field(default_factory=dict)

    def tap(self, app: web.Application) -> web.Application:
        @web.middleware
        async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
            before = sum(item.path == request.path for item in self.sent)
            self.sent.append(await _sent(request))
            own = self.intercept(request, before)
            if own is not None:
                return _made_up(own)
            answer = await handler(request)
            if self.lose(request, before):
                return _made_up(web.Response(status=502, text="Bad gateway"))
            return self._rewritten(answer)

        app.middlewares.append(keep)
        return app

    def _rewritten(self, answer: web.StreamResponse) -> web.StreamResponse:
        if not self.rewrite or not isinstance(answer, web.Response) or not answer.text:
            return answer
        text = answer.text
        for old, new in self.rewrite.items():
            text = text.replace(old, new)
        again = web.Response(text=text, status=answer.status, content_type=answer.content_type)
        return _made_up(again)


def _made_up(answer: web.StreamResponse) -> web.StreamResponse:
    answer[MADE_UP] = True
    return answer


async def _sent(request: web.Request) -> Sent:
    text = await request.text() if request.content_type == "application/json" else ""
    body = json.loads(text) if text else None
    return Sent(request.method, request.path, dict(request.query), body)
