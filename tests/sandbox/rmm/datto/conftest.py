"""A desk at the Datto RMM stand-in."""

from collections.abc import Callable

import pytest
import requests
from aiohttp import web

from sandbox.rmm.datto import make_app
from tests.sandbox.rmm.datto.asking import sign_in
from tests.sandbox.rmm_desk import Desk, make_world


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("datto")
    made = Desk(serve_tls(make_app(world)), https, world, "datto")
    made.token = sign_in(made).json()["access_token"]
    return made
