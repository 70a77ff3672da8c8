"""Explaining one account: the stored reasons always, the tenant's own answer where it can be asked."""

from dataclasses import replace

import pytest

from core.domain.clients import Client, ClientKey
from core.domain.facts import Fact
from core.domain.findings import Snapshot
from core.domain.identity import DirectoryReading, Grant, PolicyState
from core.domain.policy import MfaPolicy
from core.domain.what_if import PolicyAnswer, WhatIf
from core.errors import NotFound, VendorForbidden
from core.rules.mfa_gaps import judge_mfa
from core.rules.what_if import disagrees
from core.usecases.explain_mfa import ExplainMfa
from tests.fakes.memory_store import MemoryStore
from tests.rules.tenants import NOW, client, policy, reading, user, verdict
from tests.usecases.requests_made import HandClock

ACME = client(tenant_id="t1")
OTHER = client(key=ClientKey("other"), name="Other", tenant_id="t2")
ASKS = PolicyAnswer(
    name="Require MFA",
    state=PolicyState.ENABLED,
    grant=Grant.MFA,
    applies=Fact.YES,
    whole=Fact.YES,
)


def answer(*policies: PolicyAnswer) -> WhatIf:
    return WhatIf(app="Exchange Online", asked_at=NOW, policies=policies)


class Tenants:
    """Answers the same for everybody, or refuses."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.asked: list[tuple[str, str]] = []

    def what_if(self, client: Client, user_id: str) -> WhatIf:
        self.asked.append((client.key, user_id))
        if self.refuses:
            raise VendorForbidden("Entra", remedy="Grant Policy.Read.All.")
        return answer(ASKS)


def explain(tenants: Tenants, **known: DirectoryReading) -> ExplainMfa:
    store = MemoryStore(HandClock())
    for key, read in known.items():
        of = replace(ACME, key=ClientKey(key))
        section = judge_mfa(read, of, MfaPolicy(), now=NOW)
        store.snapshots.put(Snapshot(client=of.key, mfa=section))
    return ExplainMfa(
        directory=tenants,  # type: ignore[arg-type]
        snapshots=store.snapshots,
        evidence=lambda _client: None,
    )


def test_an_account_is_found_however_its_address_is_written_and_its_tenant_asked() -> None:
    tenants = Tenants()
    found = explain(tenants, acme=reading(user()))([OTHER, ACME], "Ann@ACME.example")
    assert found.client == ACME
    assert found.verdict.user_id == "ann"
    assert found.what_if == answer(ASKS)
    assert tenants.asked == [("acme", "ann")]


def test_a_tenant_that_refuses_leaves_the_stored_verdict_and_says_why() -> None:
    found = explain(Tenants(refuses=True), acme=reading(user()))([ACME], "ann@acme.example")
    assert found.what_if is None
    assert found.verdict.why
    assert found.not_asked == ("Entra: Our credentials lack a permission. Grant Policy.Read.All.")


def test_an_account_of_a_client_one_may_not_read_is_not_found_and_not_hinted_at() -> None:
    tenants = Tenants()
    with pytest.raises(NotFound) as refused:
        explain(tenants, acme=reading(user()), other=reading())([OTHER], "ann@acme.example")
    assert "Did you mean" not in refused.value.sentence
    assert tenants.asked == []


def test_a_slip_of_the_finger_is_answered_with_what_may_have_been_meant() -> None:
    with pytest.raises(NotFound, match=r"Did you mean ann@acme\.example"):
        explain(Tenants(), acme=reading(user()))([ACME], "anne@acme.example")


def test_a_tenant_never_read_is_named_as_a_place_where_the_account_may_be() -> None:
    with pytest.raises(NotFound, match="1 tenant was never read, so it may be there"):
        explain(Tenants(), acme=reading(user()))([ACME, OTHER], "zoe@other.example")


def test_entras_answer_is_held_against_the_verdict() -> None:
    covered, bare = verdict(reading(user(), policies=(policy(),))), verdict(reading(user()))
    planned = replace(ASKS, state=PolicyState.REPORT_ONLY)
    assert disagrees(bare, answer(ASKS))
    assert not disagrees(covered, answer(ASKS))
    assert disagrees(covered, answer(planned))
    assert not disagrees(covered, answer(replace(ASKS, applies=Fact.NO, other_apps=True)))
    assert not disagrees(bare, answer(replace(ASKS, whole=Fact.NO)))
    assert not disagrees(bare, answer(planned, replace(ASKS, applies=Fact.UNKNOWN)))
    assert not disagrees(verdict(reading(user(), security_defaults=Fact.YES)), answer())
