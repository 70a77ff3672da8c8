"""Changing a tenant's own settings: looked at before, sent once, read back, and asked about with what-if."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from core.domain.events import StepResult
from core.domain.identity import PolicyState
from core.domain.remediation import Job, JobState, StepState
from core.domain.tenant_change import (
    CreatePolicy,
    SecurityDefaultsOn,
    SetCampaign,
    SetPolicyState,
)
from core.errors import VendorRefused
from core.ports import Evidence, Report, Truth
from core.rules.policy_templates import name_of
from integrations.entra import tenant_settings
from integrations.entra.api import SOURCE, GraphApi, Json
from integrations.entra.change import Watch
from integrations.entra.one_policy import EDITED, edited, policy_path, read_policy
from integrations.entra.pacing import TenantPace
from integrations.entra.policy_proof import Verdict, judged

_MARK = "stood"
#: A stand-in for a setting that has no id of its own.
_THERE = "there"
SettingChange = CreatePolicy | SetPolicyState | SecurityDefaultsOn | SetCampaign
_UNSEEN: Verdict = (StepState.DONE, "not yet visible at the source")


class Setting(Protocol):
    """One setting and how it shall stand.

    `always_ours`: nobody but this very job can have made it stand so, whenever that shows.
    """

    always_ours: ClassVar[bool]

    def standing(self) -> str | None:
        """Its id where it stands as wanted now, None where it does not. Raises VendorError."""

    def make(self) -> str | None:
        """Make the one call; gives the id of what it made. See core.ports.Effector.dispatch."""

    def proof(self) -> Verdict:
        """What reading back shows; DONE where the change is not seen yet. Raises VendorError."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeSetting:
    """One job on one setting. Its mark says whether the setting stood as wanted before the call."""

    job: Job
    watch: Watch
    setting: Setting

    def mark(self) -> Mapping[str, str]:
        return {_MARK: self.setting.standing() or ""}

    def dispatch(self) -> Report:
        if self._stood:
            return self.follow()
        return self._done(self.setting.make())

    def follow(self) -> Report:
        return self._done(self._stood or None)

    def verify(self) -> tuple[StepResult, ...]:
        return self._results(*self.setting.proof())

    def reconcile(self) -> Evidence:
        """A setting that does not stand when replicas agree was not changed: sending again is the first time."""
        found: list[str] = []

        def look() -> frozenset[str]:
            found[:] = filter(None, [self.setting.standing()])
            return frozenset(self.job.targets) if found else frozenset()

        if not self.watch.until_seen(self.job, frozenset(self.job.targets), look):
            return Evidence(truth=Truth.NOT_SENT, detail="Entra does not show the change.")
        reference = found[0] if found[0] != _THERE else None
        return Evidence(
            truth=Truth.SENT, reference=reference, detail="Entra shows the setting as wanted."
        )

    @property
    def _stood(self) -> str:
        return self.job.mark.get(_MARK, "")

    @property
    def _ours(self) -> bool:
        """Whether it stands so because of this job, if it does."""
        return self.setting.always_ours or not self._stood

    def _done(self, reference: str | None) -> Report:
        return Report(
            state=JobState.DONE,
            reference=None if reference == _THERE else reference,
            results=tuple(
                StepResult(
                    target=target,
                    state=StepState.DONE,
                    reason="" if self._ours else "was so already",
                    changed=self._ours,
                )
                for target in self.job.targets
            ),
        )

    def _results(self, state: StepState, reason: str) -> tuple[StepResult, ...]:
        changed = self._ours if state is StepState.VERIFIED else None
        return tuple(
            StepResult(target=t, state=state, reason=reason, changed=changed)
            for t in self.job.targets
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPolicy:
    """A policy that bears the job's number in its name: by that it is found again after a lost answer."""

    always_ours: ClassVar[bool] = True
    api: GraphApi
    pace: TenantPace
    job: Job
    change: CreatePolicy

    @property
    def name(self) -> str:
        return name_of(self.change.name, self.job.id)

    def standing(self) -> str | None:
        row = self._find()
        return None if row is None else str(row["id"])

    def make(self) -> str | None:
        body = tenant_settings.new_policy(self.change, self.name)
        answer = self.api.write(
            "POST", tenant_settings.POLICIES, body, pace=self.pace.policies
        ).json()
        made = answer.get("id") if isinstance(answer, dict) else None
        return made if isinstance(made, str) else None

    def proof(self) -> Verdict:
        row = self._find()
        if row is None:
            return _UNSEEN
        if not tenant_settings.is_as_created(row, self.change):
            return StepState.NOT_VERIFIED, "it asks or spares others than was approved: look at it"
        return judged(self.api, self.pace, row, PolicyState.REPORT_ONLY, self.change.sample)

    def _find(self) -> Json | None:
        rows = self.api.rows(tenant_settings.POLICIES, pace=self.pace.policies)
        return next((row for row in rows if row.get("displayName") == self.name), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyInState:
    """An existing policy, with accounts that join its exclusions in the same call."""

    always_ours: ClassVar[bool] = False
    api: GraphApi
    pace: TenantPace
    change: SetPolicyState

    def standing(self) -> str | None:
        return self.change.policy_id if self._stands(self._read()) else None

    def make(self) -> str | None:
        """What was looked at a few seconds ago may have been edited since, break-glass accounts taken out."""
        now = self.api.get(self._path, pace=self.pace.policies)
        if edited(tenant_settings.tenant_policy(now), self.change):
            raise VendorRefused(SOURCE, f"{EDITED}; nothing was sent")
        body: Json = {"state": tenant_settings.STATE_VALUES[self.change.after]}
        add, drop = self.change.add_excluded, self.change.drop_excluded
        if add or drop:
            body["conditions"] = {"users": tenant_settings.excluding(now, add=add, drop=drop)}
        self.api.write("PATCH", self._path, body, pace=self.pace.policies)
        return self.change.policy_id

    def proof(self) -> Verdict:
        row = self._read()
        if not self._stands(row):
            return _UNSEEN
        if tenant_settings.tenant_policy(row).essence != self.change.essence:
            return StepState.NOT_VERIFIED, "more of it was changed than its state: look at it"
        return judged(self.api, self.pace, row, self.change.after, self.change.sample)

    def _read(self) -> Json:
        return read_policy(self.api, self.pace, self.change.policy_id)

    def _stands(self, row: Json) -> bool:
        excluded = tenant_settings.excluded_users(row)
        return (
            row.get("state") == tenant_settings.STATE_VALUES[self.change.after]
            and excluded.issuperset(self.change.add_excluded)
            and excluded.isdisjoint(self.change.drop_excluded)
        )

    @property
    def _path(self) -> str:
        return policy_path(self.change.policy_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Defaults:
    """Security defaults, on."""

    always_ours: ClassVar[bool] = False
    api: GraphApi

    def standing(self) -> str | None:
        on = self.api.get(tenant_settings.DEFAULTS).get("isEnabled") is True
        return _THERE if on else None

    def make(self) -> str | None:
        self.api.write("PATCH", tenant_settings.DEFAULTS, {"isEnabled": True})
        return None

    def proof(self) -> Verdict:
        return (StepState.VERIFIED, "on, as read back") if self.standing() else _UNSEEN


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignSetting:
    """The registration campaign, whole."""

    always_ours: ClassVar[bool] = False
    api: GraphApi
    change: SetCampaign

    def standing(self) -> str | None:
        now = tenant_settings.campaign(self.api.get(tenant_settings.METHODS))
        return _THERE if now == self.change.after else None

    def make(self) -> str | None:
        body = tenant_settings.campaign_body(self.change.after)
        self.api.write("PATCH", tenant_settings.METHODS, body)
        return None

    def proof(self) -> Verdict:
        if self.standing() is None:
            return _UNSEEN
        return StepState.VERIFIED, f"{self.change.after.state}, as read back"


def setting_of(api: GraphApi, pace: TenantPace, job: Job, change: SettingChange) -> Setting:
    """The setting that a job's change is about."""
    match change:
        case CreatePolicy():
            return NewPolicy(api=api, pace=pace, job=job, change=change)
        case SetPolicyState():
            return PolicyInState(api=api, pace=pace, change=change)
        case SecurityDefaultsOn():
            return Defaults(api=api)
        case SetCampaign():
            return CampaignSetting(api=api, change=change)
