"""What must hold for every tenant: exclusions, order, disabled policies, and things not known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.facts import Fact
from core.domain.identity import (
    READS,
    AccountKind,
    Audience,
    CaPolicy,
    DirectoryReading,
    DirectoryUser,
    Grant,
    MfaRegistration,
    PerUserState,
    PolicyState,
    UserId,
)
from core.domain.policy import MfaPolicy
from core.rules.ca_coverage import demand_on
from core.rules.mfa_gaps import judge_mfa
from tests.rules.tenants import GLOBAL_ADMIN, NOW, SYNC_ROLE, client, missing

USERS = ("u0", "u1", "u2", "bg")
GROUPS = ("g0", "g1", "g2")
ROLES = (GLOBAL_ADMIN, SYNC_ROLE, "custom")
TYPES = ("b2bCollaborationGuest", "b2bCollaborationMember", "internalGuest", "*")
RANK = {Fact.NO: 0, Fact.UNKNOWN: 1, Fact.YES: 2}

facts = st.sampled_from(Fact)
quick = settings(max_examples=200)


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


audiences = st.builds(
    Audience,
    everyone=st.booleans(),
    users=some(USERS),
    groups=some(GROUPS),
    roles=some(ROLES),
    external_types=some(TYPES),
    some_tenants_only=st.booleans(),
)
policies = st.builds(
    CaPolicy,
    id=st.uuids().map(str),
    name=st.sampled_from(("A", "B", "C")),
    state=st.sampled_from(PolicyState),
    grant=st.sampled_from(Grant),
    all_apps=st.sampled_from((True, True, False)),
    narrowed_by=st.sampled_from(((), (), ("risk",))),
    include=audiences,
    exclude=audiences,
)


def users_with(user_id: str) -> st.SearchStrategy[DirectoryUser]:
    return st.builds(
        DirectoryUser,
        id=st.just(UserId(user_id)),
        name=st.just(user_id),
        upn=st.sampled_from(("x@acme.example", "x@fed.example", "svc-x@acme.onmicrosoft.com")),
        enabled=facts,
        kind=st.sampled_from(AccountKind),
        external_type=st.sampled_from((None, *TYPES[:3])),
        licensed=facts,
    )


registrations = st.builds(
    MfaRegistration, user_id=st.just(UserId("")), registered=facts, capable=facts
)
readings = st.builds(
    DirectoryReading,
    tenant_id=st.just("t"),
    federated_domains=st.sampled_from((frozenset(), frozenset({"fed.example"}))),
    users=st.tuples(*(users_with(user_id) for user_id in USERS)),
    registrations=st.dictionaries(st.sampled_from(USERS).map(UserId), registrations),
    unseen_methods=st.sampled_from(((), (), ("Duo",), None)),
    policies=st.lists(policies, max_size=4).map(tuple),
    group_members=st.dictionaries(st.sampled_from(GROUPS), some(USERS)),
    gone=some(GROUPS),
    role_holders=st.dictionaries(st.sampled_from(ROLES), some(USERS)),
    eligible_holders=st.dictionaries(st.sampled_from(ROLES), some(USERS)),
    security_defaults=st.sampled_from((Fact.NO, Fact.NO, Fact.UNKNOWN, Fact.YES)),
    per_user=st.dictionaries(st.sampled_from(USERS).map(UserId), st.sampled_from(PerUserState)),
    coverage=some(READS).map(lambda what: missing(*sorted(what))),
    observed_at=st.just(NOW),
)


def enforced(reading: DirectoryReading) -> dict[str, Fact]:
    return {user.id: demand_on(user, reading).enforced for user in reading.users}


def gaps(reading: DirectoryReading) -> dict[str, Fact]:
    section = judge_mfa(reading, client(), MfaPolicy(), now=NOW)
    return {verdict.user_id: verdict.gap for verdict in section.verdicts}


def more_excluded(policy: CaPolicy, extra: Audience) -> CaPolicy:
    """The policy with an exclusion added; a wider tenant condition is no exclusion of its own."""
    old = policy.exclude
    wider = Audience(
        everyone=old.everyone or extra.everyone,
        users=old.users | extra.users,
        groups=old.groups | extra.groups,
        roles=old.roles | extra.roles,
        external_types=old.external_types | extra.external_types,
        some_tenants_only=old.some_tenants_only,
    )
    return replace(policy, exclude=wider)


@quick
@given(readings, audiences)
def test_adding_an_exclusion_never_increases_coverage(
    reading: DirectoryReading, extra: Audience
) -> None:
    before = enforced(reading)
    for index, policy in enumerate(reading.policies):
        changed = list(reading.policies)
        changed[index] = more_excluded(policy, extra)
        after = enforced(replace(reading, policies=tuple(changed)))
        assert all(RANK[after[user]] <= RANK[before[user]] for user in before)


@quick
@given(readings, st.randoms(use_true_random=False))
def test_the_order_of_policies_never_matters(reading: DirectoryReading, random: Any) -> None:
    shuffled = list(reading.policies)
    random.shuffle(shuffled)
    there = judge_mfa(reading, client(), MfaPolicy(), now=NOW)
    here = judge_mfa(replace(reading, policies=tuple(shuffled)), client(), MfaPolicy(), now=NOW)
    assert there.verdicts == here.verdicts


@quick
@given(readings, policies, st.sampled_from((PolicyState.DISABLED, PolicyState.REPORT_ONLY)))
def test_disabled_and_report_only_policies_never_change_enforcement(
    reading: DirectoryReading, policy: CaPolicy, state: PolicyState
) -> None:
    idle = replace(policy, state=state)
    assert enforced(replace(reading, policies=(*reading.policies, idle))) == enforced(reading)


def _unread(what: str, **emptied: Any) -> Callable[[DirectoryReading], DirectoryReading]:
    def forget(reading: DirectoryReading) -> DirectoryReading:
        coverage = reading.coverage.plus(*missing(what).unread)
        return replace(reading, coverage=coverage, **emptied)

    return forget


def _of_every_user(**unknown: Any) -> Callable[[DirectoryReading], DirectoryReading]:
    def forget(reading: DirectoryReading) -> DirectoryReading:
        return replace(reading, users=tuple(replace(u, **unknown) for u in reading.users))

    return forget


FORGETTING: dict[str, Callable[[DirectoryReading], DirectoryReading]] = {
    "policies": _unread("policies", policies=()),
    "registrations": _unread("registrations", registrations={}),
    "roles": _unread("roles", role_holders={}),
    "eligible roles": _unread("eligible roles", eligible_holders={}),
    "groups": lambda r: replace(r, group_members={}, gone=frozenset()),
    "domains": _unread("domains", federated_domains=frozenset()),
    "security defaults": _unread("security defaults", security_defaults=Fact.UNKNOWN),
    "per-user MFA": _unread("per-user MFA", per_user={}),
    "enabled": _of_every_user(enabled=Fact.UNKNOWN),
    "kind": _of_every_user(kind=AccountKind.UNKNOWN),
    "external type": _of_every_user(external_type=None),
    "licence": _of_every_user(licensed=Fact.UNKNOWN),
    "policy states": lambda r: replace(
        r, policies=tuple(replace(p, state=PolicyState.UNKNOWN) for p in r.policies)
    ),
}


@quick
@given(readings, st.sampled_from(sorted(FORGETTING)))
def test_knowing_less_never_turns_a_gap_or_an_unknown_into_no_gap(
    reading: DirectoryReading, what: str
) -> None:
    before = gaps(reading)
    after = gaps(FORGETTING[what](reading))
    assert all(after[user] is not Fact.NO for user, gap in before.items() if gap is not Fact.NO)
