"""/users: the list, one user, and the end of somebody's sessions."""

from sandbox.entra.directory import find_user, is_guid, need_premium
from sandbox.entra.odata import advanced, check_names, filter_test, selected
from sandbox.entra.paging import page, page_size
from sandbox.entra.protocol import (
    NO_CONTENT,
    Answer,
    Call,
    Operation,
    any_of,
    bad_request,
    forbidden,
)
from sandbox.entra.resources.user_json import (
    DEFAULT_PROPERTIES,
    KNOWN_PROPERTIES,
    user_json,
)

READ_USERS = any_of(
    "User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"
)
_FILTERABLE = (
    "accountEnabled",
    "assignedLicenses/$count",
    "createdDateTime",
    "department",
    "displayName",
    "id",
    "jobTitle",
    "mail",
    "onPremisesSyncEnabled",
    "userPrincipalName",
    "userType",
)
_SEARCHED = tuple(path.split("/")[0] for path in _FILTERABLE)


def list_users(call: Call) -> Answer:
    """Pages of 100, at most 999; at most 500 once signInActivity is selected."""
    names = _names(call)
    test = filter_test(call, _FILTERABLE)
    most = 999
    if "signInActivity" in names:
        if test is not None:
            raise bad_request("Filter not supported with signInActivity.", "BadRequest")
        most = 500
    size = page_size(call, default=100, most=most, clip=most == 500)
    found = list(call.tenant.users.values())
    if test is not None:
        found = [user for user in found if test(user_json(user, _SEARCHED))]
    return page(
        call,
        found,
        lambda user: user_json(user, names),
        context=_context(call),
        size=size,
        total=len(found) if advanced(call) else None,
    )


def get_user(call: Call) -> Answer:
    names, key = _names(call), call.ids["user_id"]
    if "signInActivity" in names and not is_guid(key):
        raise bad_request(
            "Get By Key only supports UserId and the key has to be a valid Guid", "BadRequest"
        )
    body = {"@odata.context": f"{call.context('users')}/$entity"}
    return Answer(body=body | user_json(find_user(call.tenant, key), names))


def revoke_sessions(call: Call) -> Answer:
    """Ends the sessions of a member; sessions of external users live in their home tenant."""
    user = find_user(call.tenant, call.ids["user_id"])
    if user.external:
        raise bad_request("The session of an external user cannot be revoked here.")
    user.sessions_valid_from = call.world.clock.now()
    call.effect("revoke_sessions", [user.id])
    return Answer(body={"@odata.context": call.context("Edm.Boolean"), "value": True})


def mailbox_purpose(call: Call) -> Answer:
    user = find_user(call.tenant, call.ids["user_id"])
    purpose = user.purpose if user.purpose in ("room", "shared") else "user"
    context = call.context(f"users('{user.id}')/mailboxSettings/userPurpose")
    return Answer(body={"@odata.context": context, "value": purpose})


def delete_user(call: Call) -> Answer:
    user = find_user(call.tenant, call.ids["user_id"])
    del call.tenant.users[user.id]
    call.effect("delete_user", [user.id])
    return NO_CONTENT


def _names(call: Call) -> tuple[str, ...]:
    names = tuple(selected(call) or DEFAULT_PROPERTIES)
    check_names(names, KNOWN_PROPERTIES, "user")
    if "signInActivity" in names:
        if "AuditLog.Read.All" not in call.caller.roles:
            raise forbidden("directory")
        need_premium(call)
    return names


def _context(call: Call) -> str:
    names = selected(call)
    return f"users({','.join(names)})" if names else "users"


OPERATIONS = (
    Operation(
        method="GET",
        template="/users",
        handler=list_users,
        roles=READ_USERS,
        options=frozenset({"select", "top", "filter", "count"}),
    ),
    Operation(
        method="GET",
        template="/users/{user_id}",
        handler=get_user,
        roles=READ_USERS,
        options=frozenset({"select"}),
    ),
    Operation(
        method="DELETE",
        template="/users/{user_id}",
        handler=delete_user,
        roles=any_of("User.ReadWrite.All", "User.DeleteRestore.All"),
    ),
    Operation(
        method="POST",
        template="/users/{user_id}/revokeSignInSessions",
        handler=revoke_sessions,
        roles=any_of("User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"),
    ),
    Operation(
        method="GET",
        template="/users/{user_id}/mailboxSettings/userPurpose",
        handler=mailbox_purpose,
        roles=any_of("MailboxSettings.Read", "MailboxSettings.ReadWrite"),
    ),
)
