"""Everything that passes between the product, or a test, and a stand-in, as the stand-in saw and said it."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from sandbox.frame.target import TARGET, Handler, path_template

#: Set on answers that a test puts in the stand-in's mouth.
MADE_UP = web.ResponseKey("made_up", bool)
_PRODUCT = "Gatehouse/"
#: The faults' place is the first: what they do is no answer of the stand-in.
_WITHIN_FAULTS = 1


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    target: str
    method: str
    path: str
    #: The path with its ids left out; the path itself where the stand-in serves none.
    template: str
    query: Mapping[str, str]
    asked: bytes
    asked_type: str
    by_product: bool
    status: int
    answered: bytes
    made_up: bool


def listen(app: web.Application, heard: list[Exchange]) -> None:
    """Write down what passes an application, where it is a stand-in."""
    if TARGET not in app:
        return

    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            answer = await handler(request)
        except web.HTTPException as refusal:
            heard.append(await _exchange(request, refusal))
            raise
        heard.append(await _exchange(request, answer))
        return answer

    app.middlewares.insert(_WITHIN_FAULTS, keep)


async def _exchange(request: web.Request, answer: web.StreamResponse) -> Exchange:
    body = answer.body if isinstance(answer, web.Response) else None
    return Exchange(
        target=request.app[TARGET],
        method=request.method,
        path=request.path,
        template=path_template(request),
        query=dict(request.query),
        asked=await request.read(),
        asked_type=request.content_type,
        by_product=request.headers.get("User-Agent", "").startswith(_PRODUCT),
        status=answer.status,
        answered=body if isinstance(body, bytes) else b"",
        made_up=answer.get(MADE_UP, False),
    )
