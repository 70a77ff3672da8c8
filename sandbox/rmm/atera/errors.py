"""Refusals, in words of this stand-in: Atera's are not published."""

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    def response(self) -> web.Response:
        return web.json_response({"Message": str(self)}, status=self.status)
