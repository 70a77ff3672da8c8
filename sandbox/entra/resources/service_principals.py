"""/servicePrincipals: the apps installed in a tenant and the Graph roles each was granted."""

from sandbox.entra.apps import READ_APP_ID, WRITE_APP_ID
from sandbox.entra.graph_roles import GRAPH_APP_ID, ROLE_IDS
from sandbox.entra.odata import check_names, pick, selected
from sandbox.entra.paging import page, page_size
from sandbox.entra.protocol import Answer, Call, Json, Operation, any_of, not_found
from sandbox.entra.tokens import service_principal_id
from sandbox.estate.ids import stable_id
from sandbox.estate.model import Tenant

_NAMES = {
    READ_APP_ID: "Gatehouse (read)",
    WRITE_APP_ID: "Gatehouse (write)",
    GRAPH_APP_ID: "Microsoft Graph",
}


def get_by_app_id(call: Call) -> Answer:
    app_id = call.ids["app_id"].lower()
    if app_id not in _installed(call.tenant):
        raise not_found(app_id)
    row = _json(call.tenant, app_id)
    names = selected(call)
    check_names(names or (), row, "servicePrincipal")
    context = f"{call.context('servicePrincipals')}/$entity"
    return Answer(body={"@odata.context": context} | pick(row, names))


def list_granted(call: Call) -> Answer:
    """What an app was granted, authoritatively: a token may still carry less, or more."""
    tenant, wanted = call.tenant, call.ids["principal_id"].lower()
    for app_id, roles in _installed(tenant).items():
        if service_principal_id(tenant.id, app_id) == wanted:
            rows = [_grant(tenant, app_id, role) for role in roles]
            break
    else:
        raise not_found(wanted)
    names = selected(call)
    return page(
        call,
        rows,
        lambda row: pick(row, names),
        context="appRoleAssignments",
        size=page_size(call, default=100, most=999, clip=True),
    )


def _installed(tenant: Tenant) -> dict[str, list[str]]:
    """App id -> Graph roles granted, of the apps that are installed."""
    grants = {READ_APP_ID: tenant.read_roles, WRITE_APP_ID: tenant.write_roles, GRAPH_APP_ID: []}
    return {app_id: roles for app_id, roles in grants.items() if roles is not None}


def _json(tenant: Tenant, app_id: str) -> Json:
    return {
        "id": service_principal_id(tenant.id, app_id),
        "deletedDateTime": None,
        "accountEnabled": True,
        "appDisplayName": _NAMES[app_id],
        "appId": app_id,
        "appRoleAssignmentRequired": False,
        "displayName": _NAMES[app_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
    }


def _grant(tenant: Tenant, app_id: str, role: str) -> Json:
    return {
        "id": stable_id(0, tenant.id, app_id, role),
        "deletedDateTime": None,
        "appRoleId": ROLE_IDS.get(role) or stable_id(0, role),
        "createdDateTime": "2025-05-20T14:00:00Z",
        "principalDisplayName": _NAMES[app_id],
        "principalId": service_principal_id(tenant.id, app_id),
        "principalType": "ServicePrincipal",
        "resourceDisplayName": _NAMES[GRAPH_APP_ID],
        "resourceId": service_principal_id(tenant.id, GRAPH_APP_ID),
    }


_READ = any_of("Application.Read.All", "Directory.Read.All", "Application.ReadWrite.All")
OPERATIONS = (
    Operation(
        method="GET",
        template="/servicePrincipals(appId='{app_id}')",
        handler=get_by_app_id,
        roles=_READ,
        options=frozenset({"select"}),
    ),
    Operation(
        method="GET",
        template="/servicePrincipals/{principal_id}/appRoleAssignments",
        handler=list_granted,
        roles=_READ,
        options=frozenset({"select", "top"}),
    ),
)
