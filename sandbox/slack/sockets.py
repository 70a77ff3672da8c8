"""Socket Mode: tickets, up to ten connections, one arbitrary connection per payload, acks within three seconds."""

import asyncio
import contextlib
import json
import random
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import WSMsgType, web

from sandbox.slack.installation import APP_ID
from sandbox.slack.model import Json

MOST_SOCKETS = 10
ACK_WITHIN_S = 3.0
TICKET_VALID_S = 30.0
#: Far apart on purpose: a bot that is starved of processor time for a moment must not lose its socket.
PING_EVERY_S = 20.0
_GOODBYE_WITHIN_S = 1.0
_HELLO_LASTS_S = 18_060

EnvelopeType = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, kw_only=True)
class Ack:
    """How the app took a payload. `status` is ok, operation_timeout or dispatch_failed (no socket)."""

    status: str
    ms: int | None = None
    payload: Json | None = None

    @property
    def acked(self) -> bool:
        return self.status == "ok"


@dataclass(frozen=True, eq=False)
class Connection:
    """One open socket and the transport under it, which can be torn."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None


@dataclass
class Sockets:
    """The app's open connections and the payloads that wait for an ack."""

    origin: str = ""
    #: How many times Slack's seconds the app has for its ack.
    leeway: float = 1.0
    _random: random.Random = field(default_factory=random.Random)
    _tickets: dict[str, float] = field(default_factory=dict)
    _open: list[Connection] = field(default_factory=list)
    _waiting: dict[str, "asyncio.Future[Json | None]"] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._open)

    def issue_url(self) -> str:
        """What apps.connections.open answers: good for one connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = time.monotonic()
        base = self.origin.replace("https://", "wss://", 1)
        return f"{base}/link/?ticket={ticket}&app_id={APP_ID}"

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from hello to close."""
        issued = self._tickets.pop(request.query.get("ticket", ""), None)
        if issued is None or time.monotonic() - issued > TICKET_VALID_S:
            raise web.HTTPForbidden(text="invalid ticket")
        socket = web.WebSocketResponse(heartbeat=PING_EVERY_S, timeout=_GOODBYE_WITHIN_S)
        await socket.prepare(request)
        connection = Connection(socket, request.transport)
        if len(self._open) >= MOST_SOCKETS:
            await _dismiss(connection, "too_many_websockets")
            return socket
        self._open.append(connection)
        try:
            with contextlib.suppress(ConnectionError):
                await socket.send_json(self._hello())
                await self._listen(socket)
        finally:
            self._forget(connection)
        return socket

    async def deliver(
        self, kind: EnvelopeType, payload: Json, *, accepts: bool = False, **extra: object
    ) -> Ack:
        """Send a payload down one arbitrary connection and wait for its ack."""
        envelope_id = str(uuid.uuid4())
        waiting: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = waiting
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": accepts,
            **extra,
        }
        started = time.monotonic()
        try:
            if not await self._send(envelope):
                return Ack(status="dispatch_failed")
            answer = await asyncio.wait_for(waiting, ACK_WITHIN_S * self.leeway)
        except TimeoutError:
            return Ack(status="operation_timeout")
        finally:
            self._waiting.pop(envelope_id, None)
        ms = round((time.monotonic() - started) * 1000)
        return Ack(status="ok", ms=ms, payload=answer if accepts else None)

    async def disconnect(self, reason: str) -> int:
        """Ask every connection to leave, as Slack does when it refreshes them."""
        leaving, self._open = self._open, []
        await asyncio.gather(*(_dismiss(connection, reason) for connection in leaving))
        return len(leaving)

    def abort(self) -> int:
        """Break every connection off without a word, as a dying server or a middlebox does."""
        broken, self._open = self._open, []
        for connection in broken:
            if connection.transport is not None:
                connection.transport.abort()
        return len(broken)

    async def _send(self, envelope: Json) -> bool:
        while self._open:
            connection = self._random.choice(self._open)
            try:
                await connection.socket.send_json(envelope)
            except ConnectionError:
                self._forget(connection)
            else:
                return True
        return False

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._take(message.data)

    def _take(self, text: str) -> None:
        """An ack may come over any connection; a late or unknown one changes nothing."""
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        waiting = self._waiting.get(str(answer.get("envelope_id")))
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else None)

    def _forget(self, connection: Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {
                "host": "applink-1",
                "build_number": 1,
                "approximate_connection_time": _HELLO_LASTS_S,
            },
            "connection_info": {"app_id": APP_ID},
        }


async def _dismiss(connection: Connection, reason: str) -> None:
    farewell = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
    with contextlib.suppress(ConnectionError):
        await connection.socket.send_json(farewell)
        await connection.socket.close()
