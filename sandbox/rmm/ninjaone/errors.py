"""Refusals in NinjaOne's words."""

import uuid

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for; the message goes into the body."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}

    def response(self) -> web.Response:
        body = {
            "resultCode": "FAILURE",
            "errorMessage": str(self),
            "incidentId": str(uuid.uuid4()),
        }
        return web.json_response(body, status=self.status, headers=self.headers)
