"""What a tenant has bought and assigned: whether there is Entra ID P1, and which accounts it covers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.domain.facts import Fact
from core.rules.logic import any_of

Json = dict[str, Any]

#: Service plans, by Microsoft's ids.
P1 = "41781fb2-bc02-4b7c-bd55-b576c07bb09d"
P2 = "eec0eb4f-6444-4f95-aba0-50c24d67f998"
PREMIUM = frozenset({P1, P2})

#: An account's licences: SKU id and the service plans that are switched off in it. None: not told.
Assigned = tuple[tuple[str, frozenset[str]], ...] | None


def has_plan(skus: Iterable[Json], plan: str) -> Fact:
    """Whether a subscription that is still paid for holds the service plan; lapsed ones stay listed."""
    return Fact.of(any(_paid(sku) and plan in _plans(sku) for sku in skus))


def has_premium(skus: Sequence[Json]) -> Fact:
    """Whether conditional access comes with what the tenant has bought."""
    return Fact.of(any(has_plan(skus, plan) is Fact.YES for plan in PREMIUM))


def premium_skus(skus: Iterable[Json]) -> dict[str, frozenset[str]]:
    """SKU id -> which of P1 and P2 an account gets with it; none with one that lapsed."""
    return {
        str(sku["skuId"]).lower(): _plans(sku) & PREMIUM if _paid(sku) else frozenset()
        for sku in skus
        if sku.get("skuId")
    }


def assigned(row: Json) -> Assigned:
    """The licences of a row of /users."""
    licences = row.get("assignedLicenses")
    if not isinstance(licences, list) or not all(isinstance(item, dict) for item in licences):
        return None
    return tuple((str(item.get("skuId")).lower(), _switched_off(item)) for item in licences)


def covers(licences: Assigned, premium: Mapping[str, frozenset[str]]) -> Fact:
    """Whether P1, alone or within P2, is among an account's licences and not switched off there."""
    if licences is None:
        return Fact.UNKNOWN
    return any_of(_gives(sku, switched_off, premium) for sku, switched_off in licences)


def _gives(sku: str, switched_off: frozenset[str], premium: Mapping[str, frozenset[str]]) -> Fact:
    """What a licence holds that the tenant does not list cannot be told."""
    plans = premium.get(sku)
    return Fact.UNKNOWN if plans is None else Fact.of(bool(plans - switched_off))


def _switched_off(licence: Json) -> frozenset[str]:
    plans = licence.get("disabledPlans")
    return (
        frozenset(str(plan).lower() for plan in plans) if isinstance(plans, list) else frozenset()
    )


def _paid(sku: Json) -> bool:
    units = sku.get("prepaidUnits")
    enabled = units.get("enabled") if isinstance(units, dict) else None
    return isinstance(enabled, int) and enabled > 0


def _plans(sku: Json) -> frozenset[str]:
    plans = sku.get("servicePlans")
    rows = plans if isinstance(plans, list) else ()
    return frozenset(str(row.get("servicePlanId")).lower() for row in rows)
