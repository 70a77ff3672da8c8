"""Every address the directory knows of is asked for here, and what passes is held against the published schema."""

from dataclasses import replace
from datetime import timedelta

from core.domain.clients import ClientKey
from core.domain.identity import PolicyState
from core.domain.remediation import Action, Job, JobId, JobKind
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
from core.rules.policy_templates import NAMES
from tests.described.exchange import Exchange
from tests.described.graph import asked
from tests.described.used import never_asked, used
from tests.integrations.entra.house import REQUEST, House

PACKAGE = "integrations/entra"
UNLICENSED = "cedar-finch"


def test_every_address_in_the_directorys_source_is_asked_for(
    house: House, heard: list[Exchange]
) -> None:
    """So that none passes by the schema: a new one has to be asked for here."""
    _read(house)
    _change_people(house)
    _change_the_tenant(house)
    assert len(used(PACKAGE)) >= 30
    assert never_asked(PACKAGE, [part for exchange in heard for part in asked(exchange)]) == []


def _read(house: House) -> None:
    directory, client = house.directory, house.client()
    weeks_ago = house.world.clock.now() - timedelta(days=14)
    person = house.outside(1)[0]
    for key in ("acme-dental", "blue-river-law", "harbor", UNLICENSED):
        directory.read(house.client(key))
    directory.prove(client)
    directory.prove_group(client)
    directory.what_if(client, person.id)
    directory.existing(client, [person.id])
    directory.single_factor_sign_ins(client, weeks_ago)
    directory.impact(client, _planned(directory.controls(client)).id, weeks_ago)


def _change_people(house: House) -> None:
    *two, gone = house.outside(3)
    refused = house.job(JobKind.ADD_TO_GROUP, two[0], gone)
    del house.tenant().users[gone.id]
    _done(house, refused)
    for kind in (JobKind.ADD_TO_GROUP, JobKind.REMOVE_FROM_GROUP, JobKind.REVOKE_SESSIONS):
        _done(house, house.job(kind, *two))
        _done(house, house.job(kind, *two[:1]))
    several = list(house.tenant(UNLICENSED).users.values())[:2]
    for kind in (JobKind.ENABLE_PER_USER, JobKind.DISABLE_PER_USER):
        _done(house, house.job(kind, *several, key=UNLICENSED))


def _change_the_tenant(house: House) -> None:
    controls = house.directory.controls(house.client())
    before, planned = controls.campaign, _planned(controls)
    assert before is not None
    flip = SetPolicyState(
        policy_id=planned.id, name=planned.name, before=planned.state, after=PolicyState.DISABLED,
        fingerprint=planned.fingerprint, essence=planned.essence,
    )  # fmt: skip
    guards, template = tuple(sorted(house.client().break_glass)), PolicyTemplate.RESISTANT_ADMINS
    new = CreatePolicy(template=template, name=NAMES[template], excluded_users=guards)
    campaign = SetCampaign(before=before, after=replace(before, state="disabled"))
    _done(house, _setting(house, JobKind.CREATE_POLICY, new))
    _done(house, _setting(house, JobKind.SET_POLICY_STATE, flip))
    _done(house, _setting(house, JobKind.SET_CAMPAIGN, campaign))
    _done(house, _setting(house, JobKind.SECURITY_DEFAULTS, SecurityDefaultsOn(), UNLICENSED))


def _planned(controls: TenantControls) -> TenantPolicy:
    return next(p for p in controls.policies or () if p.state is PolicyState.REPORT_ONLY)


def _setting(house: House, kind: JobKind, change: TenantChange, key: str = "acme-dental") -> Job:
    job = Job(
        id=JobId("R4K7Q-1"), kind=kind, account="entra", client=ClientKey(key),
        targets=("setting",), change=change, dispatched_at=house.world.clock.now(),
    )  # fmt: skip
    return replace(job, mark=house.directory.mark(house.client(key), job))


def _done(house: House, job: Job) -> None:
    client = house.client(str(job.client))
    house.directory.dispatch(client, job, REQUEST)
    house.world.clock.advance(5)
    plan = house.plan(Action.ENFORCE_MFA, key=str(job.client))
    house.directory.verify(client, job, replace(plan, change=job.change))
