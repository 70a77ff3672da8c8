"""A desk at the NinjaOne stand-in that may do everything."""

from collections.abc import Callable

import pytest
import requests
from aiohttp import web

from sandbox.rmm.ninjaone import WRITE_CLIENT_ID, WRITE_CLIENT_SECRET, make_app
from tests.sandbox.rmm.ninjaone.asking import sign_in
from tests.sandbox.rmm_desk import Desk, make_world


@pytest.fixture
def desk(https: requests.Session, serve_tls: Callable[[web.Application], str]) -> Desk:
    world = make_world("ninjaone")
    made = Desk(serve_tls(make_app(world)), https, world, "ninjaone")
    made.token = sign_in(
        made, WRITE_CLIENT_ID, WRITE_CLIENT_SECRET, "monitoring management"
    ).json()["access_token"]
    return made
