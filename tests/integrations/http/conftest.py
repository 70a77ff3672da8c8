"""A served service, and clients of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.http import Authorize, Http, ssl_context
from sandbox.estate.model import Estate
from sandbox.frame.target import make_target
from sandbox.frame.world import World
from tests.integrations.http.service import PATIENCE, Connect, Serve, Service, Sleeps
from tests.noon import NOON, StandingClock


@pytest.fixture
def service(serve_tls: Serve) -> Service:
    world = World(estate=Estate(seed=0, made_at=NOON, companies=[]), clock=StandingClock())
    made = Service(world)
    app = make_target("service", world)
    app.router.add_route("*", "/{path:.*}", made.answer)
    made.address = serve_tls(app)
    return made


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
def connect(service: Service, ca_file: Path, sleeps: Sleeps) -> Iterator[Connect]:
    made: list[Http] = []

    def make(authorize: Authorize | None = None, **more: object) -> Http:
        fields: dict[str, object] = {
            "base_url": service.address,
            "context": ssl_context(ca_file),
            "patience": PATIENCE,
            "sleep": sleeps,
            **more,
        }
        http = Http(source="Service", authorize=authorize, **fields)  # type: ignore[arg-type]
        made.append(http)
        return http

    yield make
    for http in made:
        http.sessions.close()
