"""Changes to who is in a group."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sandbox.entra.directory import find_group, find_user, is_guid, members_key
from sandbox.entra.protocol import (
    NO_CONTENT,
    Answer,
    Call,
    Operation,
    any_of,
    bad_request,
    forbidden,
    not_found,
)
from sandbox.estate.model import Group, User

_AT_ONCE = 20
_WRITE_MEMBERS = any_of("GroupMember.ReadWrite.All", "Group.ReadWrite.All")
_BIND = "members@odata.bind"


def add_member(call: Call) -> Answer:
    """Add one object by reference."""
    group = _changeable(call)
    reference = call.body.get("@odata.id") if isinstance(call.body, dict) else None
    _add(call, group, [_referenced(reference)])
    return NO_CONTENT


def update_group(call: Call) -> Answer:
    """Add up to 20 members, all or none. Other properties need more than membership rights."""
    body = call.body if isinstance(call.body, dict) else {}
    if set(body) - {_BIND} or not body:
        raise forbidden("directory")
    references = body[_BIND]
    if not isinstance(references, list) or not 1 <= len(references) <= _AT_ONCE:
        raise bad_request(
            f"The number of values specified for property 'members' must be between 1 and {_AT_ONCE}."
        )
    group = _changeable(call)
    _add(call, group, [_referenced(item) for item in references])
    return NO_CONTENT


def remove_member(call: Call) -> Answer:
    group, member = _changeable(call), call.ids["member_id"].lower()
    if member not in group.members:
        raise not_found(member)
    call.replicas.wrote(members_key(call.tenant, group.id), tuple(group.members))
    group.members.remove(member)
    call.effect("remove_member", [member], group_id=group.id)
    return NO_CONTENT


def delete_member_object(call: Call) -> Answer:
    """Without `/$ref` the address is the member itself, not its place in the group."""
    user: User = find_user(call.tenant, call.ids["member_id"])
    del call.tenant.users[user.id]
    call.effect("delete_user", [user.id])
    return NO_CONTENT


def _changeable(call: Call) -> Group:
    """The group, where an app with membership rights may change it."""
    group = find_group(call.tenant, call.ids["group_id"])
    if group.role_assignable and "RoleManagement.ReadWrite.Directory" not in call.caller.roles:
        raise forbidden("directory")
    if group.membership_rule is not None:
        raise bad_request("Insufficient permissions to update members of a dynamic group.")
    if group.synced:
        raise bad_request(
            "Unable to update the specified properties for on-premises mastered Directory Sync "
            "objects or objects currently undergoing migration."
        )
    if group.mail_enabled:
        raise bad_request("Cannot Update a mail-enabled security groups and or distribution list.")
    return group


def _add(call: Call, group: Group, ids: Sequence[str]) -> None:
    for object_id in ids:
        if object_id not in call.tenant.users and object_id not in call.tenant.groups:
            raise not_found(object_id)
    if set(ids) & set(group.members) or len(set(ids)) < len(ids):
        raise bad_request(
            "One or more added object references already exist for the following modified "
            "properties: 'members'."
        )
    call.replicas.wrote(members_key(call.tenant, group.id), tuple(group.members))
    group.members.extend(ids)
    call.effect("add_member", list(ids), group_id=group.id)


def _referenced(reference: object) -> str:
    """The object id in `https://.../directoryObjects/{id}` or `.../users/{id}`."""
    parts = urlsplit(str(reference)).path.split("/")
    if len(parts) < 2 or parts[-2] not in ("directoryObjects", "users") or not is_guid(parts[-1]):
        raise bad_request(
            f"Invalid URL format specified in @odata.id. {reference} does not appear to have the "
            "right address."
        )
    return parts[-1].lower()


OPERATIONS = (
    Operation(
        method="POST",
        template="/groups/{group_id}/members/$ref",
        handler=add_member,
        roles=_WRITE_MEMBERS,
    ),
    Operation(
        method="PATCH",
        template="/groups/{group_id}",
        handler=update_group,
        roles=_WRITE_MEMBERS,
    ),
    Operation(
        method="DELETE",
        template="/groups/{group_id}/members/{member_id}/$ref",
        handler=remove_member,
        roles=_WRITE_MEMBERS,
    ),
    Operation(
        method="DELETE",
        template="/groups/{group_id}/members/{member_id}",
        handler=delete_member_object,
        roles=any_of("User.ReadWrite.All", "User.DeleteRestore.All"),
    ),
)
