"""A desk at the stand-in of Tactical RMM."""

from collections.abc import Callable

import pytest
import requests
from aiohttp import web

from sandbox.rmm.tactical import API_KEY, make_app
from tests.sandbox.rmm.tactical.asking import use
from tests.sandbox.rmm_desk import Desk, make_world


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("tactical")
    made = Desk(serve_tls(make_app(world)), https, world, "tactical")
    use(made, API_KEY)
    return made
