"""API tokens, each with permissions of its own."""

from typing import Final

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.syncro.errors import RefusalError

CUSTOMERS: Final = "Customers - List/Search"
ASSETS: Final = "Assets - List/Search"
DETAILS: Final = "Assets - View Details"

API_TOKEN: Final = "Tsandboxsyncro0000000000000001"  # noqa: S105 - planted, and of no use anywhere else
#: May look at customers alone.
LIMITED_API_TOKEN: Final = "Tsandboxsyncro0000000000000002"  # noqa: S105 - planted as well
#: An administrator's, who may everything.
ADMIN_API_TOKEN: Final = "Tsandboxsyncro0000000000000003"  # noqa: S105 - planted as well

_ALL = frozenset({CUSTOMERS, ASSETS, DETAILS})
_PERMISSIONS = {
    API_TOKEN: _ALL,
    LIMITED_API_TOKEN: frozenset({CUSTOMERS}),
    ADMIN_API_TOKEN: _ALL,
}


def guarded(permission: str | None, handler: Handler) -> Handler:
    """The handler, for tokens with a permission only; None: for every token."""

    async def guarded_handler(request: web.Request) -> web.StreamResponse:
        held = _PERMISSIONS.get(token_of(request))
        if held is None:
            raise RefusalError(401, "Not authorized")
        if permission is not None and permission not in held:
            raise RefusalError(403, "You do not have permission to do that")
        return await handler(request)

    return guarded_handler


def token_of(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""
