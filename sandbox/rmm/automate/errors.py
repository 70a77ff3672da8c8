"""Refusals in the two forms Automate uses: an object with a Message, or a bare JSON string."""

from aiohttp import web


class RefusalError(Exception):
    """An answer other than the one asked for; `bare` sends the message as a JSON string."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        bare: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self._bare = bare
        self._headers = headers or {}

    def response(self) -> web.Response:
        body = str(self) if self._bare else {"Message": str(self)}
        return web.json_response(body, status=self.status, headers=self._headers)
