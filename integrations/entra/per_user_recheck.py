"""Just before per-user MFA is switched on: whose sign-ins conditional access may decide about by now."""

from collections.abc import Sequence
from dataclasses import replace

from core.domain.facts import Fact
from core.domain.identity import DirectoryReading, PerUserState, UserId
from core.errors import VendorError, VendorNotFound
from core.rules.ca_coverage import demand_on
from core.rules.licence_cover import premium_of
from core.rules.per_user import in_the_way
from integrations.entra import mapping, policies
from integrations.entra.api import GraphApi, Json
from integrations.entra.batch import Batches
from integrations.entra.groups import read_whole_groups
from integrations.entra.licences import assigned, covers, has_premium, premium_skus
from integrations.entra.pacing import TenantPace
from integrations.entra.reading import USER_PROPERTIES, named_groups
from integrations.entra.roles import ACTIVE, read_holders, read_templates


def left_to_policies(
    api: GraphApi, pace: TenantPace, blank: DirectoryReading, users: Sequence[str]
) -> dict[str, str]:
    """Account id -> why per-user MFA is not for it. Raises VendorError where that cannot be read in full."""
    skus = api.rows("/subscribedSkus", {"$select": "skuId,prepaidUnits,servicePlans"})
    if has_premium(skus) is not Fact.YES:
        return {}
    rows = _accounts(api, users)
    bought = premium_skus(skus)
    premium = {UserId(row["id"]): covers(assigned(row), bought) for row in rows}
    reading = replace(
        _with_policies(api, pace, blank),
        licensed=Fact.YES,
        users=tuple(map(mapping.user, rows)),
        premium=premium,
        # whatever their state is: the question is what asks them besides
        per_user=dict.fromkeys(premium, PerUserState.DISABLED),
    )
    reasons = {
        str(user.id): in_the_way(premium_of(user, reading), demand_on(user, reading).requirement)
        for user in reading.users
    }
    return {user: reason for user, reason in reasons.items() if reason is not None}


def _accounts(api: GraphApi, users: Sequence[str]) -> list[Json]:
    """Those that are still there."""
    urls = {user: f"/users/{user}?$select={USER_PROPERTIES}" for user in users}
    rows: list[Json] = []
    for end in Batches(api=api).get(urls).values():
        if isinstance(end, VendorNotFound):
            continue
        if isinstance(end, VendorError):
            raise end
        rows.append(end)
    return rows


def _with_policies(api: GraphApi, pace: TenantPace, blank: DirectoryReading) -> DirectoryReading:
    rows = api.rows("/identity/conditionalAccess/policies", pace=pace.policies)
    reading = replace(
        blank,
        policies=tuple(map(policies.policy, rows)),
        role_holders=read_holders(api, ACTIVE, read_templates(api)),
        security_defaults=Fact.NO,
    )
    groups = read_whole_groups(api, named_groups(reading))
    return replace(reading, group_members=groups.users, gone=frozenset(groups.gone))
