"""The story of a company grown beyond the hand-made six."""

from sandbox.estate import policies
from sandbox.estate.draft import Draft
from sandbox.estate.methods import STRONG
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
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR, USER_ADMINISTRATOR
from sandbox.estate.stories.common import block_legacy, gatehouse_group, mfa_for_admins

DEPARTMENTS = (
    Department(name="Operations", size=9, titles=("Coordinator", "Technician", "Supervisor")),
    Department(name="Sales", size=5, titles=("Sales representative", "Account manager")),
    Department(name="Office", size=4, titles=("Bookkeeper", "Administrator", "Manager")),
)


def ordinary(draft: Draft) -> None:
    break_glass(draft)
    person(draft, draft.next_name(), department="Office", title="Owner", methods=list(STRONG),
           roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    person(draft, draft.next_name(), department="Office", title="Office manager",
           roles=[USER_ADMINISTRATOR])  # fmt: skip
    service(draft, "Office printer", "scanner")
    shared_mailbox(draft, "Info", "info", enabled=draft.rng.random() < 0.4)
    room(draft, "Meeting room", "room-meeting")
    guest(draft, draft.next_name(), "accountant.example")
    leavers(draft, draft.rng.randint(0, 2))
    staff(draft, DEPARTMENTS)
    if draft.outline.licence == "free":
        draft.tenant.security_defaults = draft.rng.random() < 0.5
    else:
        _policies(draft)


def _policies(draft: Draft) -> None:
    office = draft.group("Office", draft.of("Office"))
    staff_group = draft.group("Staff", [office, *draft.of("Sales")])
    draft.policy(
        "MFA for staff",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(groups=[staff_group.id], without_users=draft.tenant.break_glass_ids)
        ),
        state=draft.rng.choice([policies.ENABLED, policies.ENABLED, policies.REPORT_ONLY]),
    )
    mfa_for_admins(draft)
    block_legacy(draft)
    operations = [user for user in draft.of("Operations") if user.methods]
    gatehouse_group(draft, operations[: len(operations) // 3])
