"""What is never enforced, whoever asks and whoever approves: each refusal by the name of its promise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.domain.clients import Client
from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import MfaSection, MfaVerdict, Snapshot
from core.domain.identity import GroupProof
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import Options, Plan
from core.errors import Refused
from core.usecases.plan_mfa import MfaPlanner
from tests.rules.test_exemptions import a_section, an_exemption
from tests.usecases.requests_made import ACME, START, TESS, HandClock, Office, a_client


@dataclass
class Tenant:
    """A tenant as the newest scan and the directory know it."""

    client: Client = field(default_factory=a_client)
    verdicts: tuple[MfaVerdict, ...] = ()
    unread: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    disabled: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    can_write: bool = True

    def existing(self, client: Client, user_ids: Sequence[str]) -> Mapping[str, Fact]:
        return {user: Fact.of(user not in self.disabled) for user in user_ids}

    def prove_group(self, client: Client) -> GroupProof:
        return GroupProof(
            group_id="group", name="MFA required", problems=self.problems, members=self.members
        )

    def planner(self) -> MfaPlanner:
        return MfaPlanner(
            directory=self,  # type: ignore[arg-type]
            policy=ApprovalPolicy(),
            mfa=MfaPolicy(),
            clock=HandClock(),
        )

    def enforce(self, *users: str, **options: bool) -> Plan:
        lost = tuple(Unread(source="Entra", what=w, reason="403", since=START) for w in self.unread)
        section = MfaSection(
            observed_at=START, verdicts=self.verdicts, coverage=Coverage(unread=lost)
        )
        chosen = Options(**options)  # type: ignore[arg-type]
        return self.planner().enforce(
            self.client, users, chosen, Snapshot(client=ACME, mfa=section)
        )


def person(user: str, **changes: Any) -> MfaVerdict:
    (verdict,) = a_section(user).verdicts
    return replace(verdict, **({"registered": Fact.YES, "capable": Fact.YES} | changes))


def admin(user: str, **changes: Any) -> MfaVerdict:
    return person(user, **({"admin": True, "global_admin": True} | changes))


def left_out(plan: Plan) -> dict[str, str]:
    return {item.id: item.reason for item in plan.skipped}


def chosen(plan: Plan) -> list[str]:
    return [target.id for target in plan.targets]


def test_an_empty_break_glass_list_forbids_enforcement() -> None:
    tenant = Tenant(client=a_client(break_glass=()), verdicts=(person("ada"),))
    with pytest.raises(Refused, match="no break-glass accounts"):
        tenant.enforce("ada")


def test_a_break_glass_list_that_names_a_disabled_account_forbids_enforcement() -> None:
    tenant = Tenant(verdicts=(person("ada"),), disabled=frozenset({"bg1"}))
    with pytest.raises(Refused, match="bg1 of Acme Dental does not exist or is disabled"):
        tenant.enforce("ada")


@pytest.mark.parametrize(
    "problem",
    [
        "directory roles can be assigned to it",
        "its members follow a rule (dynamic membership)",
        "it is synced from on-premises",
    ],
)
def test_a_group_that_is_role_assignable_dynamic_or_synced_is_never_used(problem: str) -> None:
    tenant = Tenant(verdicts=(person("ada"),), problems=(problem,))
    with pytest.raises(Refused, match="cannot be used"):
        tenant.enforce("ada")


@pytest.mark.parametrize("kind", ["sync", "looks like a room or resource", "guest", "future hire"])
def test_accounts_held_out_by_default_are_never_enforced(kind: str) -> None:
    plan = Tenant(verdicts=(person("ada"), person("ben", held_out=kind))).enforce("ada", "ben")
    assert (chosen(plan), left_out(plan)) == (["ada"], {"ben": f"held out: {kind}"})


@pytest.mark.parametrize("key", ["protected_users", "service_accounts", "own_accounts"])
@pytest.mark.parametrize("name", ["ben", "ben@acme.example"])
def test_accounts_the_configuration_holds_out_are_refused_at_once_by_id_or_sign_in_name(
    key: str, name: str
) -> None:
    """Also where the newest scan is older than the configuration."""
    client = a_client(**{key: frozenset({name})})
    tenant = Tenant(client=client, verdicts=(person("ada"), person("ben")))
    plan = tenant.enforce("ada", "ben")
    assert (chosen(plan), list(left_out(plan))) == (["ada"], ["ben"])


@pytest.mark.parametrize("key", ["protected_users", "service_accounts", "own_accounts"])
def test_a_plan_with_an_account_held_out_since_is_not_asked_for(key: str) -> None:
    tenant = Tenant(verdicts=(person("ada"),))
    plan = tenant.enforce("ada")
    office = Office(client=a_client(**{key: frozenset({"ada@acme.example"})}))
    with pytest.raises(Refused, match="protected"):
        office.ask(plan, person=TESS)


def test_an_exempt_account_is_not_enforced_before_its_exemption_is_ended() -> None:
    tenant = Tenant(verdicts=(person("ada"), person("ben", exempt=an_exemption("ben"))))
    assert "end that first" in left_out(tenant.enforce("ada", "ben"))["ben"]


# The last Global Administrator.


def test_the_last_enabled_global_administrator_is_never_enforced() -> None:
    plan = Tenant(verdicts=(person("ada"), admin("gina"))).enforce("ada", "gina")
    assert (chosen(plan), list(left_out(plan))) == (["ada"], ["gina"])
    assert "last Global Administrator" in left_out(plan)["gina"]


def test_a_global_administrator_is_enforced_while_another_can_satisfy_mfa() -> None:
    plan = Tenant(verdicts=(admin("gina"), admin("hugo"))).enforce("gina", "hugo")
    assert chosen(plan) == ["gina", "hugo"]


def test_an_administrator_who_cannot_satisfy_mfa_is_no_way_back_once_chosen_as_well() -> None:
    unable = admin("hugo", capable=Fact.NO)
    tenant = Tenant(verdicts=(person("ada"), admin("gina"), unable))
    both = tenant.enforce("ada", "gina", "hugo", include_without_method=True)
    assert chosen(both) == ["ada", "hugo"]
    assert chosen(tenant.enforce("gina")) == ["gina"]


def test_an_administrator_of_whom_mfa_is_demanded_and_who_has_no_method_is_no_way_back() -> None:
    locked = admin("hugo", capable=Fact.NO, enforced=Fact.YES)
    plan = Tenant(verdicts=(person("ada"), admin("gina"), locked)).enforce("ada", "gina")
    assert chosen(plan) == ["ada"]


def test_a_disabled_administrator_is_no_way_back() -> None:
    gone = admin("bg1", enabled=Fact.NO)
    plan = Tenant(verdicts=(person("ada"), admin("gina"), gone)).enforce("ada", "gina")
    assert chosen(plan) == ["ada"]


def test_without_the_roles_read_nobody_is_enforced() -> None:
    tenant = Tenant(verdicts=(person("ada"), admin("gina")), unread=("roles",))
    with pytest.raises(Refused, match="could be locked out"):
        tenant.enforce("ada")


# The blast radius.


def test_more_than_the_cap_of_a_request_is_refused() -> None:
    people = [person(f"u{number}") for number in range(51)]
    plan = Tenant(verdicts=tuple(people)).enforce(*(p.user_id for p in people))
    with pytest.raises(Refused, match="one request may weigh 50"):
        Office().ask(plan)


def test_administrators_weigh_more_than_others_against_the_cap() -> None:
    people = [admin(f"g{number}") for number in range(11)]
    plan = Tenant(verdicts=tuple(people)).enforce(*(p.user_id for p in people))
    with pytest.raises(Refused, match="This weighs 55"):
        Office().ask(plan)
