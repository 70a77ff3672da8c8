"""Refusals as Datto's gateway and its Spring services word them."""

from aiohttp import web

_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
}


class RefusalError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self, path: str) -> web.Response:
        body = {
            "status": self.status,
            "error": _REASONS.get(self.status, "Error"),
            "message": str(self),
            "path": path,
        }
        return web.json_response(body, status=self.status)


def oauth_error(status: int, error: str, description: str) -> web.Response:
    body = {"error": error, "error_description": description}
    return web.json_response(body, status=status)
