"""Server-sent events: the page is told that something changed and reads it again."""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from sandbox.slack.model import Json
from sandbox.slack.person.ask import Ask

KEEP_ALIVE_S = 15.0


async def stream(request: web.Request, ask: Ask) -> web.StreamResponse:
    """Each `data:` line is JSON: {"kind": "message" | "view" | "home", ...what changed}."""
    person = ask.person
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    with ask.slack.workspace.changes.listen(person.id) as news, suppress(ConnectionError):
        await response.write(b": connected\n\n")
        while (chunk := await _next(news)) is not None:
            await response.write(chunk)
    return response


async def _next(news: "asyncio.Queue[Json | None]") -> bytes | None:
    """The next event as bytes, a comment when nothing happens, None when the sandbox stops."""
    try:
        change = await asyncio.wait_for(news.get(), KEEP_ALIVE_S)
    except TimeoutError:
        return b": still here\n\n"
    if change is None:
        return None
    return f"data: {json.dumps(change)}\n\n".encode()
