"""What must hold for every tenant: exclusions, order, disabled policies, and things not known."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.facts import Fact
from core.domain.findings import Requirement
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


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """One value, and now and then another: of too much that is odd at once nothing but "unknown" comes."""
    return st.sampled_from((usual,) * (3 * len(others)) + others)


audiences = st.builds(
    Audience,
    everyone=st.booleans(),
    users=some(USERS),
    groups=some(GROUPS),
    roles=some(ROLES),
    external_types=some(TYPES),
    some_tenants_only=mostly(False, True),
)
exclusions = st.builds(
    Audience,
    users=some(USERS),
    groups=some(GROUPS),
    roles=some(ROLES),
    external_types=some(TYPES),
)
policies = st.builds(
    CaPolicy,
    id=st.uuids().map(str),
    name=st.sampled_from(("A", "B", "C")),
    state=st.sampled_from((PolicyState.ENABLED, PolicyState.ENABLED, *PolicyState)),
    grant=mostly(Grant.MFA, *Grant),
    all_apps=mostly(True, False),
    narrowed_by=mostly((), ("risk",)),
    include=audiences,
    exclude=st.just(Audience()) | exclusions,
)


#: What would demand it of everyone at every sign-in, or else anything.
demanding = policies | st.builds(
    CaPolicy,
    id=st.just("demanding"),
    name=st.sampled_from(("A", "B", "C")),
    state=st.just(PolicyState.ENABLED),
    grant=st.just(Grant.MFA),
    all_apps=st.just(True),
    include=st.just(Audience(everyone=True)),
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
    unseen_methods=mostly((), ("Duo",), None),
    policies=st.lists(policies, min_size=1, max_size=4).map(tuple),
    group_members=st.fixed_dictionaries({g: some(USERS) for g in GROUPS[:2]}),
    gone=mostly(frozenset(), frozenset(GROUPS[2:])),
    role_holders=st.fixed_dictionaries({role: some(USERS) for role in ROLES}),
    eligible_holders=st.dictionaries(st.sampled_from(ROLES), some(USERS)),
    security_defaults=mostly(Fact.NO, *Fact),
    per_user=st.fixed_dictionaries(
        {UserId(u): mostly(PerUserState.DISABLED, *PerUserState) for u in USERS}
    ),
    coverage=mostly(missing(), *(missing(what) for what in sorted(READS))),
    observed_at=st.just(NOW),
)


def enforced(reading: DirectoryReading) -> dict[str, Fact]:
    return {user.id: demand_on(user, reading).enforced for user in reading.users}


def required(reading: DirectoryReading) -> dict[str, Requirement]:
    return {user.id: demand_on(user, reading).requirement for user in reading.users}


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


def test_the_tenants_made_up_put_the_rule_to_the_test() -> None:
    """Where every answer is "unknown", or nobody is covered, the properties below hold for any rule."""
    seen: Counter[str] = Counter()

    @quick
    @given(readings, exclusions)
    def look(reading: DirectoryReading, extra: Audience) -> None:
        seen.update({str(demand_on(user, reading).requirement) for user in reading.users})
        less = replace(reading, policies=tuple(more_excluded(p, extra) for p in reading.policies))
        seen["an exclusion that matters"] += enforced(less) != enforced(reading)

    look()
    often = ("enforced", "excluded", "partial", "uncovered", "an exclusion that matters")
    assert {what: seen[what] for what in often if seen[what] < 10} == {}


@quick
@given(readings, exclusions)
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


@pytest.mark.parametrize("state", [PolicyState.DISABLED, PolicyState.REPORT_ONLY])
@quick
@given(reading=readings, policy=demanding)
def test_disabled_and_report_only_policies_never_change_what_is_required(
    state: PolicyState, reading: DirectoryReading, policy: CaPolicy
) -> None:
    idle = replace(policy, state=state)
    more = replace(reading, policies=(*reading.policies, idle))
    assert enforced(more) == enforced(reading)
    before, after = required(reading), required(more)
    changed = {(before[user], after[user]) for user in before if before[user] is not after[user]}
    # Of whom nothing is demanded, a plan may be told: that is no demand either.
    told = {(Requirement.UNCOVERED, Requirement.REPORT_ONLY)}
    assert changed <= (told if state is PolicyState.REPORT_ONLY else set())


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
