"""Where a first method can be registered: yes and no only where every policy was read."""

from typing import Any

import pytest

from core.domain.facts import Fact
from core.domain.identity import Audience, Grant, PolicyState
from core.rules.registration import registration_limited
from tests.rules.tenants import EVERYONE, NOBODY, policy, reading, user

ANN = user()
NAMED = Audience(users=frozenset({"ann"}))


def limited(*changes: dict[str, Any], **facts: Any) -> Fact:
    policies = [
        policy(f"P{number}", **({"grant": Grant.BLOCK, "limits_registration": True} | change))
        for number, change in enumerate(changes)
    ]
    return registration_limited(ANN, reading(ANN, policies=policies, **facts))


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"include": EVERYONE}, Fact.YES),
        ({"include": EVERYONE, "exclude": NAMED}, Fact.NO),
        ({"include": NOBODY}, Fact.NO),
        ({"state": PolicyState.REPORT_ONLY}, Fact.NO),
        ({"limits_registration": False}, Fact.NO),
        ({"include": Audience(groups=frozenset({"unread"}))}, Fact.UNKNOWN),
    ],
)
def test_a_policy_limits_registering_for_whom_it_reaches_while_it_is_in_force(
    change: dict[str, Any], fact: Fact
) -> None:
    assert limited(change) is fact


def test_one_policy_that_reaches_the_account_is_enough() -> None:
    assert limited({"include": NOBODY}, {"include": NAMED}) is Fact.YES


def test_without_the_policies_read_nobody_can_tell() -> None:
    assert limited({"include": EVERYONE}, unread=("policies",)) is Fact.UNKNOWN


def test_without_any_such_policy_registering_is_not_limited() -> None:
    assert limited() is Fact.NO
