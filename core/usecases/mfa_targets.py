"""What every way of demanding MFA shares: whether it may be begun at a client, and whose turn is when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict, Snapshot
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import Options, Request, Skipped, Target
from core.errors import Refused
from core.ports import Directory
from core.rules.binding import mismatch
from core.rules.jobs import signed_out
from core.rules.logic import all_of
from core.rules.notice_period import day_words, notice_end

READ_ONLY = (
    "Gatehouse is read-only for Entra: no write app is configured. "
    "An owner can add [entra.write] to the configuration."
)
NO_METHOD = "has no usable MFA method; tick the option to include such users"
STAYS = "Sessions stay signed in until they expire."
_REGISTRATION: Mapping[Fact, str] = {
    Fact.YES: "A policy lets them register from trusted places or devices only.",
    Fact.NO: "No policy limits where they register: whoever has the password can, from anywhere.",
    Fact.UNKNOWN: "Whether a policy limits where they register could not be read.",
}


def checked(directory: Directory, client: Client, snapshot: Snapshot) -> MfaSection:
    """What the newest scan knows of a tenant in which something may be enforced. Raises Refused."""
    if not directory.can_write:
        raise Refused(READ_ONLY)
    if not client.break_glass:
        raise Refused(
            f"{client.name} has no break-glass accounts in the configuration. "
            "Name them first: enforcement without them could lock everybody out."
        )
    wrong = mismatch(snapshot.mfa, snapshot.patches, client)
    if wrong is not None:
        raise Refused(wrong)
    if snapshot.mfa is None:
        raise Refused("This client's tenant has not been read yet. Try again after the next scan.")
    return snapshot.mfa


def prove_break_glass(directory: Directory, client: Client) -> None:
    """Raise Refused where a configured emergency account would not help in an emergency."""
    existing = directory.existing(client, client.break_glass)
    missing = [item for item in client.break_glass if existing.get(item) is not Fact.YES]
    if missing:
        raise Refused(
            f"Break-glass account {missing[0]} of {client.name} does not exist or is disabled. "
            "Mend the list in the configuration first."
        )


def parted(
    section: MfaSection, reasons: Mapping[str, str | None]
) -> tuple[list[MfaVerdict], tuple[Skipped, ...]]:
    """The chosen users by whether a reason speaks against them. Raises Refused where it does for all."""
    verdicts = {str(verdict.user_id): verdict for verdict in section.verdicts}
    kept: list[MfaVerdict] = []
    skipped: list[Skipped] = []
    for user_id, reason in reasons.items():
        verdict = verdicts.get(user_id)
        if reason is None and verdict is not None:
            kept.append(verdict)
        else:
            name = verdict.upn if verdict is not None else user_id
            skipped.append(Skipped(id=user_id, name=name, reason=reason or "not known"))
    if not kept:
        said = "; ".join(f"{item.name}: {item.reason}" for item in skipped[:3])
        raise Refused(f"Nobody is left to enforce MFA for. {said}")
    return kept, tuple(skipped)


def in_turn(
    client: Client,
    kept: Sequence[MfaVerdict],
    options: Options,
    *,
    policy: ApprovalPolicy,
    mfa: MfaPolicy,
    now: datetime,
    late: Sequence[MfaVerdict] | None = None,
) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    """Who can satisfy MFA already, then who is given notice first; and what the approver must read.

    `late` are the second where a usable method alone does not decide about it.
    """
    end = notice_end(client, mfa, now)
    unable = [v for v in kept if v.capable is not Fact.YES] if late is None else late
    ready = [verdict for verdict in kept if verdict not in unable]
    targets = [_target(verdict, policy) for verdict in ready]
    targets += [replace(_target(verdict, policy), not_before=end) for verdict in unable]
    warnings = [*(_on_notice(client, unable, end) if unable else ())]
    leaving = signed_out(options, targets)
    ends = _signing_out(client, len(leaving), len(targets), now) if leaving else STAYS
    return tuple(targets), (*warnings, ends)


def _signing_out(client: Client, count: int, of: int, now: datetime) -> str:
    """How many, and what time of their day it is."""
    who = "1 person is" if count == 1 else f"{count} people are"
    others = " The others' sessions stay until they expire." if count < of else ""
    return (
        f"{who} signed out everywhere within minutes of the change; it is "
        f"{now.astimezone(client.zone):%a %H:%M} for them now ({client.time_zone}). "
        f"That cannot be undone.{others}"
    )


def _target(verdict: MfaVerdict, policy: ApprovalPolicy) -> Target:
    return Target(
        id=verdict.user_id,
        name=f"{verdict.name} ({verdict.upn})",
        aliases=frozenset({verdict.upn}),
        weight=policy.admin_weight if verdict.admin else 1,
        before={"requirement": verdict.requirement.value},
        is_admin=verdict.admin,
        capable=verdict.capable is Fact.YES,
    )


def _on_notice(client: Client, unable: Sequence[MfaVerdict], end: datetime) -> Iterator[str]:
    """Whoever signs in first registers a method, so who that is must not be left to chance."""
    count = len(unable)
    who = "1 person has" if count == 1 else f"{count} people have"
    lack = "no usable method"
    if any(verdict.capable is Fact.YES for verdict in unable):
        lack = "no method that answers it"
    yield (
        f"{who} {lack}: MFA is demanded of them from {day_words(end)} "
        f"({client.time_zone}), because whoever signs in first registers. Reach each of them before."
    )
    yield where_registered(unable)


def where_registered(unable: Iterable[MfaVerdict]) -> str:
    """Whether a policy keeps strangers from registering these people's first method."""
    return _REGISTRATION[all_of(*(verdict.registration_limited for verdict in unable))]


def check_undoable(directory: Directory, done: Request) -> None:
    """Raise Refused where nothing can be taken back yet."""
    if not directory.can_write:
        raise Refused(READ_ONLY)
    if not done.state.final:
        raise Refused(f"{done.id} has not ended yet. Cancel it first: /gatehouse cancel {done.id}")


def changed_by(done: Request, others: Iterable[Request]) -> list[str]:
    """Whom `done` changed, and none of the others since."""
    theirs = {step.target for other in others for step in other.steps if step.changed}
    return [step.target for step in done.steps if step.changed and step.target not in theirs]
