"""Refusals as Tactical words them: an object with `detail` from the framework, a bare JSON string from its own views."""

from typing import Any

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for; `body` is sent as JSON."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        self.status = status
        self._body = body

    def response(self) -> web.Response:
        return web.json_response(self._body, status=self.status)


def detail(status: int, words: str) -> RefusalError:
    """What the framework says: who may not, or what is not there."""
    return RefusalError(status, {"detail": words})


def complaint(words: str) -> RefusalError:
    """What a view says about the business at hand."""
    return RefusalError(400, words)
