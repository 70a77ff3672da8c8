"""What every vendor's account proves of itself, and whether its requests are described."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.domain.facts import Fact
from core.domain.remediation import Action
from integrations.rmm.vendor import RmmAccount
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_wire import check_described
from tests.contracts.vendors.driving import dispatched, followed, read_back
from tests.sandbox.rmm_desk import willing
from tests.sandbox.rmm_specs import needs_specs


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


@needs_specs
def test_every_request_is_described_by_the_vendor(
    bench: Bench, acting: RmmAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bench.rig.spec is None:
        pytest.skip(f"{acting.vendor_name} publishes no description")
    bench.rig.shrink_pages(monkeypatch)
    company, device = bench.pick(willing)
    acting.read(bench.bindings())
    acting.prove(bench.bindings())
    plan, job = dispatched(bench, acting, company, device)
    acting.recheck(bench.client(company), plan, [plan.targets[0].id])
    followed(bench, acting, company, job)
    read_back(bench, acting, company, job, plan)
    acting.reconcile(bench.client(company), job, REQUEST)
    for action in _beside_install(acting):
        other = bench.job(replace(plan, action=action), acting)
        acting.dispatch(bench.client(company), other, REQUEST)
    document = bench.rig.spec()
    sent = [item for item in bench.wire.sent if item.path != bench.rig.token_path]
    described = {check_described(document, item, bench.rig.prefix) for item in sent}
    assert len(described) >= 6


def test_scan_of_the_fleet_reads_nothing_per_device(bench: Bench, account: RmmAccount) -> None:
    if not bench.rig.by_fleet:
        pytest.skip(f"{account.vendor_name} has no call for the whole fleet")
    account.read(bench.bindings())
    assert not any("/device/" in item.path for item in bench.wire.sent)
    assert len(bench.wire.sent) <= 20


def _beside_install(account: RmmAccount) -> Iterator[Action]:
    """What else the account can be told to do."""
    if account.capabilities.scan:
        yield Action.SCAN_PATCHES
    if account.capabilities.reboot:
        yield Action.RESTART_DEVICES
