"""The whole sandbox in one process: every stand-in on its own HTTPS origin, people and controls on one plain port."""

import asyncio
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.control import add_control_api
from sandbox.entra import graph, login
from sandbox.entra.apps import Apps, make_apps
from sandbox.estate.companies import HAND_MADE
from sandbox.estate.grow import grow
from sandbox.estate.model import Estate
from sandbox.frame.certificates import SandboxCa
from sandbox.frame.clock import SandboxClock
from sandbox.frame.plain import errors_as_json
from sandbox.frame.world import World
from sandbox.rmm import STAND_INS
from sandbox.slack.acts.events import Events
from sandbox.slack.app import make_app as make_slack_app
from sandbox.slack.person.routes import add_person_api
from sandbox.slack.service import Slack
from sandbox.write_config import CLOCK_FILE, write_config

PAGE = Path(__file__).parent / "slack" / "page"
_GOODBYE_WITHIN_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `sandbox` is started with; port 0 lets the system choose."""

    port: int = 8080
    seed: int = 1
    clients: int = len(HAND_MADE)
    pace: float = 1.0
    #: How many times Slack's seconds the app has to answer.
    leeway: float = 1.0
    #: When the sandbox's time begins (aware); None: now.
    at: datetime | None = None
    #: The folder that gets gatehouse.toml and everything it refers to.
    write_config: Path | None = None
    #: The Slack app's manifest as JSON; what the app may use follows from it.
    manifest: dict[str, Any] | None = None
    #: Granted to the bot token instead of what the manifest asks for.
    scopes: tuple[str, ...] | None = None
    #: Grows the estate from the seed, the moment and the number of clients.
    grow: Callable[[int, datetime, int], Estate] = grow


@dataclass
class Sandbox:
    """All stand-ins, started and stopped together."""

    options: Options
    url: str = ""
    targets: dict[str, str] = field(default_factory=dict)
    _runners: list[web.AppRunner] = field(default_factory=list)

    def __post_init__(self) -> None:
        folder = self.options.write_config
        clock = SandboxClock(folder / CLOCK_FILE if folder else None, begins=self.options.at)
        now = clock.now()
        self.ca = SandboxCa.make()
        self.apps: Apps = make_apps(now)
        self.world = World(
            estate=self.options.grow(self.options.seed, now, self.options.clients),
            clock=clock,
            pace=self.options.pace,
        )
        self.slack = Slack.make(self.world, self.options.manifest, self.options.scopes)
        self.slack.wait_longer(self.options.leeway)
        self.events = Events(self.slack)

    async def start(self) -> None:
        """Serve every target, then write the configuration, then open the plain port."""
        for name, app in self._stand_ins().items():
            self.targets[name] = await self._serve_target(app)
        self.slack.settle(self.targets["slack"])
        self._write_config()
        self.url = await self._serve_plain()

    async def stop(self) -> None:
        self.events.stop()
        self.slack.workspace.changes.end()
        await self.slack.sockets.disconnect("link_disabled")
        for runner in reversed(self._runners):
            await runner.cleanup()

    def _write_config(self) -> None:
        folder = self.options.write_config
        if folder is None:
            return
        write_config(
            folder,
            targets=self.targets,
            estate=self.world.estate,
            apps=self.apps,
            ca_pem=self.ca.pem,
        )
        self.world.clock.publish()

    def _stand_ins(self) -> dict[str, web.Application]:
        return {
            "slack": make_slack_app(self.world, self.slack),
            "login": login.make_app(self.world, self.apps),
            "graph": graph.make_app(self.world, self.apps),
            **{rmm.vendor: rmm.make_app(self.world) for rmm in STAND_INS},
        }

    async def _serve_target(self, app: web.Application) -> str:
        runner = await self._runner(app)
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self.ca.server_context())
        await site.start()
        return f"https://localhost:{runner.addresses[0][1]}"

    async def _serve_plain(self) -> str:
        app = web.Application(middlewares=[errors_as_json])
        add_person_api(app, self.slack, self.events, self.targets)
        add_control_api(app, self.world, self.slack.sockets, self.targets)
        app.router.add_get("/", _index)
        app.router.add_static("/page", PAGE)
        runner = await self._runner(app)
        await web.TCPSite(runner, "127.0.0.1", self.options.port).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _runner(self, app: web.Application) -> web.AppRunner:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GOODBYE_WITHIN_S)
        await runner.setup()
        self._runners.append(runner)
        return runner


async def _index(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html")


def announce_on_stdout(sandbox: Sandbox) -> None:
    """One line of JSON: where the page is, and where each stand-in listens."""
    sys.stdout.write(json.dumps({"url": sandbox.url, "targets": sandbox.targets}) + "\n")
    sys.stdout.flush()


async def serve(options: Options, announce: Callable[[Sandbox], None] = announce_on_stdout) -> None:
    """Run until SIGTERM or SIGINT. Announces once everything answers and the configuration is written."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    sandbox = Sandbox(options)
    try:
        await sandbox.start()
        announce(sandbox)
        await stopping.wait()
    finally:
        await sandbox.stop()


@contextmanager
def running(options: Options) -> Iterator[Sandbox]:
    """A sandbox in a thread of this process, for tests that use blocking libraries."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    sandbox = Sandbox(options)
    try:
        asyncio.run_coroutine_threadsafe(sandbox.start(), loop).result()
        yield sandbox
    finally:
        asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
