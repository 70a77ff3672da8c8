"""Refusals as Syncro words them."""

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    def response(self) -> web.Response:
        return web.json_response({"error": str(self)}, status=self.status)
