"""The clients' tenants behind the Directory port: one app reads them, another one changes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.domain.clients import Client
from core.domain.events import StepResult
from core.domain.evidence import SignInEvidence
from core.domain.facts import Coverage, Fact
from core.domain.identity import DirectoryReading, GroupProof, PerUserState
from core.domain.remediation import Action, Direction, Job, JobKind, Plan, RequestId
from core.domain.tenant_change import EndNotice, ReportOnlyImpact, TenantControls
from core.domain.what_if import WhatIf
from core.errors import VendorError, VendorNotFound
from core.ports import Clock, Evidence, Lanes, Recheck, Report
from integrations.entra.api import SOURCE, GraphApi, Priority
from integrations.entra.auth import SignIn
from integrations.entra.batch import Batches
from integrations.entra.change import Change, Watch
from integrations.entra.check import TenantProof, prove_tenant
from integrations.entra.controls import defaults_on, read_controls
from integrations.entra.group_proof import prove_group
from integrations.entra.groups import direct_members
from integrations.entra.last_administrator import last_enabled
from integrations.entra.last_sign_ins import TenantLastSignIns
from integrations.entra.membership import AddMembers, RemoveMembers
from integrations.entra.notice_end import LiftExclusions
from integrations.entra.pacing import TenantPaces
from integrations.entra.per_user_change import SwitchPerUser, read_states
from integrations.entra.per_user_recheck import left_to_policies
from integrations.entra.reading import TenantReader
from integrations.entra.report_only import read_impact
from integrations.entra.sample import Samples
from integrations.entra.sign_out import SignOut
from integrations.entra.single_factor import read_single_factor
from integrations.entra.tenant_recheck import recheck_tenant
from integrations.entra.tenant_writes import ChangeSetting, setting_of
from integrations.entra.what_if import APP_NAME, ask_what_if
from integrations.http import Http


class EntraDirectory:
    """Every tenant through two app registrations. `graph` is not authorized; each call gets its tenant's."""

    def __init__(
        self,
        *,
        graph: Http,
        read: SignIn,
        write: SignIn | None,
        clock: Clock,
        parallel: Lanes,
    ) -> None:
        self._graph = graph
        self._parallel = parallel
        self._read = read
        self._write = write
        self._clock = clock
        self._paces = TenantPaces()
        self._last_sign_ins = TenantLastSignIns()
        self._watch = Watch(clock=clock, sleep=graph.sleep)
        self._samples = Samples(clock)

    @property
    def can_write(self) -> bool:
        return self._write is not None

    def close(self) -> None:
        """Close the kept connections; they open again when used."""
        for app in filter(None, (self._read, self._write)):
            app.close()
        self._graph.sessions.close()

    def read(self, client: Client) -> DirectoryReading:
        tenant = self._tenant(client)
        api, last_sign_ins = self._api(self._read, tenant, "low"), self._last_sign_ins.of(tenant)
        reading = TenantReader(api, self._paces.of(tenant), last_sign_ins).read(self._blank(tenant))
        if not reading.coverage.complete:
            # so that what is granted meanwhile counts at the next read
            self._read.forget(tenant)
            last_sign_ins.forget()
        return reading

    def prove_group(self, client: Client) -> GroupProof:
        if client.mfa_group is None:
            problem = "no mfa_group is configured"
            return GroupProof(group_id="", name="(none)", problems=(problem,))
        tenant = self._tenant(client)
        return prove_group(self._acting(tenant), self._paces.of(tenant), client.mfa_group)

    def what_if(self, client: Client, user_id: str) -> WhatIf:
        tenant = self._tenant(client)
        api = self._api(self._read, tenant, "high")
        answers = ask_what_if(api, self._paces.of(tenant), user_id)
        return WhatIf(app=APP_NAME, asked_at=self._clock.now(), policies=answers)

    def existing(self, client: Client, user_ids: Sequence[str]) -> Mapping[str, Fact]:
        api = self._acting(self._tenant(client))
        urls = {user: f"/users/{user}?$select=id,accountEnabled" for user in user_ids}
        facts: dict[str, Fact] = {}
        for user, end in Batches(api=api).get(urls).items():
            if isinstance(end, VendorNotFound):
                facts[user] = Fact.NO
            elif isinstance(end, VendorError):
                raise end
            else:
                facts[user] = Fact.of(end.get("accountEnabled"))
        return facts

    def single_factor_sign_ins(self, client: Client, since: datetime) -> SignInEvidence:
        tenant = self._tenant(client)
        api = self._api(self._read, tenant, "low")
        return read_single_factor(api, self._paces.of(tenant), since, self._clock.now())

    def per_user_states(
        self, client: Client, user_ids: Sequence[str]
    ) -> Mapping[str, PerUserState]:
        return read_states(self._acting(self._tenant(client)), user_ids)

    def controls(self, client: Client) -> TenantControls:
        tenant = self._tenant(client)
        roles = (self._write or self._read).roles(tenant)
        return read_controls(self._acting(tenant), self._paces.of(tenant), roles)

    def impact(self, client: Client, policy_id: str, since: datetime) -> ReportOnlyImpact:
        tenant = self._tenant(client)
        api = self._api(self._read, tenant, "high")
        return read_impact(api, self._paces.of(tenant), policy_id, since)

    def prove(self, client: Client) -> TenantProof:
        """For `bot.py check`: credentials, permissions, the tenant's names, break-glass and group."""
        tenant = self._tenant(client)
        return prove_tenant(
            self,
            client,
            read=self._read,
            write=self._write,
            api=self._api(self._read, tenant, "normal"),
        )

    # Acting.

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        if plan.action is Action.UNDO_ENFORCE_MFA:
            return self._recheck_undo(client, plan, targets)
        if plan.action.on_tenant:
            return self._recheck_tenant(client, plan, targets)
        if plan.action is Action.ENABLE_PER_USER:
            return self._recheck_per_user(client, plan, targets)
        if plan.action is Action.UNDO_PER_USER:
            return Recheck()
        proof = self.prove_group(client)
        gone = self._gone(client, plan, targets) | {
            target: f"excluded by the policy {proof.excluded[target]}"
            for target in targets
            if target in proof.excluded
        }
        return Recheck(gone=gone, wider=_wider(plan, proof))

    def _gone(self, client: Client, plan: Plan, targets: Sequence[str]) -> dict[str, str]:
        """Who must not be asked for MFA by now, by whichever means."""
        existing = self.existing(client, targets)
        gone = {
            target: "the account no longer exists or is disabled"
            for target in targets
            if existing[target] is not Fact.YES
        }
        return {**gone, **self._last_administrators(client, plan, targets)}

    def _recheck_per_user(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        tenant = self._tenant(client)
        api = self._api(self._read, tenant, "high")
        if defaults_on(api) is not Fact.NO:
            return Recheck(wider="security defaults are on, or it is not known whether they are")
        gone = self._gone(client, plan, targets)
        left = [target for target in targets if target not in gone]
        theirs = left_to_policies(api, self._paces.of(tenant), self._blank(tenant), left)
        return Recheck(gone={**gone, **theirs})

    def _blank(self, tenant: str) -> DirectoryReading:
        return DirectoryReading(
            tenant_id=tenant, coverage=Coverage(), observed_at=self._clock.now()
        )

    def _last_administrators(
        self, client: Client, plan: Plan, targets: Sequence[str]
    ) -> Mapping[str, str]:
        """Asked of the read app, and only where the plan holds administrators at all."""
        admins = [target for target in targets if plan.target(target).is_admin]
        if not admins:
            return {}
        api = self._api(self._read, self._tenant(client), "high")
        return last_enabled(api, admins, lambda users: self.existing(client, users))

    def _recheck_undo(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Whatever else the group has become, taking out who was put in stays what was approved."""
        try:
            inside = direct_members(self._acting(self._tenant(client)), plan.group or "")
        except VendorNotFound:
            return Recheck(gone=dict.fromkeys(targets, "the group no longer exists"))
        out = [target for target in targets if target not in inside]
        return Recheck(gone=dict.fromkeys(out, "no longer in the group"))

    def _recheck_tenant(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        """Going back is never held up by a break-glass list that is broken by then."""
        if plan.direction is Direction.RAISES:
            existing = self.existing(client, client.break_glass)
            if not existing or any(fact is not Fact.YES for fact in existing.values()):
                return Recheck(wider="the list of break-glass accounts is empty or broken since")
        tenant = self._tenant(client)
        return recheck_tenant(self._acting(tenant), self._paces.of(tenant), client, plan, targets)

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        return self._change(self._tenant(client), job).mark()

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:  # noqa: ARG002 - Graph keeps no note of ours
        return self._change(self._tenant(client), job).dispatch()

    def follow(self, client: Client, job: Job) -> Report:
        return self._change(self._tenant(client), job).follow()

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:  # noqa: ARG002 - the job says it all
        results = self._change(self._tenant(client), job).verify()
        if job.kind is not JobKind.ADD_TO_GROUP:
            return results
        return self._samples.confirm(job.id, results, lambda user: self.what_if(client, user))

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:  # noqa: ARG002 - Graph keeps no note of ours
        return self._change(self._tenant(client), job).reconcile()

    def _change(self, tenant: str, job: Job) -> Change:
        api = self._acting(tenant)
        if isinstance(job.change, EndNotice):
            return LiftExclusions(
                api=api, pace=self._paces.of(tenant), watch=self._watch, job=job, change=job.change
            )
        if job.change is not None:
            setting = setting_of(api, self._paces.of(tenant), job, job.change)
            return ChangeSetting(job=job, watch=self._watch, setting=setting)
        if job.kind in (JobKind.ENABLE_PER_USER, JobKind.DISABLE_PER_USER):
            return SwitchPerUser(api=api, job=job, watch=self._watch)
        if job.kind is JobKind.REVOKE_SESSIONS:
            return SignOut(api=api, job=job, watch=self._watch)
        if job.group is not None and job.kind is JobKind.ADD_TO_GROUP:
            return AddMembers(api=api, job=job, group=job.group, watch=self._watch)
        if job.group is not None and job.kind is JobKind.REMOVE_FROM_GROUP:
            return RemoveMembers(api=api, job=job, group=job.group, watch=self._watch)
        raise VendorError(SOURCE, f"{job.kind} is nothing that is done in a tenant.")

    # Whom we speak to, as whom.

    def _tenant(self, client: Client) -> str:
        if client.tenant_id is None:
            raise VendorError(SOURCE, f"{client.name} has no tenant_id in the configuration.")
        return client.tenant_id

    def _acting(self, tenant: str) -> GraphApi:
        """As the write app, which can prove what it is about to do; without one, as the read app."""
        return self._api(self._write or self._read, tenant, "high")

    def _api(self, app: SignIn, tenant: str, priority: Priority) -> GraphApi:
        http = self._graph.with_authorization(app.authorize(tenant))
        return GraphApi(http=http, priority=priority, parallel=self._parallel)


def _wider(plan: Plan, proof: GroupProof) -> str | None:
    """Why the same call would no longer do just what was approved."""
    if plan.group != proof.group_id:
        return "the configuration names another MFA group since"
    if proof.problems:
        return f"the group {proof.name} cannot be used any more: {'; '.join(proof.problems)}"
    return None
