"""Short ways to write down what gets rendered: ordinary, hostile, and far too much of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from core.domain.clients import Client, ClientKey, MaintenanceWindow, RmmBinding
from core.domain.digest import Attention, AttentionKind, ClientDigest, Digest, Numbers, RequestLine
from core.domain.evidence import SingleFactor
from core.domain.exemptions import Exemption
from core.domain.facts import Coverage, Fact, Unread
from core.domain.findings import (
    AgeBasis,
    DeviceTrouble,
    DeviceVerdict,
    LineVerdict,
    MfaSection,
    MfaVerdict,
    PatchSection,
    Requirement,
    Snapshot,
)
from core.domain.identity import AccountKind, UserId
from core.domain.patching import DeviceId, DeviceKind, PatchState, ProductLine, Severity
from core.domain.people import EVERY_CLIENT, Person, PersonKey, Role
from core.domain.remediation import (
    Action,
    Decision,
    Direction,
    Job,
    JobId,
    JobKind,
    JobState,
    Options,
    Plan,
    Request,
    RequestId,
    RequestState,
    Skipped,
    Step,
    StepState,
    Target,
    Verdict,
    When,
)
from tests.fakes.tenant import a_change

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # a Monday
ACME = ClientKey("acme")
#: 80 characters that try to ping, link, format and hide; each of them grows when it is escaped.
HOSTILE = ("<!channel> <@U1|boss> <https://evil.example|click> *b* _i_ ~s~ `c` \u202e&<>\n" * 2)[
    :80
]
WORST = "&" * 80


def client(**changes: Any) -> Client:
    facts: dict[str, Any] = {
        "key": ACME,
        "name": "Acme Dental",
        "tenant_id": "11111111-1111-1111-1111-111111111111",
        "rmm": (RmmBinding(account="ninja", vendor="ninjaone", organisation="7"),),
        "channel": "acme-dental",
        "time_zone": "Europe/London",
        "digest_at": time(7),
        "maintenance_window": window(),
    }
    return Client(**(facts | changes))


def window(**changes: Any) -> MaintenanceWindow:
    facts: dict[str, Any] = {
        "days": frozenset({5}),
        "start": time(22),
        "minutes": 240,
        "time_zone": "Europe/London",
    }
    return MaintenanceWindow(**(facts | changes))


def person(key: str = "tess", role: Role = Role.TECHNICIAN, **changes: Any) -> Person:
    facts: dict[str, Any] = {
        "key": PersonKey(key),
        "name": key.title(),
        "roles": {EVERY_CLIENT: role},
    }
    return Person(**(facts | changes))


def unread(what: str = "registrations", **changes: Any) -> Unread:
    facts: dict[str, Any] = {
        "source": "Entra",
        "what": what,
        "reason": "HTTP 403 Authorization_RequestDenied",
        "remedy": "Grant AuditLog.Read.All to the read app in that tenant.",
        "since": NOW - timedelta(days=2),
    }
    return Unread(**(facts | changes))


def coverage(*items: Unread) -> Coverage:
    return Coverage(unread=items)


# MFA.


def verdict(name: str = "Ann Archer", gap: Fact = Fact.YES, **changes: Any) -> MfaVerdict:
    facts: dict[str, Any] = {
        "user_id": UserId(f"user-{name}"),
        "name": name,
        "upn": f"{name.lower().replace(' ', '.')}@acmedental.example",
        "kind": AccountKind.MEMBER,
        "requirement": Requirement.UNCOVERED if gap is Fact.YES else Requirement.ENFORCED,
        "registered": Fact.of(gap is not Fact.YES),
        "capable": Fact.of(gap is not Fact.YES),
        "enforced": Fact.of(gap is not Fact.YES),
        "gap": gap,
        "why": ("No policy in force demands MFA: the password is enough.",),
    }
    return MfaVerdict(**(facts | changes))


def mfa(*verdicts: MfaVerdict, **changes: Any) -> MfaSection:
    facts: dict[str, Any] = {
        "observed_at": NOW - timedelta(minutes=5),
        "verdicts": verdicts,
        "coverage": Coverage(),
    }
    return MfaSection(**(facts | changes))


# Patches.


def line(name: str = "Windows 11 24H2 cumulative", **changes: Any) -> LineVerdict:
    facts: dict[str, Any] = {
        "line": ProductLine(name),
        "title": f"2026-10 {name}",
        "kb": "KB5066835",
        "severity": Severity.CRITICAL,
        "state": PatchState.PENDING,
        "since": date(2026, 10, 14),
        "basis": AgeBasis.RELEASED,
        "age_days": 40,
        "allowed_days": 14,
        "overdue": Fact.YES,
    }
    return LineVerdict(**(facts | changes))


def device(name: str = "WS-014", *lines: LineVerdict, **changes: Any) -> DeviceVerdict:
    late = any(one.overdue is Fact.YES for one in lines)
    facts: dict[str, Any] = {
        "device_id": DeviceId(f"ninja:{name}"),
        "account": "ninja",
        "name": name,
        "kind": DeviceKind.WORKSTATION,
        "os": "Windows 11 Pro",
        "online": Fact.YES,
        "last_seen": NOW - timedelta(minutes=3),
        "last_scan": NOW - timedelta(hours=5),
        "overdue": Fact.of(late),
        "lines": lines,
    }
    return DeviceVerdict(**(facts | changes))


def patches(*devices: DeviceVerdict, **changes: Any) -> PatchSection:
    facts: dict[str, Any] = {
        "observed_at": NOW - timedelta(minutes=5),
        "devices": devices,
        "coverage": Coverage(),
    }
    return PatchSection(**(facts | changes))


def snapshot(
    mfa: MfaSection | None = None, patches: PatchSection | None = None, **changes: Any
) -> Snapshot:
    return Snapshot(client=ACME, mfa=mfa, patches=patches, tried_at=NOW, **changes)


def exemption(name: str = "Ann Lee (ann@acme.example)", **changes: Any) -> Exemption:
    facts: dict[str, Any] = {
        "client": ACME,
        "user_id": "u1",
        "name": name,
        "reason": "New phone on Monday.",
        "until": date(2026, 12, 4),
        "since": NOW,
        "request": RequestId("R4K7QX"),
        "asked_by": PersonKey("tess"),
        "asked_by_name": "Tess Morgan",
        "approved_by": (PersonKey("maya"),),
        "approved_by_names": ("Maya Ortiz",),
    }
    return Exemption(**(facts | changes))


def full_snapshot(count: int, name: str = HOSTILE) -> Snapshot:
    """So many gaps and overdue devices, each with a long name and everything wrong with it."""
    troubles = frozenset(DeviceTrouble)
    lines = tuple(line(f"{name}{n}", basis=basis) for n, basis in enumerate(AgeBasis))
    return snapshot(
        mfa(
            *[
                verdict(name, user_id=UserId(f"u{n}"), upn=name, admin=True, stale=True, why=(name,) * 3, held_out=name, exempt=exemption(name) if n % 2 else None, single_factor=SingleFactor(count=14, since=NOW))
                for n in range(count)
            ],
            coverage=coverage(*[unread(name, source=name, reason=name * 4, remedy=name * 4)] * 6),
        ),
        patches(
            *[
                device(name, *lines, device_id=DeviceId(f"ninja:{n}"), kind=DeviceKind.SERVER, troubles=troubles, protected=True, os=name, online=Fact.NO)
                for n in range(count)
            ],
            coverage=coverage(*[unread(name, source=name, reason=name * 4, remedy=name * 4)] * 6),
        ),
    )  # fmt: skip


# Requests.


def target(name: str = "WS-014", **changes: Any) -> Target:
    return Target(**({"id": f"ninja:{name}", "name": name} | changes))


_UNDOING = (Action.UNDO_ENFORCE_MFA, Action.UNDO_PER_USER, Action.END_EXEMPTION)


def plan(*targets: Target, action: Action = Action.INSTALL_PATCHES, **changes: Any) -> Plan:
    directions = {
        Action.UNDO_ENFORCE_MFA: Direction.LOWERS,
        Action.SCAN_PATCHES: Direction.NEUTRAL,
        Action.STEP_BACK_POLICY: Direction.LOWERS,
        Action.UNDO_CAMPAIGN: Direction.LOWERS,
    }
    if action.on_tenant and not targets:
        targets = (Target(id="setting", name=HOSTILE, before={"state": "report-only"}),)
    facts: dict[str, Any] = {
        "client": ACME,
        "client_name": "Acme Dental",
        "account": "ninja" if action.on_devices else "entra",
        "action": action,
        "direction": directions.get(action, Direction.RAISES),
        "options": Options(),
        "targets": targets
        or (target("WS-014", count=7), target("SRV-02", is_server=True, weight=5)),
        "group": None if action.on_devices else "group-1",
        "group_name": None if action.on_devices else "MFA required",
        "change": a_change(action, HOSTILE),
        "undo_of": RequestId("R0LD01") if action in _UNDOING else None,
        "made_at": NOW,
    }
    return Plan(**(facts | changes))


def approval(by: str = "maya", **changes: Any) -> Decision:
    facts: dict[str, Any] = {
        "by": PersonKey(by),
        "by_name": by.title(),
        "verdict": Verdict.APPROVE,
        "at": NOW + timedelta(minutes=5),
        "digest": "d",
    }
    return Decision(**(facts | changes))


def denial(**changes: Any) -> Decision:
    return approval(**({"verdict": Verdict.DENY, "reason": "Wrong weekend."} | changes))


STARTED = (
    RequestState.RUNNING,
    RequestState.CANCELLING,
    RequestState.NEEDS_PERSON,
    RequestState.SUCCEEDED,
    RequestState.PARTIAL,
    RequestState.FAILED,
    RequestState.CANCELLED,
)
UNDECIDED = (RequestState.PENDING, RequestState.EXPIRED, RequestState.WITHDRAWN)
#: How the steps of a request in that state may stand.
STEPS: Mapping[RequestState, tuple[StepState, ...]] = {
    RequestState.RUNNING: (StepState.VERIFIED, StepState.RUNNING, StepState.PLANNED),
    RequestState.CANCELLING: (StepState.DISPATCHED, StepState.SKIPPED),
    RequestState.NEEDS_PERSON: (StepState.VERIFIED, StepState.UNKNOWN),
    RequestState.SUCCEEDED: (StepState.VERIFIED,),
    RequestState.PARTIAL: (StepState.VERIFIED, StepState.FAILED, StepState.NOT_VERIFIED),
    RequestState.FAILED: (StepState.FAILED,),
    RequestState.CANCELLED: (StepState.SKIPPED,),
}


def request(
    state: RequestState = RequestState.PENDING, of: Plan | None = None, **changes: Any
) -> Request:
    """A request as it may well stand in that state."""
    wanted = of or plan()
    states = STEPS.get(state, (StepState.PLANNED,))
    decided = (
        () if state in UNDECIDED else (denial() if state is RequestState.DENIED else approval(),)
    )
    facts: dict[str, Any] = {
        "id": RequestId("R4K7QX"),
        "version": 1,
        "state": state,
        "plan": wanted,
        "digest": wanted.digest,
        "requester": PersonKey("tess"),
        "requester_name": "Tess Morgan",
        "reason": "Overdue since October.",
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
        "approvals_needed": 1,
        "decisions": decided,
        "steps": tuple(
            Step(target=one.id, state=states[n % len(states)], changed=True)
            for n, one in enumerate(wanted.targets)
        ),
        "jobs": (),
        "started_at": NOW + timedelta(minutes=6) if state in STARTED else None,
        "ended_at": NOW + timedelta(minutes=30) if state.final else None,
        "window": opening() if state is RequestState.SCHEDULED else None,
    }
    return Request(**(facts | changes))


def opening() -> tuple[datetime, datetime]:
    start = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
    return start, start + timedelta(hours=4)


def job(*targets: str, **changes: Any) -> Job:
    facts: dict[str, Any] = {
        "id": JobId("R4K7QX-1"),
        "kind": JobKind.INSTALL,
        "account": "ninja",
        "client": ACME,
        "targets": targets,
        "state": JobState.DISPATCHED,
    }
    return Job(**(facts | changes))


def huge_request(
    state: RequestState, name: str = HOSTILE, count: int = 200, **changes: Any
) -> Request:
    """Hundreds of targets with long names, every text as long as it may be."""
    targets = tuple(
        target(
            name,
            id=f"ninja:{n}",
            is_server=n % 2 == 0,
            online=n % 3 > 0,
            capable=n % 5 > 0,
            count=n,
        )
        for n in range(count)
    )
    skipped = tuple(Skipped(id=f"s{n}", name=name, reason=f"{name}{n}" * 3) for n in range(count))
    wanted = plan(*targets, client_name=name, skipped=skipped, warnings=(name * 6,) * 3, options=Options(when=When.WINDOW))  # fmt: skip
    made = request(
        state, wanted, reason=name * 7, ticket=name, requester_name=name, note=name * 8, **changes
    )
    steps = tuple(replace(step, reason=f"{name}{n}" * 4) for n, step in enumerate(made.steps))
    decided = tuple(replace(one, by_name=name, reason=name * 7) for one in made.decisions)
    return replace(made, steps=steps, decisions=decided)


# Digests.


def client_digest(key: str = "acme", **changes: Any) -> ClientDigest:
    facts: dict[str, Any] = {
        "client": ClientKey(key),
        "client_name": "Acme Dental",
        "now": Numbers(
            mfa_gaps=3, mfa_unknown=0, admins_without_mfa=1, accounts=40,
            overdue_devices=5, unknown_devices=2, troubled_devices=4, devices=60,
        ),
        "before": None,
        "mfa_observed_at": NOW - timedelta(minutes=5),
        "patches_observed_at": NOW - timedelta(minutes=5),
        "coverage": Coverage(),
    }  # fmt: skip
    return ClientDigest(**(facts | changes))


def digest(*clients: ClientDigest, **changes: Any) -> Digest:
    facts: dict[str, Any] = {
        "channel": "acme-dental",
        "day": date(2026, 11, 23),
        "made_at": NOW,
        "attention": (),
        "clients": clients or (client_digest(),),
        "audit_head": "ab" * 32,
        "audit_count": 1234,
    }
    return Digest(**(facts | changes))


def attention(kind: AttentionKind = AttentionKind.ADMIN_WITHOUT_MFA, **changes: Any) -> Attention:
    facts: dict[str, Any] = {
        "kind": kind,
        "client": ACME,
        "subject": "ann@acmedental.example",
        "detail": "nothing demands MFA",
    }
    return Attention(**(facts | changes))


def request_line(state: RequestState = RequestState.RUNNING, **changes: Any) -> RequestLine:
    facts: dict[str, Any] = {
        "request_id": "R4K7QX",
        "action": Action.INSTALL_PATCHES,
        "targets": 12,
        "client_name": "Acme Dental",
        "state": state,
        "counts": "3 verified, 9 still open",
    }
    return RequestLine(**(facts | changes))


# Reading what was rendered.


def words(message: Any) -> str:
    """Everything a person reads in a message or view, as one text."""
    blocks = message["blocks"] if isinstance(message, dict) else message.blocks
    return "\n".join(_texts(list(blocks)))


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for entry in part for text in _texts(entry)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return own + [text for value in part.values() for text in _texts(value)]


def buttons(message: Any) -> list[str]:
    """The action ids of all buttons, from top to bottom."""
    blocks = message["blocks"] if isinstance(message, dict) else message.blocks
    return [e["action_id"] for b in blocks if b["type"] == "actions" for e in b["elements"]]


def the_button(message: Any, action_id: str) -> dict[str, Any]:
    blocks = message["blocks"] if isinstance(message, dict) else message.blocks
    found: dict[str, Any] = next(
        e
        for b in blocks
        if b["type"] == "actions"
        for e in b["elements"]
        if e["action_id"] == action_id
    )
    return found
