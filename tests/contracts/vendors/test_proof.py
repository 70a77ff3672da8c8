"""What every vendor's account proves of itself, and how little a fleet costs."""

from dataclasses import replace

import pytest

from core.domain.facts import Fact
from integrations.rmm.vendor import RmmAccount
from tests.contracts.vendor_bench import Bench


def test_proof_names_organisations_domains_and_permissions(
    bench: Bench, account: RmmAccount
) -> None:
    proof = account.prove(bench.bindings())
    assert proof.problem is None
    for company, shown in zip(bench.companies, proof.organisations, strict=True):
        assert shown.organisation == bench.rig.organisation(company)
        assert shown.name == company.rmm_name
        domain = company.devices[0].dns_domain if bench.rig.tells_domain else None
        assert shown.main_domain == domain
        assert shown.devices == len(company.devices)
    assert all(item.present is not Fact.NO for item in proof.permissions if item.needed)
    assert all(item.present is not Fact.YES for item in proof.permissions if not item.needed)


def test_proof_of_a_wrong_binding_has_no_name(bench: Bench, account: RmmAccount) -> None:
    wrong = replace(bench.bindings()[0], organisation="424242")
    assert [shown.name for shown in account.prove([wrong]).organisations] == [None]


def test_proof_says_what_is_wrong_and_what_to_do(bench: Bench) -> None:
    proof = bench.account(bench.rig.wrong_secret).prove(bench.bindings())
    assert proof.problem
    assert "secret" in proof.remedy


def test_scan_of_the_fleet_reads_nothing_per_device(bench: Bench, account: RmmAccount) -> None:
    if not bench.rig.by_fleet:
        pytest.skip(f"{account.vendor_name} has no call for the whole fleet")
    account.read(bench.bindings())
    assert not any("/device/" in item.path for item in bench.wire.sent)
    assert len(bench.wire.sent) <= 20
