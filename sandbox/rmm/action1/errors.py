"""Refusals in Action1's words: a code, a message, and details where there are any."""

from typing import Any

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for."""

    def __init__(
        self, status: int, code: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self._code = code
        self._details = details or {}

    def response(self) -> web.Response:
        body = {"code": self._code, "message": str(self), "details": self._details}
        return web.json_response(body, status=self.status)


def forbidden() -> RefusalError:
    """Also what the gateway says to an address that does not exist."""
    return RefusalError(403, "ERR_FORBIDDEN", "You do not have permission to access this resource.")


def not_found(what: str) -> RefusalError:
    return RefusalError(404, "ERR_NOT_FOUND", f"{what} not found.")


def invalid(message: str) -> RefusalError:
    return RefusalError(400, "ERR_INVALID_PARAMETER", message)


def busy(seconds: int) -> RefusalError:
    """How long to wait stands in the body, not in a header."""
    return RefusalError(
        429, "ERR_TOO_MANY_REQUESTS", "Too many requests.", {"retry_after": seconds}
    )
