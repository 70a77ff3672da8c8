"""What a tenant is and has bought: organization, domains, subscribed SKUs."""

from sandbox.entra.odata import check_names, pick, selected
from sandbox.entra.paging import page
from sandbox.entra.protocol import Answer, Call, Json, Operation, any_of
from sandbox.estate.licences import PLAN_IDS, SKUS
from sandbox.estate.model import Tenant

_ALL = 1000


def list_organization(call: Call) -> Answer:
    row = _organization(call.tenant)
    names = selected(call)
    check_names(names or (), row, "organization")
    return page(call, [row], lambda item: pick(item, names), context="organization", size=_ALL)


def _organization(tenant: Tenant) -> Json:
    synced = any(user.synced for user in tenant.users.values())
    return {
        "id": tenant.id,
        "displayName": tenant.display_name,
        "createdDateTime": "2019-03-11T09:30:00Z",
        "countryLetterCode": None,
        "onPremisesSyncEnabled": True if synced else None,
        "tenantType": "AAD",
        "assignedPlans": [
            {
                "assignedDateTime": "2024-01-15T10:00:00Z",
                "capabilityStatus": "Enabled",
                "service": "AADPremiumService" if "AAD_PREMIUM" in plan else "MicrosoftOffice",
                "servicePlanId": PLAN_IDS[plan],
            }
            for plan in sorted(tenant.plans)
        ],
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": row["isDefault"],
                "isInitial": row["isInitial"],
                "name": row["id"],
                "type": row["authenticationType"],
            }
            for row in _domains(tenant)
        ],
    }


def list_domains(call: Call) -> Answer:
    names = selected(call)
    rows = _domains(call.tenant)
    check_names(names or (), rows[0], "domain")
    return page(call, rows, lambda row: pick(row, names), context="domains", size=_ALL)


def _domains(tenant: Tenant) -> list[Json]:
    names = [tenant.default_domain, *tenant.federated_domains, tenant.initial_domain]
    return [
        {
            "id": name,
            "authenticationType": "Federated" if name in tenant.federated_domains else "Managed",
            "isAdminManaged": True,
            "isDefault": name == tenant.default_domain,
            "isInitial": name == tenant.initial_domain,
            "isRoot": name not in tenant.federated_domains,
            "isVerified": True,
            "supportedServices": ["Email", "OfficeCommunicationsOnline"],
        }
        for name in names
    ]


def list_skus(call: Call) -> Answer:
    """Lapsed subscriptions stay listed, with nothing enabled in them."""
    names = selected(call)
    rows = [_sku(call.tenant, part) for part in call.tenant.skus]
    check_names(names or (), rows[0] if rows else names or (), "subscribedSku")
    return page(call, rows, lambda row: pick(row, names), context="subscribedSkus", size=_ALL)


def _sku(tenant: Tenant, part: str) -> Json:
    units, sku = tenant.skus[part], SKUS[part]
    lapsed = units == 0
    used = sum(user.sku == part for user in tenant.users.values())
    return {
        "id": f"{tenant.id}_{sku.id}",
        "accountId": tenant.id,
        "accountName": tenant.initial_domain.split(".")[0],
        "appliesTo": "User",
        "capabilityStatus": "Suspended" if lapsed else "Enabled",
        "consumedUnits": used,
        "skuId": sku.id,
        "skuPartNumber": part,
        "subscriptionIds": [],
        "prepaidUnits": {
            "enabled": units,
            "lockedOut": 0,
            "suspended": 12 if lapsed else 0,
            "warning": 0,
        },
        "servicePlans": [
            {
                "appliesTo": "User",
                "provisioningStatus": "Success",
                "servicePlanId": PLAN_IDS[plan],
                "servicePlanName": plan,
            }
            for plan in sku.plans
        ],
    }


_DIRECTORY = ("Directory.Read.All", "Directory.ReadWrite.All")
OPERATIONS = (
    Operation(
        method="GET",
        template="/organization",
        handler=list_organization,
        roles=any_of("Organization.Read.All", "Organization.ReadWrite.All", *_DIRECTORY),
        options=frozenset({"select"}),
    ),
    Operation(
        method="GET",
        template="/domains",
        handler=list_domains,
        roles=any_of("Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"),
        options=frozenset({"select"}),
    ),
    Operation(
        method="GET",
        template="/subscribedSkus",
        handler=list_skus,
        roles=any_of(
            "LicenseAssignment.Read.All",
            "Organization.Read.All",
            "Organization.ReadWrite.All",
            *_DIRECTORY,
        ),
        options=frozenset({"select"}),
    ),
)
