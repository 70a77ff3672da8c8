"""Serves aiohttp applications over TLS from a thread, so that tests reach them with blocking HTTP libraries."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from aiohttp import web

from sandbox.frame.certificates import SandboxCa

Result = TypeVar("Result")


class TlsHost:
    """One event loop in one thread, and one certificate authority for all it serves."""

    def __init__(self) -> None:
        self.ca = SandboxCa.make()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls-host", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=30)
        # Aborted TLS connections close their sockets a turn or two of the loop later.
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    def start(self, app: web.Application) -> tuple[web.AppRunner, str]:
        """Serve `app` on a free port of localhost; give its runner and its address."""
        return self._run(self._start(app))

    def stop(self, runner: web.AppRunner) -> None:
        self._run(runner.cleanup())

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _start(self, app: web.Application) -> tuple[web.AppRunner, str]:
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self.ca.server_context())
        await site.start()
        port = runner.addresses[0][1]
        return runner, f"https://localhost:{port}"
