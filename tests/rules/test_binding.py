"""Whether tenant and devices belong to the same company."""

from typing import Any

import pytest

from core.domain.facts import Coverage
from core.domain.findings import MfaSection, PatchSection
from core.rules.binding import mismatch
from tests.rules.fleets import START, client


def tenant(*domains: str, default: str | None = None) -> MfaSection:
    return MfaSection(
        observed_at=START,
        verdicts=(),
        coverage=Coverage(),
        tenant_name="Acme Dental",
        default_domain=default,
        domains=domains,
    )


def devices(domain: str | None) -> PatchSection:
    return PatchSection(observed_at=START, devices=(), coverage=Coverage(), main_domain=domain)


ACME = ("acmedental.example", "acmedental.onmicrosoft.com")


@pytest.mark.parametrize(
    "domain",
    ["acmedental.example", "ACMEDental.example", "corp.acmedental.example", None, "acme.local"],
)
def test_the_same_company_or_an_unknown_domain_is_no_mismatch(domain: str | None) -> None:
    assert mismatch(tenant(*ACME), devices(domain), client()) is None


@pytest.mark.parametrize(
    "domain",
    ["kestrel.example", "notacmedental.example", "kestrel.onmicrosoft.com", "dental.example"],
)
def test_devices_of_another_domain_are_a_mismatch_with_both_sides_named(domain: str) -> None:
    words = mismatch(tenant(*ACME), devices(domain), client())
    assert words is not None
    for part in ("acmedental.example", domain, "binding_confirmed = true"):
        assert part in words


@pytest.mark.parametrize(
    ("mfa", "patches"),
    [(None, devices("x.example")), (tenant(*ACME), None), (tenant(), devices("x.example"))],
)
def test_half_the_evidence_is_no_evidence(mfa: Any, patches: Any) -> None:
    assert mismatch(mfa, patches, client()) is None


def test_the_default_domain_counts_as_one_of_the_tenants() -> None:
    of = tenant(default="acmedental.example")
    assert mismatch(of, devices("acmedental.example"), client()) is None
    assert mismatch(of, devices("kestrel.example"), client()) is not None


def test_a_binding_that_a_person_confirmed_is_no_mismatch() -> None:
    confirmed = client(binding_confirmed=True)
    assert mismatch(tenant(*ACME), devices("kestrel.example"), confirmed) is None
