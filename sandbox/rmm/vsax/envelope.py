"""The one shape of every answer: Data, and Meta with the total, the status once more, and what went wrong."""

from typing import Any

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> web.Response:
        meta = {"ResponseCode": self.status, "ErrorMessage": str(self)}
        return web.json_response({"Data": None, "Meta": meta}, status=self.status)


def answer(data: Any, *, total: int | None = None) -> web.Response:
    meta: dict[str, Any] = {"ResponseCode": 200, "ErrorMessage": None}
    if total is not None:
        meta["TotalCount"] = total
    return web.json_response({"Data": data, "Meta": meta})


def missing() -> RefusalError:
    return RefusalError(404, "Entity is not found.")
