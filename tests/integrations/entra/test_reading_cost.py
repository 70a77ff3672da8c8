"""What reading a tenant costs, and that nothing gets lost on the way; `make bench` measures the same at full size."""

from bench.rig.entra_rows import floor, lost
from bench.rig.truth import truth_of
from tests.integrations.entra.house import House


def test_no_tenant_costs_more_than_two_calls_above_the_fewest_and_none_loses_a_row(
    house: House,
) -> None:
    truths, whole = truth_of(house.world)["tenants"], 0
    for company in house.world.estate.companies:
        before = house.calls()
        reading = house.directory.read(house.client(company.key))
        truth = truths[reading.tenant_id]
        fewest = floor(truth, reading, with_sign_ins=True)
        if reading.coverage.complete:
            whole += 1
            assert lost(truth, reading) == 0, company.key
            assert fewest <= house.calls() - before <= fewest + 2, company.key
    assert whole >= 4


def test_the_next_read_asks_for_no_sign_ins_and_still_knows_them(house: House) -> None:
    first = house.directory.read(house.client())
    before = house.calls()
    second = house.directory.read(house.client())
    truth = truth_of(house.world)["tenants"][second.tenant_id]
    assert house.calls() - before <= floor(truth, second, with_sign_ins=False) + 2
    assert [user.last_sign_in for user in second.users] == [
        user.last_sign_in for user in first.users
    ]
    assert any(user.last_sign_in for user in second.users)
    never = [user.id for user in first.users if user.never_signed_in]
    assert never == [user.id for user in second.users if user.never_signed_in] != []
