"""Who may ask, decide, stop and restart: evaluated at click time, and no by default.

Every refusal is one sentence that says what is wrong and what to do next.
"""

from datetime import datetime

from core.domain.clients import Client, ClientKey
from core.domain.people import ChatIdentity, Person, PersonKey, Role
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import (
    Action,
    Direction,
    Plan,
    Request,
    RequestState,
    Target,
    Verdict,
)
from core.domain.tenant_change import CreatePolicy
from core.errors import NotAllowed, Refused, TooLate
from core.rules.protection import is_protected

_DIRECTIONS = {
    Action.ENFORCE_MFA: Direction.RAISES,
    Action.UNDO_ENFORCE_MFA: Direction.LOWERS,
    Action.ENABLE_PER_USER: Direction.RAISES,
    Action.UNDO_PER_USER: Direction.LOWERS,
    Action.EXEMPT_MFA: Direction.LOWERS,
    Action.END_EXEMPTION: Direction.RAISES,
    Action.INSTALL_PATCHES: Direction.RAISES,
    Action.SCAN_PATCHES: Direction.NEUTRAL,
    # What is installed and waits for a restart protects nothing before it.
    Action.RESTART_DEVICES: Direction.RAISES,
    Action.CREATE_POLICY: Direction.RAISES,
    Action.PROMOTE_POLICY: Direction.RAISES,
    Action.END_NOTICE: Direction.RAISES,
    Action.STEP_BACK_POLICY: Direction.LOWERS,
    Action.SECURITY_DEFAULTS: Direction.RAISES,
    Action.START_CAMPAIGN: Direction.RAISES,
    Action.UNDO_CAMPAIGN: Direction.LOWERS,
}


def direction_of(action: Action) -> Direction:
    """Whether an action leaves its targets better or worse protected, whatever a plan says of itself."""
    return _DIRECTIONS[action]


def approvals_needed(plan: Plan, policy: ApprovalPolicy) -> int:
    """How many have to agree: for lowering protection always more than for raising it."""
    raising = max(policy.approvals_raise, 1)
    if any(target.is_admin for target in plan.targets):
        raising = max(raising, policy.approvals_admins)
    if Direction.LOWERS in (plan.direction, direction_of(plan.action)):
        return max(policy.approvals_lower, raising + 1)
    return raising


def may_request(
    person: Person,
    identity: ChatIdentity,
    client: Client,
    plan: Plan,
    *,
    policy: ApprovalPolicy,
    pending_of_person: int,
    weight_last_hour: int,
) -> None:
    """Raise NotAllowed or Refused where this person may not ask for this plan now."""
    must_hold(person, identity, Role.TECHNICIAN, client.key, f"ask for changes at {client.name}")
    if plan.client != client.key:
        raise Refused(f"This plan is for {plan.client_name}, not for {client.name}. Make it anew.")
    if not plan.targets:
        raise Refused("Nothing is left to do: every target was skipped. Choose others.")
    if pending_of_person >= policy.max_pending_per_person:
        raise Refused(
            f"You have {pending_of_person} open requests, which is the limit. "
            "Wait for one to end, or withdraw one with /gatehouse cancel."
        )
    _check_targets(plan, client)
    _check_blast_radius(plan, policy, weight_last_hour)


def may_decide(
    request: Request,
    person: Person,
    identity: ChatIdentity,
    client: Client,
    *,
    verdict: Verdict,
    policy: ApprovalPolicy,
    now: datetime,
) -> None:
    """Raise NotAllowed, Refused or TooLate where this person may not give this answer now."""
    check_identity(identity)
    if person.key == request.requester:
        raise NotAllowed(
            f"You asked for {request.id} yourself, so someone else has to decide. "
            f"To take it back: /gatehouse cancel {request.id}"
        )
    must_hold(person, identity, Role.APPROVER, client.key, f"decide on changes at {client.name}")
    if request.plan.client != client.key:
        raise Refused(f"{request.id} is not a request for {client.name}.")
    _check_still_pending(request, now)
    _check_first_answer(request, person)
    if verdict is Verdict.APPROVE:
        _check_unchanged(request, policy)
        _check_notice(request, now)


def may_cancel(request: Request, person: Person, identity: ChatIdentity) -> None:
    """Stopping is safe: the requester may, and every technician of the client."""
    check_identity(identity)
    if person.key != request.requester:
        client = request.plan.client
        must_hold(person, identity, Role.TECHNICIAN, client, f"cancel {request.id}")


def may_settle(request: Request, person: Person, identity: ChatIdentity) -> None:
    """A person's word takes the place of proof, so it is an approver's, and not the requester's."""
    must_hold(person, identity, Role.APPROVER, request.plan.client, f"settle {request.id}")
    if person.key == request.requester:
        raise NotAllowed(
            f"You asked for {request.id} yourself, so another approver has to settle it."
        )


def may_freeze(person: Person, identity: ChatIdentity) -> None:
    """Any technician, of whichever client."""
    must_hold(person, identity, Role.TECHNICIAN, None, "freeze Gatehouse")


def may_unfreeze(person: Person, identity: ChatIdentity, asked_by: PersonKey | None) -> None:
    """Takes two approvers; `asked_by` is the one who has asked already."""
    must_hold(person, identity, Role.APPROVER, None, "unfreeze Gatehouse")
    if person.key == asked_by:
        raise NotAllowed("You have asked to unfreeze already; a second approver has to agree.")


def must_hold(
    person: Person, identity: ChatIdentity, role: Role, client: ClientKey | None, purpose: str
) -> None:
    """Raise NotAllowed unless the account is in order and the person holds the role there."""
    check_identity(identity)
    if person.may(role, client):
        return
    held = person.role_for(client)
    has = f"you are {held.value}" if held else "you have no role there"
    raise NotAllowed(
        f"To {purpose} you need the role {role.value}; {has}. Ask Gatehouse's owner for it."
    )


def check_identity(identity: ChatIdentity) -> None:
    """Raise NotAllowed for accounts that never ask nor decide, whoever they claim to be."""
    if identity.deactivated:
        raise NotAllowed("This chat account is deactivated. Use your active one.")
    if identity.bot:
        raise NotAllowed("Bots neither ask nor decide here. A person has to do it.")
    if identity.external:
        raise NotAllowed(
            "This account belongs to another workspace. Use your account of our own workspace."
        )
    if identity.guest:
        raise NotAllowed("Guest accounts neither ask nor decide here. Ask a full member to do it.")


def weight_of(target: Target, policy: ApprovalPolicy) -> int:
    """What a target counts against the caps: never less than its kind weighs."""
    server = policy.server_weight if target.is_server else 0
    admin = policy.admin_weight if target.is_admin else 0
    return max(target.weight, server, admin)


def _check_targets(plan: Plan, client: Client) -> None:
    if plan.action in (Action.ENFORCE_MFA, Action.ENABLE_PER_USER):
        _check_enforceable(plan, client)
    if plan.action.on_tenant:
        _check_tenant_change(plan, client)
    for target in plan.targets:
        if target.id in client.break_glass:
            raise Refused(
                f"{target.name} is a break-glass account and is never touched. Take it off the list."
            )
        if is_protected(target, plan, client):
            raise Refused(
                f"{target.name} is protected in {client.name}'s configuration. Take it off the list."
            )


def _check_enforceable(plan: Plan, client: Client) -> None:
    if not client.break_glass:
        raise Refused(
            f"{client.name} has no break-glass accounts in the configuration. "
            "Name them there first: without them everybody could be locked out."
        )
    in_group = plan.action is Action.ENFORCE_MFA
    if in_group and (client.mfa_group is None or plan.group != client.mfa_group):
        raise Refused(
            f"This plan is not for the one mfa_group configured for {client.name}. Make it anew."
        )


def _check_tenant_change(plan: Plan, client: Client) -> None:
    """A change that holds for everyone is never asked for where the emergency accounts would meet it.

    The way back is not held up by their list.
    """
    if not client.break_glass and direction_of(plan.action) is not Direction.LOWERS:
        raise Refused(
            f"{client.name} has no break-glass accounts in the configuration. "
            "Name them there first: without them everybody could be locked out."
        )
    if plan.change is None:
        raise Refused("This plan does not say what it changes. Make it anew.")
    created = plan.change if isinstance(plan.change, CreatePolicy) else None
    if created is not None and not set(client.break_glass) <= set(created.excluded_users):
        raise Refused("The policy would not exclude every break-glass account. Make the plan anew.")


def _check_blast_radius(plan: Plan, policy: ApprovalPolicy, weight_last_hour: int) -> None:
    if direction_of(plan.action) is Direction.NEUTRAL:
        return
    weight = sum(weight_of(target, policy) for target in plan.targets)
    if weight > policy.max_weight_per_request:
        raise Refused(
            f"This weighs {weight}, and one request may weigh {policy.max_weight_per_request} "
            f"(a server counts {policy.server_weight}, an administrator {policy.admin_weight}). "
            "Choose fewer targets."
        )
    if weight + weight_last_hour > policy.max_weight_per_hour:
        raise Refused(
            f"Changes of the last hour weigh {weight_last_hour}; with this one ({weight}) they would "
            f"pass the limit of {policy.max_weight_per_hour} an hour. Try again later."
        )


def _check_still_pending(request: Request, now: datetime) -> None:
    if request.state is not RequestState.PENDING:
        raise TooLate(f"{request.id} {_became(request)}. There is nothing left to decide.")
    if now >= request.expires_at:
        raise TooLate(
            f"{request.id} expired at {request.expires_at:%H:%M} UTC. "
            f"{request.requester_name} can ask again."
        )


def _became(request: Request) -> str:
    if request.decisions:
        last = request.decisions[-1]
        word = "approved" if last.verdict is Verdict.APPROVE else "denied"
        return f"was already {word} by {last.by_name}"
    return f"is already {request.state.value}"


def _check_first_answer(request: Request, person: Person) -> None:
    if any(decision.by == person.key for decision in request.decisions):
        more = request.approvals_needed - len(request.approvals)
        raise Refused(
            f"You have approved {request.id} already; it waits for {more} more by someone else."
        )


def _check_notice(request: Request, now: datetime) -> None:
    if any(t.not_before is not None and t.not_before <= now for t in request.plan.targets):
        raise Refused(
            f"The day that {request.id} announced to people without a method has come already. "
            "Deny it and have it asked for anew, with a new day."
        )


def _check_unchanged(request: Request, policy: ApprovalPolicy) -> None:
    """What is stored must be what was asked for, and must need no more people than were asked."""
    if request.plan.digest != request.digest:
        raise Refused(
            f"The plan of {request.id} is not the one that was asked for. "
            "Deny it and have it asked for anew."
        )
    if request.approvals_needed < approvals_needed(request.plan, policy):
        raise Refused(
            f"{request.id} now needs more approvals than it was asked with. "
            "Deny it and have it asked for anew."
        )
