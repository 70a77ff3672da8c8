"""Turn "enforce MFA for these people" into an exact plan, and undo of one into another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict, Requirement, Snapshot
from core.domain.identity import GroupProof
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import (
    Action,
    Direction,
    Options,
    Plan,
    Request,
    Skipped,
    StepState,
    Target,
)
from core.errors import Refused
from core.ports import Clock, Directory
from core.rules.binding import mismatch
from core.rules.enforcing import refused_accounts
from core.rules.logic import all_of
from core.rules.notice_period import notice_end

SIGN_OUT = "Everyone listed is signed out everywhere within a few minutes. That cannot be undone."
SLOW = "Exchange and SharePoint may take up to a day to demand MFA."
STAYS = "Sessions stay signed in until they expire."


@dataclass(frozen=True, kw_only=True, slots=True)
class MfaPlanner:
    """Plans MFA enforcement for one client. Raises Refused with what to do, or VendorError."""

    directory: Directory
    policy: ApprovalPolicy
    mfa: MfaPolicy
    clock: Clock

    def enforce(
        self, client: Client, user_ids: Sequence[str], options: Options, snapshot: Snapshot
    ) -> Plan:
        """Plan to add the users to the client's MFA group, and to sign them out where asked."""
        self._check_client(client, snapshot)
        section = _read(snapshot)
        chosen = dict.fromkeys(user_ids)
        refused = refused_accounts(client, section, chosen)
        proof = self._prove(client)
        verdicts = {str(verdict.user_id): verdict for verdict in section.verdicts}
        kept: list[MfaVerdict] = []
        skipped: list[Skipped] = []
        for user_id in chosen:
            verdict = verdicts.get(user_id)
            reason = refused.get(user_id) or _skip_reason(verdict, proof, options)
            if reason is None and verdict is not None:
                kept.append(verdict)
            else:
                name = verdict.upn if verdict is not None else user_id
                skipped.append(Skipped(id=user_id, name=name, reason=reason or "not known"))
        return self._plan(client, proof, kept, skipped, options)

    def undo(self, client: Client, done: Request, later: Iterable[Request] = ()) -> Plan:
        """Plan to take out of the group whom `done` put in and who is still there because of it.

        `later` are requests that ended since: whom one of them put in again is not `done`'s any more.
        """
        if done.plan.action is not Action.ENFORCE_MFA:
            raise Refused(f"{done.id} cannot be undone: {_UNDOABLE[done.plan.action]}.")
        if not self.directory.can_write:
            raise Refused(_READ_ONLY)
        if not done.state.final:
            raise Refused(
                f"{done.id} has not ended yet. Cancel it first: /gatehouse cancel {done.id}"
            )
        if done.plan.group != client.mfa_group:
            raise Refused(
                f"{done.id} used the group {done.plan.group_name}, and the configuration names another "
                f"one for {client.name} since. Take them out of the old group by hand."
            )
        theirs = _changed_by(later, done)
        changed = [s.target for s in done.steps if s.changed and s.target not in theirs]
        proof = self.directory.prove_group(client)
        still = [target for target in changed if target in proof.members]
        if not still:
            raise Refused(f"Nothing of {done.id} is left to undo.")
        gone = [target for target in changed if target not in proof.members]
        return Plan(
            client=client.key,
            client_name=client.name,
            account="entra",
            action=Action.UNDO_ENFORCE_MFA,
            direction=Direction.LOWERS,
            options=Options(),
            targets=tuple(done.plan.target(target) for target in still),
            skipped=tuple(
                Skipped(id=t, name=done.plan.target(t).name, reason="no longer in the group")
                for t in gone
            ),
            warnings=("These users will no longer be asked for MFA by this group's policy.",),
            group=done.plan.group,
            group_name=done.plan.group_name,
            undo_of=done.id,
            made_at=self.clock.now(),
        )

    def _check_client(self, client: Client, snapshot: Snapshot) -> None:
        if not self.directory.can_write:
            raise Refused(_READ_ONLY)
        if client.mfa_group is None:
            raise Refused(
                f"{client.name} has no mfa_group in the configuration, so MFA cannot be enforced there."
            )
        if not client.break_glass:
            raise Refused(
                f"{client.name} has no break-glass accounts in the configuration. "
                "Name them first: enforcement without them could lock everybody out."
            )
        wrong = mismatch(snapshot.mfa, snapshot.patches, client)
        if wrong is not None:
            raise Refused(wrong)

    def _prove(self, client: Client) -> GroupProof:
        existing = self.directory.existing(client, client.break_glass)
        missing = [item for item in client.break_glass if existing.get(item) is not Fact.YES]
        if missing:
            raise Refused(
                f"Break-glass account {missing[0]} of {client.name} does not exist or is disabled. "
                "Mend the list in the configuration first."
            )
        proof = self.directory.prove_group(client)
        if proof.problems:
            raise Refused(f"The group {proof.name} cannot be used: {'; '.join(proof.problems)}.")
        return proof

    def _plan(
        self,
        client: Client,
        proof: GroupProof,
        kept: list[MfaVerdict],
        skipped: list[Skipped],
        options: Options,
    ) -> Plan:
        """Who can satisfy MFA already comes first; who cannot yet is given notice."""
        if not kept:
            reasons = "; ".join(f"{item.name}: {item.reason}" for item in skipped[:3])
            raise Refused(f"Nobody is left to enforce MFA for. {reasons}")
        now = self.clock.now()
        end = notice_end(client, self.mfa, now)
        unable = [verdict for verdict in kept if verdict.capable is not Fact.YES]
        ready = [verdict for verdict in kept if verdict.capable is Fact.YES]
        targets = [self._target(verdict) for verdict in ready]
        targets += [replace(self._target(verdict), not_before=end) for verdict in unable]
        sessions = SIGN_OUT if options.revoke_sessions else STAYS
        return Plan(
            client=client.key,
            client_name=client.name,
            account="entra",
            action=Action.ENFORCE_MFA,
            direction=Direction.RAISES,
            options=options,
            targets=tuple(targets),
            skipped=tuple(skipped),
            warnings=(*(_on_notice(client, unable, end) if unable else ()), sessions, SLOW),
            group=proof.group_id,
            group_name=proof.name,
            made_at=now,
        )

    def _target(self, verdict: MfaVerdict) -> Target:
        return Target(
            id=verdict.user_id,
            name=f"{verdict.name} ({verdict.upn})",
            aliases=frozenset({verdict.upn}),
            weight=self.policy.admin_weight if verdict.admin else 1,
            before={"in group": "no", "requirement": verdict.requirement.value},
            is_admin=verdict.admin,
            capable=verdict.capable is Fact.YES,
        )


_READ_ONLY = (
    "Gatehouse is read-only for Entra: no write app is configured. "
    "An owner can add [entra.write] to the configuration."
)
_UNDOABLE: Mapping[Action, str] = {
    Action.UNDO_ENFORCE_MFA: "it is itself an undo; ask for enforcement anew",
    Action.EXEMPT_MFA: "it is ended, not undone",
    Action.END_EXEMPTION: "ask for an exemption anew",
    Action.INSTALL_PATCHES: "installed patches are taken out on the device, not from here",
    Action.SCAN_PATCHES: "a scan changes nothing",
}


def _read(snapshot: Snapshot) -> MfaSection:
    if snapshot.mfa is None:
        raise Refused("This client's tenant has not been read yet. Try again after the next scan.")
    return snapshot.mfa


def _skip_reason(verdict: MfaVerdict | None, proof: GroupProof, options: Options) -> str | None:
    """Why the group would not help somebody who may have MFA enforced."""
    if verdict is None:
        return "not in the newest scan; refresh and try again"
    if verdict.user_id in proof.members:
        return "already in the group"
    if verdict.user_id in proof.excluded:
        policy = proof.excluded[verdict.user_id]
        return f"excluded by the policy {policy}: adding would change nothing"
    if verdict.capable is not Fact.YES and not options.include_without_method:
        return "has no usable MFA method; tick the option to include such users"
    return None


def enforceable(verdict: MfaVerdict) -> bool:
    """Whether a person may be offered in the modal: a gap that the group can close."""
    return (
        verdict.gap is Fact.YES
        and verdict.held_out is None
        and verdict.requirement is not Requirement.ENFORCED
    )


def _on_notice(client: Client, unable: Sequence[MfaVerdict], end: datetime) -> Iterator[str]:
    """Whoever signs in first registers a method, so who that is must not be left to chance."""
    count = len(unable)
    who = "1 person has" if count == 1 else f"{count} people have"
    yield (
        f"{who} no usable method: MFA is demanded of them from {end:%a} {end.day} {end:%b %H:%M} "
        f"({client.time_zone}), because whoever signs in first registers. Reach each of them before."
    )
    yield _REGISTRATION[all_of(*(verdict.registration_limited for verdict in unable))]


_REGISTRATION: Mapping[Fact, str] = {
    Fact.YES: "A policy lets them register from trusted places or devices only.",
    Fact.NO: "No policy limits where they register: whoever has the password can, from anywhere.",
    Fact.UNKNOWN: "Whether a policy limits where they register could not be read.",
}


def _changed_by(later: Iterable[Request], done: Request) -> frozenset[str]:
    """Whom others put into or took out of the same group since."""
    others = (r for r in later if r.id != done.id and r.plan.group == done.plan.group)
    return frozenset(step.target for other in others for step in other.steps if step.changed)


def undoable(request: Request) -> bool:
    """Whether an Undo button may be drawn."""
    return (
        request.plan.action in (Action.ENFORCE_MFA, Action.EXEMPT_MFA)
        and request.state.final
        and any(step.changed and step.state is not StepState.SKIPPED for step in request.steps)
    )
