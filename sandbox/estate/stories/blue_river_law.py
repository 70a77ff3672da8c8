"""Blue River Law: MFA only outside the office, guests of the wrong type, and policies that name the dead."""

from sandbox.estate import policies
from sandbox.estate.draft import Draft
from sandbox.estate.methods import KEY, STRONG
from sandbox.estate.model import User
from sandbox.estate.people import (
    Department,
    break_glass,
    guest,
    leavers,
    person,
    room,
    service,
    shared_mailbox,
    staff,
)
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR, SHAREPOINT_ADMINISTRATOR
from sandbox.estate.stories.common import gatehouse_group, leave_gaps
from sandbox.estate.strengths import PHISHING_RESISTANT

BASIC = "O365_BUSINESS_ESSENTIALS"
DEPARTMENTS = (
    Department(name="Partners", size=5, titles=("Partner", "Senior partner")),
    Department(name="Solicitors", size=10, titles=("Solicitor", "Trainee solicitor", "Paralegal")),
    Department(name="Finance", size=4, titles=("Cashier", "Finance officer")),
    Department(name="Secretaries", size=17, titles=("Legal secretary", "Receptionist")),
)


def blue_river_law(draft: Draft) -> None:
    break_glass(draft, count=1)
    person(draft, "Rosalind Harcourt", department="Partners", title="Managing partner",
           methods=[*KEY, *STRONG], roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    person(draft, "Ivo Marchetti", department="Finance", title="IT coordinator", methods=[],
           roles=[SHAREPOINT_ADMINISTRATOR])  # fmt: skip
    service(draft, "Dictation upload", "svc-dictation")
    service(draft, "Office printer", "scanner")
    shared_mailbox(draft, "Conveyancing", "conveyancing", enabled=True)
    room(draft, "Boardroom", "room-boardroom")
    _guests(draft)
    leavers(draft, 3)
    staff(draft, DEPARTMENTS)
    _mixed_licences(draft)
    _policies(draft)


def _guests(draft: Draft) -> None:
    guest(draft, "Edda Birkeland", "counselchambers.example")
    guest(draft, "Tomasz Szymanski", "counselchambers.example")
    # A member in rights, homed elsewhere; and a "guest" whose account is the firm's own.
    guest(draft, "Linnea Dalgaard", "expertwitness.example", guest=False)
    guest(draft, "Hector Salazar", "costsdraftsman.example", guest=True, external=True)
    draft.account("Summer Placement", "placement", guest=True, methods=[])


def _mixed_licences(draft: Draft) -> None:
    """Some secretaries have a licence without P1: conditional access may not be used for them."""
    for user in draft.of("Secretaries")[-4:]:
        user.sku = BASIC


def _policies(draft: Draft) -> None:
    spared = list(draft.tenant.break_glass_ids)
    office = draft.trusted_location("London office", "203.0.113.0/28")
    _by_design(draft, spared)
    _grown_over_years(draft, spared, office)
    _only_at_the_office(draft, spared)
    secretaries = draft.of("Secretaries")
    leave_gaps(draft, secretaries[4:])
    for user in secretaries[:4]:
        user.methods = list(STRONG)
    gatehouse_group(draft, secretaries[:4])


def _by_design(draft: Draft, spared: list[str]) -> None:
    partners = draft.group("Partners", draft.of("Partners"))
    draft.policy(
        "MFA outside the office",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(users=_present(draft), without_users=spared),
            locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
        ),
    )
    draft.policy(
        "Keys for partners",
        policies.require_strength(PHISHING_RESISTANT),
        policies.conditions(policies.scope(groups=[partners.id], without_users=spared)),
    )
    draft.policy(
        "MFA for guests",
        policies.require("mfa"),
        policies.conditions(policies.scope(guests="b2bCollaborationGuest")),
    )


def _grown_over_years(draft: Draft, spared: list[str], office: str) -> None:
    """Policies that name what is gone, ask another maker, or are paused."""
    solicitors = draft.group("Solicitors", draft.of("Solicitors"))
    draft.policy(
        "MFA for solicitors (2023)",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(
                groups=[solicitors.id, draft.id_of("deleted group", "Clerks")],
                without_users=[*spared, draft.id_of("deleted user", "former.partner")],
            )
        ),
    )
    finance = draft.group("Finance", draft.of("Finance"))
    draft.policy(
        "Second factor of the old provider for finance",
        policies.require(custom=["RequireDuoMfa"]),
        policies.conditions(policies.scope(groups=[finance.id])),
    )
    draft.policy(
        "Block sign-ins from elsewhere (paused)",
        policies.require("block"),
        policies.conditions(
            policies.everyone(without_users=spared),
            locations={"includeLocations": ["All"], "excludeLocations": [office]},
        ),
        state=policies.DISABLED,
    )


def _only_at_the_office(draft: Draft, spared: list[str]) -> None:
    draft.policy(
        "Methods are registered at the office",
        policies.require("block"),
        policies.conditions(
            policies.everyone(without_users=spared),
            applications=policies.registering_methods(),
            locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
        ),
    )


def _present(draft: Draft) -> list[str]:
    """Ids listed one by one, as policies grow over the years; someone who has left is still there."""
    people: list[User] = draft.of("Finance", "Secretaries")
    return [*(user.id for user in people[:9]), draft.id_of("deleted user", "old.clerk")]
