"""The reviewed policies: what they are called, whom they include, and who stays outside of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.findings import MfaSection, MfaVerdict
from core.domain.identity import Audience, CaPolicy, Grant, PolicyState
from core.domain.remediation import JobId
from core.domain.tenant_change import PolicyTemplate, TenantControls
from core.rules.admin_roles import DIRECTORY_SYNC_ROLE, POLICY_ROLES
from core.rules.held_out import HeldOut

#: A policy's name starts with these words; the job that makes it adds its own number.
NAMES: Mapping[PolicyTemplate, str] = {
    PolicyTemplate.MFA_ALL_USERS: "Gatehouse: MFA for all users",
    PolicyTemplate.RESISTANT_ADMINS: "Gatehouse: phishing-resistant MFA for administrators",
    PolicyTemplate.BLOCK_LEGACY: "Gatehouse: block legacy authentication",
}
#: Policies hold these in: a guest is asked like everyone, and a future hire has time until the first day.
_NOT_SPARED = (HeldOut.GUEST, HeldOut.FUTURE_HIRE)


def name_of(words: str, number: JobId) -> str:
    """What the policy is called that a job makes: by its number it is found again."""
    return f"{words} [{number}]"


def template_of(name: str) -> PolicyTemplate | None:
    """Which of ours a policy was made from, by its name; nothing else in Entra can be marked."""
    return next((key for key, words in NAMES.items() if name.startswith(words)), None)


def waiting(section: MfaSection) -> tuple[str, ...]:
    """Our policies that were still report-only at the last scan: somebody has to enable them."""
    marks = (section.policies or {}).values()
    return tuple(
        sorted(
            mark.name
            for mark in marks
            if mark.state is PolicyState.REPORT_ONLY and template_of(mark.name) is not None
        )
    )


def audience_of(template: PolicyTemplate) -> tuple[Audience, Audience]:
    """Whom it includes and excludes before any account is named."""
    if template is PolicyTemplate.RESISTANT_ADMINS:
        return Audience(roles=POLICY_ROLES), Audience()
    return Audience(everyone=True), Audience(roles=frozenset({DIRECTORY_SYNC_ROLE}))


def blocks_everything(policy: CaPolicy) -> bool:
    """A block that no condition narrows: enabled, nobody but the excluded would get in anywhere."""
    return policy.grant is Grant.BLOCK and policy.all_apps and not policy.narrowed_by


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """Whom a policy would ask. Not `whole`: it names groups or guests that are not resolved here."""

    people: tuple[MfaVerdict, ...]
    whole: bool


def crowd(
    include: Audience, exclude: Audience, controls: TenantControls, verdicts: Iterable[MfaVerdict]
) -> Crowd:
    """The judged accounts that one side holds and the other does not."""
    inside, sure = _members(include, controls)
    outside, surely = _members(exclude, controls)
    people = tuple(
        v
        for v in verdicts
        if (include.everyone or v.user_id in inside)
        and not (exclude.everyone or v.user_id in outside)
    )
    return Crowd(people=people, whole=(include.everyone or sure) and surely)


def _members(audience: Audience, controls: TenantControls) -> tuple[frozenset[str], bool]:
    holders = controls.role_holders or {}
    roles = (holders.get(role, frozenset()) for role in audience.roles)
    unread = bool(audience.roles) and controls.role_holders is None
    unresolved = bool(audience.groups or audience.external_types)
    return audience.users.union(*roles), not (unread or unresolved)


def spared(client: Client, people: Sequence[MfaVerdict]) -> Mapping[str, str]:
    """Account -> why the policy leaves it out: break-glass always, and who is held out of the work here."""
    reasons = dict.fromkeys(client.break_glass, "break-glass account: always excluded")
    for verdict in people:
        if verdict.held_out is not None and verdict.held_out not in _NOT_SPARED:
            reasons.setdefault(verdict.user_id, f"excluded, held out: {verdict.held_out}")
    return reasons


def without(crowd: Crowd, left_out: Iterable[str]) -> Crowd:
    """The same crowd but for some accounts."""
    out = frozenset(left_out)
    people = tuple(verdict for verdict in crowd.people if verdict.user_id not in out)
    return Crowd(people=people, whole=crowd.whole)
