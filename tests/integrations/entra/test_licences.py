"""What is bought and what is assigned: a tenant's licence, and one account's."""

from typing import Any

import pytest

from core.domain.facts import Fact
from integrations.entra.licences import (
    P1,
    P2,
    assigned,
    covers,
    has_plan,
    has_premium,
    premium_skus,
)

Json = dict[str, Any]


def sku(enabled: object, *plans: str, sku_id: str = "PREMIUM") -> Json:
    return {
        "skuId": sku_id,
        "prepaidUnits": {"enabled": enabled},
        "servicePlans": [{"servicePlanId": plan} for plan in plans],
    }


@pytest.mark.parametrize(
    ("skus", "fact"),
    [
        ([sku(5, P1)], Fact.YES),
        ([sku(5, P1.upper())], Fact.YES),
        ([sku(0, P1)], Fact.NO),
        ([sku(None, P1)], Fact.NO),
        ([sku(5, "other")], Fact.NO),
        ([], Fact.NO),
    ],
)
def test_a_lapsed_subscription_is_no_licence(skus: list[Json], fact: Fact) -> None:
    assert has_plan(skus, P1) is fact


def test_p2_alone_is_premium_too() -> None:
    assert has_premium([sku(5, P2)]) is Fact.YES
    assert has_premium([sku(5, "other"), sku(0, P1)]) is Fact.NO


BOUGHT = [sku(5, P1, P2), sku(9, "mail", sku_id="mail"), sku(0, P1, sku_id="lapsed")]


def licence(sku_id: str | None, *switched_off: str) -> Json:
    return {"skuId": sku_id, "disabledPlans": list(switched_off)}


@pytest.mark.parametrize(
    ("licences", "covered"),
    [
        ([licence("premium")], Fact.YES),
        ([licence("mail"), licence("PREMIUM")], Fact.YES),
        ([licence("premium", P1.upper())], Fact.YES),
        ([licence("premium", P1, P2)], Fact.NO),
        ([licence("mail")], Fact.NO),
        ([licence("lapsed")], Fact.NO),
        ([], Fact.NO),
        ([licence("mail"), licence("not-listed")], Fact.UNKNOWN),
        ([licence("not-listed"), licence("premium")], Fact.YES),
        ([licence(None)], Fact.UNKNOWN),
        ([{"skuId": "premium"}], Fact.YES),
        ("nonsense", Fact.UNKNOWN),
        (["nonsense"], Fact.UNKNOWN),
    ],
)
def test_an_account_is_covered_by_what_is_assigned_to_it_and_left_on(
    licences: object, covered: Fact
) -> None:
    row = {"assignedLicenses": licences}
    assert covers(assigned(row), premium_skus(BOUGHT)) is covered


def test_an_account_whose_licences_were_not_told_is_not_taken_for_one_without() -> None:
    assert covers(assigned({}), premium_skus(BOUGHT)) is Fact.UNKNOWN
