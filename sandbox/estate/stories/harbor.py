"""Harbor IT Services, the MSP itself: mostly good, with gaps it would rather not show a client."""

from sandbox.estate import policies
from sandbox.estate.draft import Draft
from sandbox.estate.methods import KEY, STRONG, TEXT_ONLY
from sandbox.estate.model import Group
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
from sandbox.estate.roles import (
    ADMIN_ROLES,
    APPLICATION_ADMINISTRATOR,
    EXCHANGE_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    SECURITY_ADMINISTRATOR,
    USER_ADMINISTRATOR,
)
from sandbox.estate.stories.common import block_legacy, gatehouse_group
from sandbox.estate.strengths import PHISHING_RESISTANT

DEPARTMENTS = (
    Department(name="Service desk", size=5, titles=("Support engineer", "Service desk analyst")),
    Department(name="Projects", size=3, titles=("Project engineer", "Solutions architect")),
    Department(name="Office", size=2, titles=("Office manager", "Account manager", "Bookkeeper")),
)


def harbor(draft: Draft) -> None:
    break_glass(draft)
    _engineers(draft)
    service(draft, "Backup service", "svc-backup", roles=[USER_ADMINISTRATOR], sku=None)
    service(draft, "Scanner", "scanner")
    shared_mailbox(draft, "Support", "support")
    room(draft, "Meeting room", "room-meeting")
    guest(draft, "Bram Achterberg", "otherdistributor.example")
    leavers(draft, 1)
    staff(draft, DEPARTMENTS, methods=list(STRONG))
    _administrators_of_a_part(draft)
    _policies(draft)


def _engineers(draft: Draft) -> None:
    """The people of the chat, the administrators among them."""
    key, text = [*KEY, *STRONG], list(TEXT_ONLY)
    desk, lead = "Service desk", "Management"
    person(draft, "Tess Morgan", department=desk, title="Support engineer", methods=list(STRONG),
           eligible_roles=[HELPDESK_ADMINISTRATOR])  # fmt: skip
    person(draft, "Devon Park", department=lead, title="Operations manager", methods=key,
           eligible_roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    person(draft, "Maya Ortiz", department=lead, title="Head of security", methods=key,
           roles=[SECURITY_ADMINISTRATOR], eligible_roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    person(draft, "Vik Shah", department="Office", title="Finance assistant", methods=list(STRONG))
    person(draft, "Dana Cole", department="Left", title="Former employee", methods=text,
           enabled=False, sku=None)  # fmt: skip
    person(draft, "Rowan Achebe", department="Projects", title="Migration engineer", methods=text,
           roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    person(draft, "Corin Vandermeer", department="Projects", title="Cloud engineer", methods=[],
           roles=[EXCHANGE_ADMINISTRATOR])  # fmt: skip
    for user in draft.tenant.users.values():
        first = user.name.split()[0].lower()
        if user.name in {"Tess Morgan", "Devon Park", "Maya Ortiz", "Vik Shah", "Dana Cole"}:
            user.upn = f"{first}@{draft.outline.domain}"


def _administrators_of_a_part(draft: Draft) -> None:
    """One may take over an office's accounts for a while, one looks after a single app."""
    unit = f"/administrativeUnits/{draft.id_of('unit', 'Second office')}"
    *_, app, office = draft.of("Projects")
    office.scoped_eligible_roles = {HELPDESK_ADMINISTRATOR: unit}
    app.scoped_roles = {APPLICATION_ADMINISTRATOR: f"/{draft.id_of('app', 'Ticket portal')}"}


def _policies(draft: Draft) -> None:
    exceptions = _temporary_exceptions(draft)
    spared = [*draft.tenant.break_glass_ids]
    draft.policy(
        "CA001 Require MFA for all users",
        policies.require("mfa"),
        policies.conditions(
            policies.everyone(without_users=spared, without_groups=[exceptions.id])
        ),
    )
    draft.policy(
        "CA002 Phishing-resistant MFA for administrators",
        policies.require_strength(PHISHING_RESISTANT),
        policies.conditions(
            policies.scope(roles=ADMIN_ROLES, without_users=spared, without_groups=[exceptions.id])
        ),
        state=policies.REPORT_ONLY,
    )
    draft.policy(
        "CA010 MFA on risky sign-ins",
        policies.require("mfa"),
        policies.conditions(
            policies.everyone(without_users=spared), signInRiskLevels=["high", "medium"]
        ),
    )
    block_legacy(draft)
    gatehouse_group(draft, draft.of("Service desk")[:4], without=[exceptions])


def _temporary_exceptions(draft: Draft) -> Group:
    """Made for a weekend's migration, and never emptied: a Global Administrator is in it."""
    by_name = {user.name: user for user in draft.tenant.users.values()}
    spared = [by_name["Rowan Achebe"], by_name["Backup service"], by_name["Scanner"]]
    return draft.group("MFA exceptions (temporary)", spared)
