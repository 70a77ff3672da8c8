"""Turn "enforce MFA for these people" into an exact plan, and undo of one into another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict, Requirement, Snapshot
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
)
from core.errors import Refused
from core.ports import Clock, Directory
from core.rules.enforcing import refused_accounts
from core.usecases.mfa_targets import (
    NO_METHOD,
    changed_by,
    check_undoable,
    checked,
    in_turn,
    parted,
    prove_break_glass,
)

SLOW = "Exchange and SharePoint may take up to a day to demand MFA."


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
        section = checked(self.directory, client, snapshot)
        if client.mfa_group is None:
            raise Refused(
                f"{client.name} has no mfa_group in the configuration, so MFA cannot be enforced there."
            )
        chosen = dict.fromkeys(user_ids)
        refused = refused_accounts(client, section, chosen)
        proof = self._prove(client)
        verdicts = {str(verdict.user_id): verdict for verdict in section.verdicts}
        kept, skipped = parted(
            section,
            {
                user: refused.get(user) or _skip_reason(verdicts.get(user), proof, options)
                for user in chosen
            },
        )
        now = self.clock.now()
        targets, warnings = in_turn(
            client, kept, options, policy=self.policy, mfa=self.mfa, now=now
        )
        return Plan(
            client=client.key,
            client_name=client.name,
            account="entra",
            action=Action.ENFORCE_MFA,
            direction=Direction.RAISES,
            options=options,
            targets=targets,
            skipped=skipped,
            warnings=(*warnings, SLOW),
            group=proof.group_id,
            group_name=proof.name,
            made_at=now,
        )

    def undo(self, client: Client, done: Request, later: Iterable[Request] = ()) -> Plan:
        """Plan to take out of the group whom `done` put in and who is still there because of it.

        `later` are requests that ended since: whom one of them put in again is not `done`'s any more.
        """
        if done.plan.action is not Action.ENFORCE_MFA:
            raise Refused(f"{done.id} cannot be undone: {_UNDOABLE[done.plan.action]}.")
        check_undoable(self.directory, done)
        if done.plan.group != client.mfa_group:
            raise Refused(
                f"{done.id} used the group {done.plan.group_name}, and the configuration names another "
                f"one for {client.name} since. Take them out of the old group by hand."
            )
        others = (r for r in later if r.id != done.id and r.plan.group == done.plan.group)
        changed = changed_by(done, others)
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
            targets=tuple(replace(done.plan.target(user), not_before=None) for user in still),
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

    def _prove(self, client: Client) -> GroupProof:
        prove_break_glass(self.directory, client)
        proof = self.directory.prove_group(client)
        if proof.problems:
            raise Refused(f"The group {proof.name} cannot be used: {'; '.join(proof.problems)}.")
        return proof


_UNDONE = (Action.ENFORCE_MFA, Action.ENABLE_PER_USER, Action.EXEMPT_MFA)
_UNDOABLE: Mapping[Action, str] = {
    Action.UNDO_ENFORCE_MFA: "it is itself an undo; ask for enforcement anew",
    Action.UNDO_PER_USER: "it is itself an undo; ask for enforcement anew",
    Action.EXEMPT_MFA: "it is ended, not undone",
    Action.END_EXEMPTION: "ask for an exemption anew",
    Action.INSTALL_PATCHES: "installed patches are taken out on the device, not from here",
    Action.SCAN_PATCHES: "a scan changes nothing",
    Action.RESTART_DEVICES: "a restart cannot be taken back",
}


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
        return NO_METHOD
    return None


def enforceable(verdict: MfaVerdict) -> bool:
    """Whether a person may be offered in the modal: a gap that the group can close."""
    return (
        verdict.gap is Fact.YES
        and verdict.held_out is None
        and verdict.requirement is not Requirement.ENFORCED
    )


def undoable(request: Request) -> bool:
    """Whether an Undo button may be drawn."""
    return (
        request.plan.action in _UNDONE
        and request.state.final
        and any(step.changed and step.state is not StepState.SKIPPED for step in request.steps)
    )
