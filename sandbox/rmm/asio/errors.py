"""Refusals as the platform words them."""

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self._code = code

    def response(self, path: str) -> web.Response:
        """Every part of the platform has a shape of its own."""
        body: dict[str, object] = {"code": self._code, "message": str(self)}
        if "/patching/" in path:
            body = {"error": {"message": str(self)}}
        elif "/device/" in path:
            body = {"error": self._code, "description": str(self)}
        return web.json_response(body, status=self.status)


def not_found() -> RefusalError:
    """Also what a list without a single row is answered with."""
    return RefusalError(404, "not_found", "resource not found")


def bad_request(words: str) -> RefusalError:
    return RefusalError(400, "bad_request", words)
