"""One VSA 9 server a test."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from tests.integrations.rmm.vsa9.server import AUTH, Server, enveloped
from tests.storage.making import START


@pytest.fixture
def server(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Server]:
    made = Server(ca_file=ca_file)
    made.url = serve_tls(made.app())
    end = f"{START + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}"
    session = {"Token": "t", "SessionExpiration": end, "OffSetInMinutes": 0}
    made.says(AUTH, enveloped(session))
    yield made
    for close in made.closers:
        close()
