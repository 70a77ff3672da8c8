"""Kestrel Logistics: synced from a datacentre, drivers federated elsewhere, MFA for Office 365 only."""

from sandbox.estate import policies
from sandbox.estate.draft import Draft
from sandbox.estate.methods import STRONG
from sandbox.estate.model import User
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
    sync_account,
)
from sandbox.estate.roles import GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR
from sandbox.estate.stories.common import (
    OFFICE_365,
    block_legacy,
    gatehouse_group,
    leave_gaps,
    make_stale,
    mfa_for_admins,
)

DEPARTMENTS = (
    Department(name="Dispatch", size=12, titles=("Dispatcher", "Route planner")),
    Department(name="Warehouse", size=16, titles=("Warehouse clerk", "Shift lead")),
    Department(name="Drivers", size=12, titles=("Driver",)),
    Department(name="Office", size=10, titles=("Accountant", "Sales manager", "HR officer")),
)


def kestrel(draft: Draft) -> None:
    break_glass(draft)
    sync_account(draft)
    _administrators(draft)
    service(draft, "Label printer", "scanner")
    service(draft, "Backup service", "svc-backup", synced=True)
    service(draft, "Telematics feed", "svc-telematics")
    shared_mailbox(draft, "Claims", "claims")
    shared_mailbox(draft, "Dispatch desk", "dispatch", enabled=True)
    room(draft, "Yard office", "room-yard")
    guest(draft, "Lucinda Varga", "customsbroker.example")
    leavers(draft, 5)
    future_hire(draft, department="Dispatch", title="Dispatcher")
    staff(draft, DEPARTMENTS, synced=True)
    _federate_the_drivers(draft)
    _policies(draft)


def _administrators(draft: Draft) -> None:
    """Global Administrators through a role-assignable group: nobody holds the role by name."""
    owner = person(draft, "Magnus Holloway", department="Office", title="Operations director",
                   methods=list(STRONG))  # fmt: skip
    helper = person(
        draft, "Xiomara Cordero", department="Office", title="IT coordinator", methods=[]
    )
    draft.group(
        "Tier 0 administrators",
        [owner, helper],
        role_assignable=True,
        roles=[GLOBAL_ADMINISTRATOR],
    )
    person(draft, "Anders Engström", department="Dispatch", title="Systems lead",
           methods=list(STRONG), roles=[PRIVILEGED_ROLE_ADMINISTRATOR])  # fmt: skip


def _federate_the_drivers(draft: Draft) -> None:
    """Their sign-ins go to the fleet's own identity provider; Entra sees no method of theirs."""
    fleet = f"fleet.{draft.outline.domain}"
    draft.tenant.federated_domains = [fleet]
    for user in draft.of("Drivers"):
        user.upn = f"{user.upn.split('@')[0]}@{fleet}"
        user.methods = []


def _policies(draft: Draft) -> None:
    spared = list(draft.tenant.break_glass_ids)
    rule = '(user.jobTitle -eq "Driver")'
    drivers = draft.group("All drivers", draft.of("Drivers"), membership_rule=rule)
    accounts = draft.group("Accounts", draft.of("Office")[:6], synced=True)
    office = draft.group("Office", [accounts, *draft.of("Office")[6:]], synced=True)
    dispatch = draft.group("Dispatch", _dispatchers(draft), synced=True)
    draft.policy(
        "CA-01 MFA for the office",
        policies.require("mfa"),
        policies.conditions(policies.scope(groups=[office.id], without_users=spared)),
    )
    draft.policy(
        "CA-02 MFA for Office 365",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(groups=[dispatch.id], without_users=spared),
            applications=policies.applications(OFFICE_365),
        ),
    )
    draft.policy(
        "CA-03 MFA on phones for drivers",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(groups=[drivers.id], without_users=spared),
            platforms={"includePlatforms": ["android", "iOS"], "excludePlatforms": []},
        ),
    )
    draft.policy(
        "CA-04 MFA for everyone (trial)",
        policies.require("mfa"),
        policies.conditions(policies.everyone(without_users=spared)),
        state=policies.REPORT_ONLY,
    )
    mfa_for_admins(draft)
    block_legacy(draft)
    warehouse = draft.of("Warehouse")
    leave_gaps(draft, warehouse[5:])
    make_stale(draft, warehouse[-1], days=400)
    for user in warehouse[:5]:
        user.methods = list(STRONG)
    gatehouse_group(draft, warehouse[:5])


def _dispatchers(draft: Draft) -> list[User]:
    return [user for user in draft.of("Dispatch") if user.hired is None]
