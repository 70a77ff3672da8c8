"""API keys and the roles of the users they are bound to."""

from typing import Final

from aiohttp import web

from sandbox.frame.target import Handler
from sandbox.rmm.tactical.errors import detail

API_KEY: Final = "SANDBOXTACTICALKEY0000000000000001"
#: May look, but not at updates.
LIMITED_API_KEY: Final = "SANDBOXTACTICALKEY0000000000000002"
#: A superuser's.
ADMIN_API_KEY: Final = "SANDBOXTACTICALKEY0000000000000003"

_LOOK = frozenset({"can_list_clients", "can_list_sites", "can_list_agents"})
#: Key -> permissions; None: a superuser, who may everything.
_ROLES: dict[str, frozenset[str] | None] = {
    API_KEY: _LOOK | {"can_manage_winupdates", "can_reboot_agents"},
    LIMITED_API_KEY: _LOOK,
    ADMIN_API_KEY: None,
}


def admit(request: web.Request) -> None:
    """Raise RefusalError 401 unless the request carries a key of ours."""
    key = request.headers.get("X-API-KEY")
    if not key:
        raise detail(401, "Authentication credentials were not provided.")
    if key not in _ROLES:
        raise detail(401, "Invalid token.")


def guarded(permission: str, handler: Handler) -> Handler:
    """The handler, for roles with a permission only."""

    async def guarded_handler(request: web.Request) -> web.StreamResponse:
        role = _ROLES[request.headers["X-API-KEY"]]
        if role is not None and permission not in role:
            raise detail(403, "You do not have permission to perform this action.")
        return await handler(request)

    return guarded_handler
