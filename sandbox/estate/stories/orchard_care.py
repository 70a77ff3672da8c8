"""Orchard Primary Care: security defaults, a lapsed premium licence, and a consent with one role missing."""

from sandbox.estate.draft import Draft
from sandbox.estate.methods import STRONG
from sandbox.estate.people import (
    Department,
    break_glass,
    future_hire,
    leavers,
    person,
    room,
    service,
    shared_mailbox,
    staff,
    sync_account,
)
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR, USER_ADMINISTRATOR

DEPARTMENTS = (
    Department(name="Doctors", size=9, titles=("General practitioner", "Registrar")),
    Department(name="Nurses", size=14, titles=("Practice nurse", "Midwife")),
    Department(name="Reception", size=10, titles=("Receptionist", "Medical secretary")),
    Department(name="Allied health", size=7, titles=("Dietitian", "Physiotherapist")),
)


def orchard_care(draft: Draft) -> None:
    break_glass(draft)
    draft.tenant.security_defaults = True
    # Cancelled last winter: the subscription stays listed, with nothing left in it.
    draft.tenant.skus["SPB"] = 0
    sync_account(draft)
    person(draft, "Beatriz Navarro", department="Reception", title="Practice manager",
           methods=list(STRONG), roles=[GLOBAL_ADMINISTRATOR])  # fmt: skip
    service(draft, "Referral scanner", "scanner", roles=[USER_ADMINISTRATOR])
    shared_mailbox(draft, "Appointments", "appointments", enabled=True)
    shared_mailbox(draft, "Results", "results")
    room(draft, "Consulting room 3", "room-consulting3")
    leavers(draft, 3)
    future_hire(draft, department="Nurses", title="Practice nurse")
    staff(draft, DEPARTMENTS, synced=True)
    draft.group("Clinicians", draft.of("Doctors", "Nurses"), synced=True)
