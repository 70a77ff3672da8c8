"""A tenant that is read twice, and somebody at work in between."""

from core.domain.facts import Fact
from core.domain.findings import MfaSection
from core.domain.mfa_history import MfaChange, MfaChangeKind
from core.domain.policy import MfaPolicy
from core.rules.mfa_changes import changes, remembered
from core.rules.mfa_gaps import judge_mfa
from sandbox.estate.policies import REPORT_ONLY
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR
from tests.integrations.entra.house import House


def judged(house: House) -> MfaSection:
    client = house.client()
    reading = house.directory.read(client)
    return judge_mfa(reading, client, MfaPolicy(), now=house.world.clock.now())


def since(house: House, before: MfaSection) -> dict[MfaChangeKind, list[MfaChange]]:
    (mark,) = remembered((), before)
    found: dict[MfaChangeKind, list[MfaChange]] = {}
    for change in changes(house.client().key, mark, judged(house)):
        found.setdefault(change.kind, []).append(change)
    return found


def test_a_tenant_left_alone_has_not_changed(house: House) -> None:
    assert since(house, judged(house)) == {}


def test_an_exclusion_a_weaker_policy_and_a_new_administrator_are_all_noticed(house: House) -> None:
    before = judged(house)
    tenant = house.tenant()
    policies = {row["displayName"]: row for row in tenant.policies}
    sales = next(group for group in tenant.groups.values() if group.name == "Sales")
    nobody = next(v for v in before.gaps() if not v.admin and v.capable is Fact.NO)
    people = [tenant.users[member] for member in sales.members]

    policies["Require MFA"]["conditions"]["users"]["excludeGroups"].append(sales.id)
    policies["MFA or managed device for the mobile clinic"]["state"] = REPORT_ONLY
    tenant.users[nobody.user_id].roles.append(GLOBAL_ADMINISTRATOR)

    found = since(house, before)
    (excludes,) = found[MfaChangeKind.POLICY_EXCLUDES]
    assert (excludes.subject, excludes.detail) == ("Require MFA", "leaves out Sales since")
    (weaker,) = found[MfaChangeKind.POLICY_WEAKER]
    assert weaker.detail == "was in force, is report-only now"
    lost = {change.subject for change in found[MfaChangeKind.UNCOVERED]}
    assert {p.upn for p in people if p.enabled and not p.roles} <= lost
    assert [c.subject for c in found[MfaChangeKind.ADMIN_WITHOUT_MFA]] == [nobody.upn]
