"""Which tenant-wide changes are possible, and why the others are not: never a guess, never a way to lock out."""

from datetime import timedelta
from typing import Any

import pytest

from core.domain.clients import Client, ClientKey
from core.domain.exemptions import Exemption
from core.domain.facts import Fact
from core.domain.findings import Snapshot
from core.domain.identity import Audience, Grant, PolicyState, UserId
from core.domain.people import PersonKey
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import RequestId
from core.domain.tenant_change import (
    PolicyTemplate,
    ReportOnlyImpact,
    TenantControls,
    TenantPower,
)
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from core.rules.policy_impact import observed, sample_of, who
from core.rules.policy_templates import audience_of, crowd, spared
from core.rules.tenant_offers import Offer, Offers
from tests.fakes.tenant import (
    CAMPAIGN,
    MANAGED,
    MFA_FOR_ALL,
    NOW,
    PEOPLE,
    a_policy,
    controls,
    snapshot,
    verdict,
)
from tests.usecases.requests_made import a_client

ADMINS = PolicyTemplate.RESISTANT_ADMINS
ALL, LEGACY = PolicyTemplate.MFA_ALL_USERS, PolicyTemplate.BLOCK_LEGACY


def offers(
    found: TenantControls | None = None, *, of: Client | None = None, **changes: Any
) -> dict[str, Offer]:
    facts: dict[str, Any] = {
        "snapshot": snapshot(),
        "policy": ApprovalPolicy(),
        "asked": {},
        "now": NOW,
    }
    made = Offers(client=of or a_client(), controls=found or controls(), **(facts | changes)).all()
    return {offer.key: offer for offer in made}


def refusal(key: str, found: TenantControls | None = None, **changes: Any) -> str | None:
    return offers(found, **changes)[key].refusal


def test_everything_is_possible_where_nothing_speaks_against_it() -> None:
    assert {key: o.refusal for key, o in offers().items()} == {
        "create_policy:mfa_all_users": None,
        "create_policy:resistant_admins": None,
        "create_policy:block_legacy": None,
        "security_defaults:": None,
        "start_campaign:": None,
    }


def test_without_break_glass_accounts_nothing_is_possible() -> None:
    for offer in offers(of=a_client(break_glass=())).values():
        assert offer.refusal is not None
        assert "No break-glass accounts" in offer.refusal


@pytest.mark.parametrize(
    ("power", "key"),
    [
        (TenantPower.POLICIES, "create_policy:mfa_all_users"),
        (TenantPower.SECURITY_DEFAULTS, "security_defaults:"),
        (TenantPower.CAMPAIGN, "start_campaign:"),
    ],
)
def test_a_permission_that_is_missing_is_named_before_anything_is_asked_for(
    power: TenantPower, key: str
) -> None:
    found = offers(controls(lacking={**controls().lacking, power: ("Role.One", "Role.Two")}))
    assert found[key].refusal == "The write app lacks Role.One and Role.Two in that tenant."
    assert sum(offer.refusal is None for offer in found.values()) == (
        2 if power == "policies" else 4
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"licensed": Fact.NO}, "premium licence"),
        ({"licensed": Fact.UNKNOWN}, "could not be read"),
        ({"policies": None, "unread": {"policies": "HTTP 503"}}, "could not be read: HTTP 503"),
        ({"role_holders": None}, "could not be read"),
        ({"role_holders": {GLOBAL_ADMINISTRATOR: frozenset({"root"})}}, "nobody could get back in"),
    ],
)
def test_what_is_not_known_or_could_lock_out_is_no_policy(
    changes: dict[str, Any], words: str
) -> None:
    assert words in str(refusal("create_policy:mfa_all_users", controls(**changes)))


def test_a_tenant_never_read_is_not_changed() -> None:
    for offer in offers(snapshot=Snapshot(client=a_client().key)).values():
        assert "has not been read yet" in str(offer.refusal)


def test_the_admins_policy_needs_the_built_in_strength_and_somebody_to_reach() -> None:
    key = f"create_policy:{ADMINS}"
    assert "strength could not be read" in str(refusal(key, controls(resistant_strength=None)))
    holders = {GLOBAL_ADMINISTRATOR: frozenset({"bg1"})}
    nobody = controls(role_holders=holders)
    only = snapshot(verdict("ann"))
    assert refusal(key, nobody, snapshot=only) == "It would reach nobody but those it spares."


def test_a_policy_of_one_kind_is_not_made_twice() -> None:
    said = refusal(f"create_policy:{ALL}", controls(a_policy()))
    assert said == f"“{MFA_FOR_ALL} [R00001-1]” is there already: report-only."
    assert refusal(f"create_policy:{LEGACY}", controls(a_policy())) is None


PROMOTE = "promote_policy:policy-1"


@pytest.mark.parametrize(
    ("key", "target"),
    [
        ("create_policy:mfa_all_users", "mfa_all_users"),
        (PROMOTE, "policy-1"),
        ("security_defaults:", "security_defaults"),
        ("start_campaign:", "registration_campaign"),
    ],
)
def test_a_setting_somebody_has_asked_about_already_is_not_asked_about_twice(
    key: str, target: str
) -> None:
    found = controls(a_policy(MANAGED))
    asked = {target: RequestId("R00007")}
    assert refusal(key, found, asked=asked) == "R00007 asks for a change of it already."
    assert refusal(key, found, asked={"another": RequestId("R00007")}) is None


def test_a_policy_is_enabled_only_after_its_days_in_report_only() -> None:
    early = refusal(PROMOTE, controls(a_policy(days=6.9)))
    assert "has to be for 7 days: possible from 23 Nov 11:24 UTC" in str(early)
    assert refusal(PROMOTE, controls(a_policy(days=7))) is None
    patient = ApprovalPolicy(report_only_days=30)
    assert "for 30 days" in str(refusal(PROMOTE, controls(a_policy(days=8)), policy=patient))
    assert "does not say since when" in str(refusal(PROMOTE, controls(a_policy(days=None))))


def test_a_disabled_policy_of_ours_goes_back_to_report_only_at_once() -> None:
    found = offers(controls(a_policy(state=PolicyState.DISABLED, days=0)))[PROMOTE]
    assert found.refusal is None
    assert found.title.startswith("Make report-only")


def test_microsofts_own_policy_can_be_flipped_and_a_strangers_cannot() -> None:
    found = offers(controls(a_policy(MANAGED), a_policy("Pilot", policy_id="policy-2")))
    assert found[PROMOTE].refusal is None
    assert "in the Entra portal" in str(found["promote_policy:policy-2"].refusal)
    other = controls(a_policy("Old", PolicyState.DISABLED), a_policy(state=PolicyState.ENABLED))
    assert not any(key.startswith("promote") for key in offers(other))


def test_a_policy_that_only_bears_our_name_is_not_promoted() -> None:
    said = refusal(PROMOTE, controls(a_policy(reviewed=False)))
    assert "no longer the reviewed policy" in str(said)
    assert refusal(PROMOTE, controls(a_policy(MANAGED, reviewed=False))) is None


def test_a_block_that_nothing_narrows_is_never_promoted_whoever_made_it() -> None:
    for name in (MANAGED, "Gatehouse: block legacy authentication [R1-1]"):
        wide = a_policy(name, grant=Grant.BLOCK, narrowed_by=())
        assert refusal(PROMOTE, controls(wide)) == "It would refuse everybody everywhere."
    assert refusal(PROMOTE, controls(a_policy("Gatehouse: block legacy authentication"))) is None


def test_no_policy_is_enabled_beside_security_defaults() -> None:
    on = refusal(PROMOTE, controls(a_policy(), security_defaults=Fact.YES))
    assert "does not switch them off" in str(on)
    unknown = controls(a_policy(), security_defaults=Fact.UNKNOWN)
    assert "could not be read" in str(refusal(PROMOTE, unknown))


def test_security_defaults_are_refused_beside_an_enabled_policy() -> None:
    key = "security_defaults:"
    enabled = controls(a_policy("Require MFA", PolicyState.ENABLED))
    assert "“Require MFA” is enabled" in str(refusal(key, enabled))
    odd = controls(a_policy("Odd", PolicyState.UNKNOWN))
    assert "not understood" in str(refusal(key, odd))
    assert refusal(key, controls(a_policy())) is None
    assert refusal(key, controls(security_defaults=Fact.YES)) == "They are on already."
    assert "could not be read" in str(refusal(key, controls(policies=None)))


def test_security_defaults_wait_until_every_break_glass_account_can_answer() -> None:
    unready = snapshot(verdict("bg1", capable=Fact.UNKNOWN, held_out="break-glass"))
    said = refusal("security_defaults:", snapshot=unready)
    assert "break-glass account bg1@acme.example has no usable method" in str(said)


def test_a_campaign_that_runs_is_not_started_again() -> None:
    running = controls(campaign=CAMPAIGN.__class__(state="enabled", snooze_days=1))
    assert refusal("start_campaign:", running) == "It runs already."
    assert "could not be read" in str(refusal("start_campaign:", controls(campaign=None)))


# Whom a policy meets.


def ids(people: Any) -> set[str]:
    return {str(person.user_id) for person in people}


def test_a_policy_for_all_meets_guests_and_spares_who_is_held_out() -> None:
    reached = crowd(*audience_of(ALL), controls(), PEOPLE)
    assert ids(reached.people) == {"bg1", "root", "ann", "ben", "gail", "scanner"}
    assert set(spared(a_client(), reached.people)) == {"bg1", "scanner"}


def test_break_glass_accounts_are_spared_also_where_no_scan_has_seen_them() -> None:
    assert "bg9" in spared(a_client(break_glass=("bg9",)), ())


def test_the_admins_policy_meets_active_holders_of_roles_that_can_change_something() -> None:
    readers = {"f2ef992c-3afb-46b9-b7cf-a126ee74c451": frozenset({"ann"})}
    found = controls(role_holders={GLOBAL_ADMINISTRATOR: frozenset({"root"}), **readers})
    assert ids(crowd(*audience_of(ADMINS), found, PEOPLE).people) == {"root"}


def test_groups_that_are_not_resolved_make_a_crowd_uncertain() -> None:
    groups = Audience(groups=frozenset({"g"}), users=frozenset({"ann"}))
    found = crowd(groups, Audience(), controls(), PEOPLE)
    assert ids(found.people) == {"ann"}
    assert not found.whole
    assert sample_of(found) is None
    assert any("not counted" in words for words in who(found, "It asks"))


def test_the_sample_is_a_member_who_can_answer() -> None:
    found = crowd(*audience_of(ALL), controls(), PEOPLE[2:])
    sample = sample_of(found)
    assert sample is not None
    assert sample.user_id == UserId("ann")


def test_people_without_a_method_are_named_to_the_approver() -> None:
    said = " ".join(who(crowd(*audience_of(ALL), controls(), PEOPLE[1:4]), "It asks"))
    assert "It asks 3 accounts (1 administrator among them)." in said
    assert "1 of them have no usable method (ben@acme.example)" in said


def test_exempt_people_are_met_all_the_same_and_the_approver_is_told() -> None:
    exempt = Exemption(
        client=ClientKey("acme"),
        user_id="ann",
        name="Ann",
        reason="Phone broken",
        until=NOW.date(),
        since=NOW,
        request=RequestId("R00001"),
        asked_by=PersonKey("tess"),
        asked_by_name="Tess",
        approved_by=(),
        approved_by_names=(),
    )
    people = (verdict("ann", exempt=exempt), verdict("ben"))
    said = " ".join(who(crowd(*audience_of(ALL), controls(), people), "It asks"))
    assert "It meets exempt people too (ann@acme.example)" in said


def test_evidence_that_is_missing_is_said() -> None:
    none = ReportOnlyImpact(
        since=NOW - timedelta(days=7), sign_ins=0, passed=0, prompted=0, refused=0
    )
    assert "nothing is proven by the wait" in " ".join(observed(none))
