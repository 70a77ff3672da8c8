"""Which outside calls a plan takes, in the order in which they are made."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from core.domain.remediation import Action, Job, JobId, JobKind, Options, Plan, Target
from core.domain.tenant_change import EnableInTurn, TenantChange

#: As many members, or requests of a batch, as Graph takes in one call.
BATCH = 20
_KINDS = {
    Action.ENFORCE_MFA: JobKind.ADD_TO_GROUP,
    Action.UNDO_ENFORCE_MFA: JobKind.REMOVE_FROM_GROUP,
    Action.ENABLE_PER_USER: JobKind.ENABLE_PER_USER,
    Action.UNDO_PER_USER: JobKind.DISABLE_PER_USER,
    Action.EXEMPT_MFA: JobKind.EXEMPT,
    Action.END_EXEMPTION: JobKind.END_EXEMPTION,
    Action.INSTALL_PATCHES: JobKind.INSTALL,
    Action.SCAN_PATCHES: JobKind.SCAN,
    Action.RESTART_DEVICES: JobKind.RESTART,
    Action.CREATE_POLICY: JobKind.CREATE_POLICY,
    Action.PROMOTE_POLICY: JobKind.SET_POLICY_STATE,
    Action.END_NOTICE: JobKind.END_NOTICE,
    Action.STEP_BACK_POLICY: JobKind.SET_POLICY_STATE,
    Action.SECURITY_DEFAULTS: JobKind.SECURITY_DEFAULTS,
    Action.START_CAMPAIGN: JobKind.SET_CAMPAIGN,
    Action.UNDO_CAMPAIGN: JobKind.SET_CAMPAIGN,
}


def kind_of(action: Action) -> JobKind:
    """The kind of call that carries out an action."""
    return _KINDS[action]


def jobs_of(plan: Plan, make_id: Callable[[], JobId]) -> tuple[Job, ...]:
    """One job per device; users in batches, and after all of them the signing out, where asked for.

    Whoever is on notice goes after the others, with jobs that wait for that day.
    """
    ends = sorted({target.not_before for target in plan.on_notice if target.not_before is not None})
    return tuple(
        Job(
            id=make_id(),
            kind=kind,
            account=plan.account,
            client=plan.client,
            targets=batch,
            group=plan.group,
            chosen=tuple(sorted(plan.target(batch[0]).chosen)) if plan.action.on_devices else (),
            families=plan.target(batch[0]).families,
            change=_change_of(plan, end),
            not_before=end,
        )
        for end in (None, *ends)
        for kind, batch in _calls(plan, [t.id for t in plan.targets if t.not_before == end])
    )


def _calls(plan: Plan, targets: Sequence[str]) -> Iterator[tuple[JobKind, tuple[str, ...]]]:
    if plan.action.on_tenant:
        yield from _call_on_tenant(plan, targets)
        return
    size = 1 if plan.action.on_devices else BATCH
    for batch in _batches(targets, size):
        yield _KINDS[plan.action], batch
    if not plan.action.on_devices:
        leaving = signed_out(plan.options, [plan.target(target) for target in targets])
        for batch in _batches([target.id for target in leaving], BATCH):
            yield JobKind.REVOKE_SESSIONS, batch


def _call_on_tenant(
    plan: Plan, targets: Sequence[str]
) -> Iterator[tuple[JobKind, tuple[str, ...]]]:
    """One call for the setting, and one for all the people who come to it later."""
    if targets:
        rest = isinstance(plan.change, EnableInTurn) and plan.targets[0].id not in targets
        yield JobKind.END_NOTICE if rest else _KINDS[plan.action], tuple(targets)


def _change_of(plan: Plan, end: datetime | None) -> TenantChange | None:
    """What a call changes of the tenant."""
    if isinstance(plan.change, EnableInTurn):
        return plan.change.enable if end is None else plan.change.rest
    return plan.change


def signed_out(options: Options, targets: Iterable[Target]) -> tuple[Target, ...]:
    """Who is signed out everywhere once the change is made."""
    return tuple(
        target
        for target in targets
        if options.revoke_sessions or (options.revoke_admins and target.is_admin)
    )


def _batches(targets: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(targets), size):
        yield tuple(targets[start : start + size])
