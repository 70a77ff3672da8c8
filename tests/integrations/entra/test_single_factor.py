"""The sign-in log as evidence: successful sign-ins with one factor, within the reports' limit."""

from datetime import timedelta

import pytest

from core.errors import VendorForbidden
from tests.integrations.entra.house import House


def test_successful_sign_ins_with_one_factor_are_counted_by_account(house: House) -> None:
    since = house.world.clock.now() - timedelta(days=14)
    found = house.directory.single_factor_sign_ins(house.client(), since)
    assert found.counts
    assert found.whole
    assert found.since == since
    assert set(found.counts) <= set(house.tenant().users)
    inside = set(house.members())
    assert inside.isdisjoint(found.counts)
    assert house.calls(path="/auditLogs/signIns") == 1


def test_only_sign_ins_since_then_count(house: House) -> None:
    now = house.world.clock.now()
    week = house.directory.single_factor_sign_ins(house.client(), now - timedelta(days=7))
    month = house.directory.single_factor_sign_ins(house.client(), now - timedelta(days=30))
    assert week.counts is not None
    assert month.counts is not None
    assert sum(week.counts.values()) < sum(month.counts.values())


def test_a_tenant_without_a_licence_or_permission_says_so(house: House) -> None:
    now = house.world.clock.now()
    with pytest.raises(VendorForbidden):
        house.directory.single_factor_sign_ins(house.client("cedar-finch"), now)
    house.tenant().read_roles = ["User.Read.All"]
    with pytest.raises(VendorForbidden):
        house.directory.single_factor_sign_ins(house.client(), now)
