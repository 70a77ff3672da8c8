"""Turn a finished tenant-wide change back into a plan: the setting as it was found, nothing deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.domain.clients import Client
from core.domain.identity import PolicyState
from core.domain.remediation import Action, Direction, Options, Plan, Request, StepState, Target
from core.domain.tenant_change import (
    Campaign,
    CreatePolicy,
    SetCampaign,
    SetPolicyState,
    TenantChange,
    TenantControls,
    TenantPolicy,
    stepped,
)
from core.errors import Refused
from core.ports import Clock, Directory, Requests
from core.rules.policy_templates import name_of
from core.rules.protection import is_protected
from core.rules.tenant_offers import STATE_WORDS, asked_for

_UNDONE = (Action.CREATE_POLICY, Action.PROMOTE_POLICY, Action.START_CAMPAIGN)
_WHY_NOT: Mapping[Action, str] = {
    Action.END_NOTICE: "undo the request that enabled the policy instead",
    Action.SECURITY_DEFAULTS: "Gatehouse never switches security defaults off",
}
_STAYS = "The policy itself and all it excludes"
_LESS: Mapping[PolicyState, str] = {
    PolicyState.REPORT_ONLY: "It no longer demands anything of anybody; the sign-in log goes on showing it.",
    PolicyState.DISABLED: "It does nothing any more, not even in the sign-in log.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantUndo:
    """Plans the way back. Raises Refused with what to do, or VendorError."""

    directory: Directory
    requests: Requests
    clock: Clock

    def __call__(self, client: Client, done: Request, later: Iterable[Request] = ()) -> Plan:
        """Covers only what `done` changed and what still stands so; `later` ended since."""
        _check(done)
        if not self.directory.can_write:
            raise Refused("Gatehouse is read-only for Entra: no write app is configured.")
        controls = self.directory.controls(client)
        self._check_alone(client, done, later, _subject(done, controls))
        if isinstance(done.plan.change, SetCampaign):
            return self._campaign(done, done.plan.change, controls)
        return self._policy(client, done, controls)

    def _check_alone(
        self, client: Client, done: Request, later: Iterable[Request], subject: str
    ) -> None:
        since = tuple(later)
        back = next((r for r in since if r.plan.undo_of == done.id and _changed(r)), None)
        if back is not None:
            raise Refused(f"Nothing of {done.id} is left to undo: {back.id} took it back already.")
        newer = next((r for r in since if _made_it_so_again(r, done, subject)), None)
        if newer is not None:
            raise Refused(f"{newer.id} made it so anew since. Undo that one instead.")
        under_way = asked_for(client, self.requests.open()).get(subject)
        if under_way is not None:
            raise Refused(f"{under_way} asks for a change of it already. Let that one end first.")

    def _policy(self, client: Client, done: Request, controls: TenantControls) -> Plan:
        item, back = _still_there(controls, done), _before(done)
        if item.state is not _left(done):
            raise Refused(f"Nothing of {done.id} is left to undo: it is {STATE_WORDS[item.state]}.")
        change = SetPolicyState(
            policy_id=item.id,
            name=item.name,
            before=item.state,
            after=back,
            fingerprint=item.fingerprint,
            essence=item.essence,
            drop_excluded=_still_left_out(client, done, item),
        )
        target = replace(
            done.plan.targets[0],
            id=item.id,
            name=item.name,
            before={"state": STATE_WORDS[item.state]},
            not_before=None,
        )
        stays = "The policy itself and whom else it excludes" if change.drop_excluded else _STAYS
        words = (_LESS[back], f"{stays} stay: Gatehouse deletes none.")
        return self._plan(done, Action.STEP_BACK_POLICY, change, target, words)

    def _campaign(self, done: Request, change: SetCampaign, controls: TenantControls) -> Plan:
        if controls.campaign is None:
            raise Refused("The registration campaign could not be read. Try again.")
        if controls.campaign != change.after:
            raise Refused(f"The campaign was changed since {done.id}: mend it in the Entra portal.")
        back = SetCampaign(before=change.after, after=change.before)
        target = replace(done.plan.targets[0], before={"state": change.after.state})
        words = ("Nobody is nudged any more; whoever has registered since keeps the method.",)
        return self._plan(done, Action.UNDO_CAMPAIGN, back, target, words)

    def _plan(
        self,
        done: Request,
        action: Action,
        change: TenantChange,
        target: Target,
        warnings: tuple[str, ...],
    ) -> Plan:
        return Plan(
            client=done.plan.client,
            client_name=done.plan.client_name,
            account="entra",
            action=action,
            direction=Direction.LOWERS,
            options=Options(),
            targets=(target,),
            warnings=warnings,
            change=change,
            undo_of=done.id,
            made_at=self.clock.now(),
        )


def tenant_undoable(request: Request) -> bool:
    """Whether an Undo button may be drawn."""
    return request.plan.action in _UNDONE and request.state.final and _changed(request)


def _check(done: Request) -> None:
    if done.plan.action not in _UNDONE:
        why = _WHY_NOT.get(done.plan.action, "it is itself an undo; ask for the change anew")
        raise Refused(f"{done.id} cannot be undone: {why}.")
    if not done.state.final:
        raise Refused(f"{done.id} has not ended yet. Cancel it first: /gatehouse cancel {done.id}")
    if not _changed(done):
        raise Refused(f"{done.id} changed nothing, so there is nothing to undo.")


def _changed(request: Request) -> bool:
    return any(step.changed for step in request.steps)


def _made_it_so_again(later: Request, done: Request, subject: str) -> bool:
    """Whether it stands as `done` left it because of another one; an undo only gives back what was."""
    same = later.plan.client == done.plan.client and _target(later) == subject
    anew = later.id != done.id and later.plan.undo_of is None and _changed(later)
    return same and anew and _left(later) == _left(done)


def _left(request: Request) -> PolicyState | Campaign:
    """How a request left its setting."""
    change = stepped(request.plan.change)
    if isinstance(change, SetPolicyState | SetCampaign):
        return change.after
    return PolicyState.REPORT_ONLY


def _before(request: Request) -> PolicyState:
    """How a policy was before; one that was not there yet is disabled instead of deleted."""
    change = stepped(request.plan.change)
    return change.before if isinstance(change, SetPolicyState) else PolicyState.DISABLED


def _still_left_out(client: Client, done: Request, item: TenantPolicy) -> tuple[str, ...]:
    """Those on notice who still stand where `done` put them, and for whose sake nothing speaks for that since."""
    return tuple(
        sorted(
            target.id
            for target in done.plan.on_notice
            if target.id in item.policy.exclude.users
            and done.step(target.id).state is not StepState.VERIFIED
            and not is_protected(target, done.plan, client)
        )
    )


def _target(request: Request) -> str:
    """The policy's id, of a created one too, or else the name of the setting."""
    created = next((job.reference for job in request.jobs if job.reference), None)
    return created or request.plan.targets[0].id


def _subject(request: Request, controls: TenantControls) -> str:
    """The same; a policy whose creation never got an answer is known by the number in its name."""
    change = request.plan.change
    names = (
        {name_of(change.name, j.id) for j in request.jobs}
        if isinstance(change, CreatePolicy)
        else ()
    )
    found = next((item.id for item in controls.policies or () if item.name in names), None)
    return found or _target(request)


def _still_there(controls: TenantControls, done: Request) -> TenantPolicy:
    if controls.policies is None:
        raise Refused(f"The policies could not be read: {controls.unread.get('policies', '')}")
    subject = _subject(done, controls)
    item = next((policy for policy in controls.policies if policy.id == subject), None)
    if item is None:
        raise Refused(f"Nothing of {done.id} is left to undo: the policy is gone.")
    return item
