"""Demand MFA of those whom no licence lets a policy ask: the older per-user state, account by account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict, Snapshot
from core.domain.identity import AccountKind, PerUserState
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import Action, Direction, Options, Plan, Request, Skipped, Target
from core.domain.tenant_change import TenantControls, TenantPower
from core.errors import Refused
from core.ports import Clock, Directory
from core.rules.enforcing import refused_accounts
from core.rules.per_user import in_the_way
from core.usecases.mfa_targets import (
    NO_METHOD,
    changed_by,
    check_undoable,
    checked,
    in_turn,
    parted,
    prove_break_glass,
)

ON = (PerUserState.ENABLED, PerUserState.ENFORCED)
OLD_PROGRAMS = "Programs that sign in with a password alone (old mail clients, SMTP) stop working."


@dataclass(frozen=True, kw_only=True, slots=True)
class PerUserPlanner:
    """Plans per-user MFA for one client. Raises Refused with what to do, or VendorError."""

    directory: Directory
    policy: ApprovalPolicy
    mfa: MfaPolicy
    clock: Clock

    def enforce(
        self, client: Client, user_ids: Sequence[str], options: Options, snapshot: Snapshot
    ) -> Plan:
        """Plan to enable it for users whom no conditional access is for."""
        section = checked(self.directory, client, snapshot)
        controls = self.directory.controls(client)
        _check_tenant(client, controls, section)
        chosen = list(dict.fromkeys(user_ids))
        reasons: dict[str, str | None] = {**refused_accounts(client, section, chosen)}
        prove_break_glass(self.directory, client)
        free = [user for user in chosen if user not in reasons]
        states = self.directory.per_user_states(client, free)
        reasons |= _reasons(section, free, states, options, mixed=controls.licensed is Fact.YES)
        kept, skipped = parted(section, {user: reasons[user] for user in chosen})
        now = self.clock.now()
        targets, warnings = in_turn(
            client, kept, options, policy=self.policy, mfa=self.mfa, now=now
        )
        return Plan(
            client=client.key,
            client_name=client.name,
            account="entra",
            action=Action.ENABLE_PER_USER,
            direction=Direction.RAISES,
            options=options,
            targets=tuple(_with_state(target, states[target.id]) for target in targets),
            skipped=skipped,
            warnings=(*warnings, OLD_PROGRAMS),
            made_at=now,
        )

    def undo(self, client: Client, done: Request, later: Iterable[Request] = ()) -> Plan:
        """Plan to disable it again for whom `done` enabled it and of whom it still holds."""
        check_undoable(self.directory, done)
        ours = (Action.ENABLE_PER_USER, Action.UNDO_PER_USER)
        others = (r for r in later if r.id != done.id and r.plan.client == done.plan.client)
        changed = changed_by(done, (r for r in others if r.plan.action in ours))
        states = self.directory.per_user_states(client, changed)
        still = [user for user in changed if states.get(user) in ON]
        if not still:
            raise Refused(f"Nothing of {done.id} is left to undo.")
        targets = (replace(done.plan.target(user), not_before=None) for user in still)
        return Plan(
            client=client.key,
            client_name=client.name,
            account="entra",
            action=Action.UNDO_PER_USER,
            direction=Direction.LOWERS,
            options=Options(),
            targets=tuple(_with_state(target, states[target.id]) for target in targets),
            skipped=tuple(
                Skipped(id=user, name=done.plan.target(user).name, reason="not enabled any more")
                for user in changed
                if user not in still
            ),
            warnings=("Nothing else demands MFA of them then: their password is enough.",),
            undo_of=done.id,
            made_at=self.clock.now(),
        )


def _check_tenant(client: Client, controls: TenantControls, section: MfaSection) -> None:
    """Per-user MFA is for those who have nothing better; Microsoft warns of having both."""
    if controls.licensed is Fact.UNKNOWN:
        raise Refused(
            f"Whether {client.name} has conditional access could not be read: "
            f"{controls.unread.get('licences', 'try again')}"
        )
    if controls.licensed is Fact.YES:
        _check_mixed(client, section)
    if controls.security_defaults is not Fact.NO:
        told = controls.security_defaults is Fact.YES
        why = "are on" if told else "may be on: that could not be read"
        raise Refused(
            f"Security defaults {why} at {client.name}. Per-user MFA is not used beside them."
        )
    lacking = controls.lacking.get(TenantPower.PER_USER, ())
    if lacking:
        raise Refused(
            f"The write app lacks {', '.join(lacking)} in {client.name}'s tenant. Grant it, then ask again."
        )


def _check_mixed(client: Client, section: MfaSection) -> None:
    """Where some have licences for conditional access, the others have to be told apart for sure."""
    if all(verdict.premium is not Fact.NO for verdict in section.verdicts):
        raise Refused(
            f"{client.name} has licences for conditional access, so MFA is enforced there with the "
            "client's mfa_group and never with the per-user state beside it."
        )
    if not (section.coverage.covers("policies") and section.coverage.covers("groups")):
        raise Refused(
            f"Whom the policies of {client.name} ask for MFA could not be read in full, and per-user MFA "
            "is never used beside them. Try again after the next scan."
        )


def _reasons(
    section: MfaSection,
    users: Sequence[str],
    states: Mapping[str, PerUserState],
    options: Options,
    *,
    mixed: bool,
) -> dict[str, str | None]:
    verdicts = {str(verdict.user_id): verdict for verdict in section.verdicts}
    return {
        user: (in_the_way(verdicts[user].premium, verdicts[user].requirement) if mixed else None)
        or _why_not(verdicts[user], states.get(user), options)
        for user in users
    }


def _why_not(verdict: MfaVerdict, state: PerUserState | None, options: Options) -> str | None:
    if verdict.kind is AccountKind.GUEST:
        return "a guest: MFA is its own tenant's to demand"
    if state in ON:
        return f"per-user MFA is {state} already"
    if state is not PerUserState.DISABLED:
        return "its per-user MFA could not be read"
    if verdict.capable is not Fact.YES and not options.include_without_method:
        return NO_METHOD
    return None


def _with_state(target: Target, state: PerUserState) -> Target:
    return replace(target, before={**target.before, "per-user MFA": state.value})
