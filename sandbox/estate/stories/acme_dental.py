"""Acme Dental Group: a policy for "all staff" that forgot two departments, and scanners that spare a director."""

from sandbox.estate import policies
from sandbox.estate.draft import Draft
from sandbox.estate.methods import NOT_ALLOWED, STRONG
from sandbox.estate.model import Group
from sandbox.estate.people import (
    Department,
    break_glass,
    future_hire,
    guest,
    leavers,
    person,
    room,
    service,
    shared_mailbox,
    staff,
)
from sandbox.estate.roles import (
    GLOBAL_ADMINISTRATOR,
    GLOBAL_READER,
    HELPDESK_ADMINISTRATOR,
    USER_ADMINISTRATOR,
)
from sandbox.estate.stories.common import (
    block_legacy,
    gatehouse_group,
    leave_gaps,
    managed_admin_portals,
    mfa_for_admins,
)

DEPARTMENTS = (
    Department(name="Dentists", size=12, titles=("Dentist", "Orthodontist", "Oral surgeon")),
    Department(name="Hygiene", size=14, titles=("Dental hygienist", "Dental nurse")),
    Department(name="Sales", size=6, titles=("Treatment coordinator", "Outreach lead")),
    Department(name="Management", size=5, titles=("Practice manager", "Director")),
    Department(name="Mobile clinic", size=5, titles=("Mobile dentist", "Driver")),
    Department(name="Front desk", size=13, titles=("Receptionist", "Patient coordinator")),
    Department(name="Billing", size=8, titles=("Billing clerk", "Insurance specialist")),
)


def acme_dental(draft: Draft) -> None:
    break_glass(draft)
    _administrators(draft)
    _accounts_that_are_not_people(draft)
    guest(draft, "Gail Reed", "partnerlab.example")
    guest(draft, "Viggo Strand", "implantsupply.example")
    guest(draft, "<!here> Pat & Sons", "patandsons.example")
    leavers(draft, 4)
    future_hire(draft, department="Front desk", title="Receptionist")
    staff(draft, DEPARTMENTS)
    _policies(draft)


def _administrators(draft: Draft) -> None:
    strong = list(STRONG)
    person(draft, "Harriet Langford", department="Management", title="Managing director",
           methods=strong, roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    person(draft, "Kwame Osei", department="Front desk", title="Front desk lead",
           methods=strong, roles=[USER_ADMINISTRATOR])  # fmt: skip
    unit = f"/administrativeUnits/{draft.id_of('unit', 'Mobile clinic')}"
    person(draft, "Padma Ganesan", department="Billing", title="Billing lead", methods=[],
           scoped_roles={HELPDESK_ADMINISTRATOR: unit})  # fmt: skip


def _accounts_that_are_not_people(draft: Draft) -> None:
    service(draft, "Scan to mail", "scanner")
    service(draft, "X-ray upload", "svc-xray")
    shared_mailbox(draft, "Reception", "reception", enabled=True)
    shared_mailbox(draft, "Invoices", "invoices")
    room(draft, "Surgery 1", "room-surgery1")
    room(draft, "Surgery 2", "room-surgery2", enabled=True)


def _policies(draft: Draft) -> None:
    all_staff, scanners = _all_staff(draft), _legacy_scanners(draft)
    spared = list(draft.tenant.break_glass_ids)
    draft.policy(
        "Require MFA",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(
                groups=[all_staff.id], without_users=spared, without_groups=[scanners.id]
            )
        ),
    )
    mobile = draft.group("Mobile clinic", draft.of("Mobile clinic"))
    draft.policy(
        "MFA or managed device for the mobile clinic",
        policies.require("mfa", "compliantDevice", operator="OR"),
        policies.conditions(policies.scope(groups=[mobile.id], without_users=spared)),
    )
    draft.policy(
        "Require MFA for everyone (planned)",
        policies.require("mfa"),
        policies.conditions(policies.everyone(without_users=spared)),
        state=policies.REPORT_ONLY,
    )
    mfa_for_admins(draft)
    managed_admin_portals(draft)
    block_legacy(draft, without=[scanners])
    forgotten = [user for user in draft.of("Front desk", "Billing") if user.name != "Kwame Osei"]
    forgotten = [user for user in forgotten if user.hired is None and not user.scoped_roles]
    leave_gaps(draft, forgotten[7:])
    for user in forgotten[:7]:
        user.methods = list(STRONG)
    gatehouse_group(draft, forgotten[:7])


def _all_staff(draft: Draft) -> Group:
    """Holds groups only: whoever counts direct members finds nobody in it."""
    sales = draft.group("Sales", draft.of("Sales"))
    clinical = draft.group("Clinical", draft.of("Dentists", "Hygiene"))
    management = draft.group("Management", draft.of("Management"))
    return draft.group("All staff", [sales, clinical, management])


def _legacy_scanners(draft: Draft) -> Group:
    """Meant for machines; a dentist who complained about prompts was put in as well."""
    machines = [user for user in draft.tenant.users.values() if user.purpose == "service"]
    dentists = draft.of("Dentists")
    dentists[1].methods = list(NOT_ALLOWED)
    dentists[1].method_disallowed = True
    dentists[2].methods = []
    reader = draft.of("Sales")[0]
    reader.roles = [GLOBAL_READER]
    reader.methods = []
    return draft.group("Legacy scanners", [*machines, dentists[0]])
