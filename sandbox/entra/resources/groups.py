"""/groups/{id}: what a group is, and who is in it."""

from sandbox.entra.directory import direct_members, find_group, transitive_members
from sandbox.entra.odata import advanced, check_names, pick, selected, unsupported_query
from sandbox.entra.paging import page, page_size
from sandbox.entra.protocol import Answer, Call, Json, Operation, any_of
from sandbox.entra.resources.user_json import DEFAULT_PROPERTIES, KNOWN_PROPERTIES, user_json
from sandbox.entra.tokens import service_principal_id
from sandbox.estate.ids import stable_id
from sandbox.estate.licences import SKUS
from sandbox.estate.model import Group

_READ_GROUP = any_of(
    "GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All"
)
_READ_MEMBERS = (*_READ_GROUP, *any_of("GroupMember.ReadBasic.All", "GroupMember.ReadWrite.All"))
_SEES_USERS = frozenset({"User.Read.All", "Directory.Read.All"})
#: Come only when selected.
_ON_REQUEST = ("assignedLicenses", "hasMembersWithLicenseErrors")


def get_group(call: Call) -> Answer:
    row = group_json(find_group(call.tenant, call.ids["group_id"]))
    names = selected(call)
    check_names(names or (), row, "group")
    shown = names or [name for name in row if name not in _ON_REQUEST]
    return Answer(body={"@odata.context": f"{call.context('groups')}/$entity"} | pick(row, shown))


def group_json(group: Group) -> Json:
    dynamic = group.membership_rule is not None
    return {
        "id": group.id,
        "deletedDateTime": None,
        "createdDateTime": "2023-04-17T12:00:00Z",
        "description": None,
        "displayName": group.name,
        "groupTypes": ["DynamicMembership"] if dynamic else [],
        "isAssignableToRole": True if group.role_assignable else None,
        "mail": None,
        "mailEnabled": group.mail_enabled,
        "mailNickname": group.id[:8],
        "membershipRule": group.membership_rule,
        "membershipRuleProcessingState": "On" if dynamic else None,
        "onPremisesSyncEnabled": True if group.synced else None,
        "securityEnabled": group.security_enabled,
        "visibility": None,
        "assignedLicenses": [
            {"disabledPlans": [], "skuId": SKUS[part].id} for part in group.licences
        ],
        "hasMembersWithLicenseErrors": None,
    }


def list_app_roles(call: Call) -> Answer:
    """The app roles a group holds: its members get them too."""
    group = find_group(call.tenant, call.ids["group_id"])
    names = selected(call)
    rows = [
        {
            "id": stable_id(0, group.id, app_role),
            "deletedDateTime": None,
            "appRoleId": stable_id(0, app_role),
            "createdDateTime": "2024-08-01T12:00:00Z",
            "principalDisplayName": group.name,
            "principalId": group.id,
            "principalType": "Group",
            "resourceDisplayName": app_role,
            "resourceId": service_principal_id(call.tenant.id, app_role),
        }
        for app_role in group.app_roles
    ]
    context = f"groups('{group.id}')/appRoleAssignments"
    return page(call, rows, lambda row: pick(row, names), context=context, size=page_size(call, default=100, most=999))  # fmt: skip


def list_members(call: Call) -> Answer:
    group = find_group(call.tenant, call.ids["group_id"])
    return _members(call, direct_members(call.tenant, group, call.replicas))


def list_transitive_members(call: Call) -> Answer:
    group = find_group(call.tenant, call.ids["group_id"])
    return _members(call, transitive_members(call.tenant, group, call.replicas))


def list_transitive_users(call: Call) -> Answer:
    """The cast to users; with any other option it needs advanced query mode."""
    if call.query and not advanced(call):
        raise unsupported_query()
    group = find_group(call.tenant, call.ids["group_id"])
    found = transitive_members(call.tenant, group, call.replicas)
    return _members(call, [item for item in found if item in call.tenant.users])


def _members(call: Call, ids: list[str]) -> Answer:
    names = selected(call)
    check_names(names or (), KNOWN_PROPERTIES | {"securityEnabled"}, "directoryObject")
    known = [item for item in ids if item in call.tenant.users or item in call.tenant.groups]
    return page(
        call,
        known,
        lambda item: _member(call, item, names),
        context="directoryObjects",
        size=page_size(call, default=100, most=999),
        total=len(known) if advanced(call) else None,
    )


def _member(call: Call, object_id: str, names: list[str] | None) -> Json:
    """A caller who may not read users gets their type and id, and null for the rest."""
    user = call.tenant.users.get(object_id)
    if user is None:
        group = group_json(call.tenant.groups[object_id])
        return {"@odata.type": "#microsoft.graph.group"} | pick(group, names)
    wanted = tuple(name for name in names or DEFAULT_PROPERTIES if name in KNOWN_PROPERTIES)
    row = user_json(user, wanted)
    if not call.caller.roles & _SEES_USERS:
        row = {name: value if name == "id" else _emptied(value) for name, value in row.items()}
    return {"@odata.type": "#microsoft.graph.user"} | row


def _emptied(value: object) -> list[object] | None:
    return [] if isinstance(value, list) else None


_LIST = frozenset({"select", "top", "count"})
OPERATIONS = (
    Operation(
        method="GET",
        template="/groups/{group_id}",
        handler=get_group,
        roles=_READ_GROUP,
        options=frozenset({"select"}),
    ),
    Operation(
        method="GET",
        template="/groups/{group_id}/appRoleAssignments",
        handler=list_app_roles,
        roles=any_of(
            "Directory.Read.All", "Directory.ReadWrite.All", "AppRoleAssignment.ReadWrite.All"
        ),
        options=frozenset({"select", "top"}),
    ),
    Operation(
        method="GET",
        template="/groups/{group_id}/members",
        handler=list_members,
        roles=_READ_MEMBERS,
        options=_LIST,
    ),
    Operation(
        method="GET",
        template="/groups/{group_id}/transitiveMembers",
        handler=list_transitive_members,
        roles=_READ_MEMBERS,
        options=_LIST,
    ),
    Operation(
        method="GET",
        template="/groups/{group_id}/transitiveMembers/microsoft.graph.user",
        handler=list_transitive_users,
        roles=_READ_MEMBERS,
        options=_LIST,
    ),
)
