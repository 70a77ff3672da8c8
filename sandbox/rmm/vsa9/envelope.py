"""What everything is wrapped in; a refusal comes as HTTP 200, with a code of its own."""

from typing import Any

from aiohttp import web


def wrapped(result: Any, total: int | None = None) -> web.Response:
    body: dict[str, Any] = {} if total is None else {"TotalRecords": total}
    body |= {"Result": result, "ResponseCode": 0, "Status": "OK", "Error": "None"}
    return web.json_response(body)


class RefusalError(Exception):
    """An answer other than the one asked for; `status` is HTTP's own where that is not 200."""

    def __init__(self, code: int, message: str, *, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self._status = status

    def response(self) -> web.Response:
        body = {
            "TotalRecords": 0,
            "Result": None,
            "ResponseCode": self.code,
            "Status": "Error",
            "Error": str(self),
        }
        return web.json_response(body, status=self._status)
