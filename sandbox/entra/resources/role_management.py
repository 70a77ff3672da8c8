"""/roleManagement/directory: who holds which role, and who may take one through PIM."""

from sandbox.entra.directory import need_p2
from sandbox.entra.odata import check_names, filter_test, pick, selected
from sandbox.entra.paging import page, page_size
from sandbox.entra.protocol import Answer, Call, Json, Operation, any_of, bad_request
from sandbox.entra.resources.groups import group_json
from sandbox.entra.resources.user_json import user_json
from sandbox.estate.ids import stable_id
from sandbox.estate.roles import ROLE_NAMES

_TENANT_WIDE = "/"
_FILTERABLE = ("directoryScopeId", "principalId", "roleDefinitionId")
_EXPANDABLE = ("principal", "roleDefinition")


def list_definitions(call: Call) -> Answer:
    rows = [_definition(role, name) for role, name in ROLE_NAMES.items()]
    names, test = selected(call), filter_test(call, ("id", "isBuiltIn", "templateId"))
    check_names(names or (), rows[0], "unifiedRoleDefinition")
    return page(
        call,
        [row for row in rows if test is None or test(row)],
        lambda row: pick(row, names),
        context="roleManagement/directory/roleDefinitions",
        size=page_size(call, default=500, most=999, clip=True),
    )


def _definition(role: str, name: str) -> Json:
    return {
        "id": role,
        "description": f"The built-in role {name}.",
        "displayName": name,
        "isBuiltIn": True,
        "isEnabled": True,
        "resourceScopes": [_TENANT_WIDE],
        "templateId": role,
        "version": "1",
    }


def list_assignments(call: Call) -> Answer:
    """Active assignments: of users and of role-assignable groups, tenant-wide and narrower."""
    rows = [
        _assignment(holder, role, scope)
        for holder, role, scope in [*_held_by_users(call), *_held_by_groups(call)]
    ]
    return _listed(call, rows, "roleAssignments")


def list_eligible(call: Call) -> Answer:
    """What PIM lets somebody activate; P2 tenants only."""
    need_p2(call)
    rows = [
        _instance(user.id, role, scope, "roleEligibilityScheduleId")
        for user in call.tenant.users.values()
        for role, scope in [
            *((role, _TENANT_WIDE) for role in user.eligible_roles),
            *user.scoped_eligible_roles.items(),
        ]
    ]
    return _listed(call, rows, "roleEligibilityScheduleInstances")


def list_active_instances(call: Call) -> Answer:
    need_p2(call)
    rows = [
        _instance(user, role, scope, "roleAssignmentScheduleId") | {"assignmentType": "Assigned"}
        for user, role, scope in [*_held_by_users(call), *_held_by_groups(call)]
    ]
    return _listed(call, rows, "roleAssignmentScheduleInstances")


def _held_by_users(call: Call) -> list[tuple[str, str, str]]:
    users = call.tenant.users.values()
    wide = [(user.id, role, _TENANT_WIDE) for user in users for role in user.roles]
    narrow = [(user.id, *held) for user in users for held in user.scoped_roles.items()]
    return [*wide, *narrow]


def _held_by_groups(call: Call) -> list[tuple[str, str, str]]:
    groups = call.tenant.groups.values()
    return [(group.id, role, _TENANT_WIDE) for group in groups for role in group.roles]


def _assignment(holder: str, role: str, scope: str) -> Json:
    return {
        "id": stable_id(0, "assignment", holder, role, scope),
        "principalId": holder,
        "directoryScopeId": scope,
        "roleDefinitionId": role,
    }


def _instance(holder: str, role: str, scope: str, schedule: str) -> Json:
    return {
        "id": stable_id(0, schedule, holder, role, scope),
        "principalId": holder,
        "roleDefinitionId": role,
        "directoryScopeId": scope,
        "appScopeId": None,
        "startDateTime": "2025-02-03T08:00:00Z",
        "endDateTime": None,
        "memberType": "Direct",
        schedule: stable_id(0, "schedule", holder, role, scope),
    }


def _listed(call: Call, rows: list[Json], collection: str) -> Answer:
    names, expand = selected(call), _expanded(call)
    check_names(names or (), rows[0] if rows else names or (), collection)
    test = filter_test(call, _FILTERABLE)
    return page(
        call,
        [row for row in rows if test is None or test(row)],
        lambda row: pick(row, names) | _expansion(call, row, expand),
        context=f"roleManagement/directory/{collection}",
        size=page_size(call, default=100, most=999, clip=True),
    )


def _expanded(call: Call) -> list[str]:
    names = [name.strip() for name in call.query.get("$expand", "").split(",") if name.strip()]
    for name in names:
        if name not in _EXPANDABLE:
            raise bad_request(f"Could not find a property named '{name}'.", "BadRequest")
    return names


def _expansion(call: Call, row: Json, names: list[str]) -> Json:
    extra: Json = {}
    if "principal" in names:
        extra["principal"] = _principal(call, row["principalId"])
    if "roleDefinition" in names:
        role = row["roleDefinitionId"]
        extra["roleDefinition"] = _definition(role, ROLE_NAMES[role])
    return extra


def _principal(call: Call, object_id: str) -> Json:
    user = call.tenant.users.get(object_id)
    if user is not None:
        return {"@odata.type": "#microsoft.graph.user"} | user_json(user)
    group = call.tenant.groups[object_id]
    return {"@odata.type": "#microsoft.graph.group"} | group_json(group)


_READ = (
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.ReadWrite.Directory",
)
_OPTIONS = frozenset({"select", "top", "filter", "expand"})
OPERATIONS = (
    Operation(
        method="GET",
        template="/roleManagement/directory/roleDefinitions",
        handler=list_definitions,
        roles=any_of(*_READ, "Directory.Read.All"),
        options=frozenset({"select", "top", "filter"}),
    ),
    Operation(
        method="GET",
        template="/roleManagement/directory/roleAssignments",
        handler=list_assignments,
        roles=any_of(*_READ, "Directory.Read.All"),
        options=_OPTIONS,
    ),
    Operation(
        method="GET",
        template="/roleManagement/directory/roleEligibilityScheduleInstances",
        handler=list_eligible,
        roles=any_of(*_READ, "RoleEligibilitySchedule.Read.Directory"),
        options=_OPTIONS,
    ),
    Operation(
        method="GET",
        template="/roleManagement/directory/roleAssignmentScheduleInstances",
        handler=list_active_instances,
        roles=any_of(*_READ, "RoleAssignmentSchedule.Read.Directory"),
        options=_OPTIONS,
    ),
)
