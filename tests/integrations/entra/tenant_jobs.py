"""Changes to a whole tenant, made and verified at the stand-in."""

from dataclasses import replace
from typing import Any

from core.domain.clients import ClientKey
from core.domain.events import StepResult
from core.domain.identity import PolicyState
from core.domain.remediation import Action, Job, JobId, JobKind, Plan
from core.domain.tenant_change import (
    CreatePolicy,
    PolicyTemplate,
    SecurityDefaultsOn,
    SetCampaign,
    SetPolicyState,
    TenantChange,
    TenantControls,
    TenantPolicy,
)
from core.ports import Report
from core.rules.admin_roles import DIRECTORY_SYNC_ROLE
from core.rules.policy_templates import NAMES
from tests.integrations.entra.house import REQUEST, House

KEY = "acme-dental"
POLICIES = "/conditionalAccess/policies"
KINDS = {
    CreatePolicy: JobKind.CREATE_POLICY,
    SetPolicyState: JobKind.SET_POLICY_STATE,
    SecurityDefaultsOn: JobKind.SECURITY_DEFAULTS,
    SetCampaign: JobKind.SET_CAMPAIGN,
}
ALL, ADMINS, LEGACY = PolicyTemplate


def a_job(house: House, change: TenantChange, key: str = KEY) -> Job:
    """As the executor would have marked it just before the call."""
    job = Job(
        id=JobId("R4K7Q-1"),
        kind=KINDS[type(change)],
        account="entra",
        client=ClientKey(key),
        targets=("setting",),
        change=change,
        dispatched_at=house.world.clock.now(),
    )
    return replace(job, mark=house.directory.mark(house.client(key), job))


def a_plan(house: House, change: TenantChange, key: str = KEY, **facts: Any) -> Plan:
    return replace(house.plan(Action.CREATE_POLICY, key=key), change=change, group=None, **facts)


def dispatch(house: House, job: Job, key: str = KEY) -> Report:
    return house.directory.dispatch(house.client(key), job, REQUEST)


def verify(house: House, job: Job, key: str = KEY) -> StepResult:
    assert job.change is not None
    (result,) = house.directory.verify(house.client(key), job, a_plan(house, job.change, key))
    return result


def wider(house: House, change: TenantChange, key: str = KEY, **facts: Any) -> str | None:
    plan = a_plan(house, change, key, **facts)
    return house.directory.recheck(house.client(key), plan, ["setting"]).wider


def controls(house: House, key: str = KEY) -> TenantControls:
    return house.directory.controls(house.client(key))


def created(house: House, template: PolicyTemplate = ALL, **facts: Any) -> CreatePolicy:
    return CreatePolicy(
        template=template,
        name=NAMES[template],
        **(
            {
                "excluded_users": tuple(sorted(house.client().break_glass)),
                "excluded_roles": (DIRECTORY_SYNC_ROLE,),
            }
            | facts
        ),
    )


def truly(house: House, name: str, key: str = KEY) -> dict[str, Any]:
    """A policy as the tenant holds it."""
    return next(p for p in house.tenant(key).policies if p["displayName"].startswith(name))


def stepped(house: House, name: str, after: PolicyState, **facts: Any) -> SetPolicyState:
    item = read(house, name)
    return SetPolicyState(
        policy_id=item.id,
        name=item.name,
        before=item.state,
        after=after,
        fingerprint=item.fingerprint,
        essence=item.essence,
        **facts,
    )


def read(house: House, name: str) -> TenantPolicy:
    return next(p for p in controls(house).policies or () if p.name.startswith(name))
