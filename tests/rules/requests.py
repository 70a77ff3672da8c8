"""Short ways to write down people, plans and requests for the tests of the approval rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.clients import ClientKey
from core.domain.people import EVERY_CLIENT, ChatIdentity, Person, PersonKey, Role
from core.domain.remediation import (
    Action,
    Decision,
    Direction,
    Options,
    Plan,
    Request,
    RequestId,
    RequestState,
    Step,
    StepState,
    Target,
    Verdict,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACME = ClientKey("acme")


def person(name: str, role: Role | None = Role.TECHNICIAN, **changes: Any) -> Person:
    facts: dict[str, Any] = {
        "key": PersonKey(name),
        "name": name.title(),
        "roles": {EVERY_CLIENT: role} if role else {},
    }
    return Person(**(facts | changes))


def identity(**changes: Any) -> ChatIdentity:
    facts: dict[str, Any] = {"user_id": "U1", "team_id": "T1", "name": "someone"}
    return ChatIdentity(**(facts | changes))


def target(target_id: str = "ann", **changes: Any) -> Target:
    return Target(**({"id": target_id, "name": target_id} | changes))


def plan(*targets: Target, action: Action = Action.ENFORCE_MFA, **changes: Any) -> Plan:
    facts: dict[str, Any] = {
        "client": ACME,
        "client_name": "Acme Dental",
        "account": "entra",
        "action": action,
        "direction": Direction.RAISES,
        "options": Options(),
        "targets": targets or (target(),),
        "group": "mfa-group",
        "made_at": NOW,
    }
    return Plan(**(facts | changes))


def request(*states: StepState, of: Plan | None = None, **changes: Any) -> Request:
    wanted = of or plan(*(target(f"t{n}") for n in range(len(states))))
    facts: dict[str, Any] = {
        "id": RequestId("R1"),
        "version": 1,
        "state": RequestState.PENDING,
        "plan": wanted,
        "digest": wanted.digest,
        "requester": PersonKey("tess"),
        "requester_name": "Tess",
        "reason": "gap",
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
        "approvals_needed": 1,
        "steps": tuple(Step(target=f"t{n}", state=s) for n, s in enumerate(states)),
        "jobs": (),
    }
    return Request(**(facts | changes))


def decision(by: str, verdict: Verdict = Verdict.APPROVE) -> Decision:
    return Decision(by=PersonKey(by), by_name=by.title(), verdict=verdict, at=NOW, digest="d")
