"""Refusals in N-central's words; some of them come with HTTP 200 and look like success."""

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> web.Response:
        body = {"status": self.status, "message": str(self)}
        return web.json_response(body, status=self.status)


class HiddenRefusalError(RefusalError):
    """One that comes with HTTP 200."""

    def __init__(self, message: str) -> None:
        super().__init__(200, message)

    def response(self) -> web.Response:
        return web.json_response({"error message": str(self)})
