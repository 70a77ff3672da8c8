"""One Automate server a test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.integrations.rmm.automate.server import TOKEN, Server, iso


@pytest.fixture
def server(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Server]:
    made = Server(ca_file=ca_file)
    made.url = serve_tls(made.app())
    made.says(TOKEN, {"AccessToken": "t", "ExpirationDate": iso(4)}, method="POST")
    made.lists("PatchHistory", [])
    yield made
    for close in made.closers:
        close()
