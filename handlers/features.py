"""All features of the Slack front door, put together from what they need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from core.domain.clients import ClientKey
from core.domain.evidence import SignInEvidence
from core.domain.policy import ApprovalPolicy, MfaPolicy, RingPolicy
from core.ports import Clock, Drafts, Exemptions, Parallel, Requests, ShownSnapshots, Switch
from core.usecases.cancel_request import CancelRequest
from core.usecases.decide_request import DecideRequest
from core.usecases.explain_mfa import ExplainMfa
from core.usecases.freeze import FreezeSwitch
from core.usecases.plan_exemptions import ExemptionPlanner
from core.usecases.plan_mfa import MfaPlanner
from core.usecases.plan_patches import PatchPlanner
from core.usecases.plan_per_user import PerUserPlanner
from core.usecases.plan_tenant import TenantPlanner
from core.usecases.request_plan import RequestPlan
from core.usecases.settle_step import SettleStep
from core.usecases.undo_tenant import TenantUndo
from handlers.approvals import Approvals
from handlers.asking import Asking
from handlers.desk import Desk
from handlers.door import Door
from handlers.exemptions import Exempting
from handlers.gatehouse import Gatehouse
from handlers.home import Home
from handlers.lists import Lists
from handlers.mfa import Mfa
from handlers.onboarding import Onboarding
from handlers.patches import Patches
from handlers.policies import Policies
from integrations.entra import EntraDirectory
from integrations.rmm.vendor import RmmAccount


class Feature(Protocol):
    """One module of handlers/: it registers what it listens to."""

    def register(self, door: Door) -> None:
        """Say which commands, actions, submissions and events it works off."""


@dataclass(frozen=True, kw_only=True)
class Features:
    """What the features share. `sockets` tells how many connections Slack says there are."""

    desk: Desk
    directory: EntraDirectory
    rmms: Mapping[str, RmmAccount]
    requests: Requests
    snapshots: ShownSnapshots
    drafts: Drafts
    switch: Switch
    exemptions: Exemptions
    evidence: Callable[[ClientKey], SignInEvidence | None]
    policy: ApprovalPolicy
    mfa_policy: MfaPolicy
    rings: RingPolicy
    clock: Clock
    parallel: Parallel
    sockets: Callable[[], int | None]

    def register(self, door: Door) -> None:
        for feature in self._all():
            feature.register(door)

    def _all(self) -> tuple[Feature, ...]:
        lists, asking, approvals = self._lists(), self._asking(), self._approvals()
        exempting = self._exempting(asking)
        policies = self._policies(asking)
        return (
            lists,
            asking,
            approvals,
            self._patches(lists, asking),
            exempting,
            policies,
            self._mfa(lists, asking, exempting, policies),
            self._gatehouse(approvals),
            Home(desk=self.desk, switch=self.switch),
        )

    def _lists(self) -> Lists:
        return Lists(
            desk=self.desk,
            vendor_names={name: rmm.vendor_name for name, rmm in self.rmms.items()},
            may_enforce=self.directory.can_write,
        )

    def _asking(self) -> Asking:
        request_plan = RequestPlan(
            requests=self.requests, switch=self.switch, policy=self.policy, clock=self.clock
        )
        return Asking(desk=self.desk, drafts=self.drafts, request_plan=request_plan)

    def _approvals(self) -> Approvals:
        return Approvals(
            desk=self.desk,
            decide=DecideRequest(requests=self.requests, policy=self.policy, clock=self.clock),
            cancel_request=CancelRequest(requests=self.requests, clock=self.clock),
            settle_step=SettleStep(requests=self.requests, clock=self.clock),
        )

    def _patches(self, lists: Lists, asking: Asking) -> Patches:
        return Patches(
            desk=self.desk,
            lists=lists,
            asking=asking,
            planner=PatchPlanner(
                rmms=self.rmms, policy=self.policy, rings=self.rings, clock=self.clock
            ),
            rmms=self.rmms,
        )

    def _exempting(self, asking: Asking) -> Exempting:
        planner = ExemptionPlanner(
            exemptions=self.exemptions, policy=self.policy, mfa=self.mfa_policy, clock=self.clock
        )
        return Exempting(desk=self.desk, asking=asking, planner=planner)

    def _policies(self, asking: Asking) -> Policies:
        return Policies(
            desk=self.desk,
            asking=asking,
            planner=TenantPlanner(
                directory=self.directory,
                requests=self.requests,
                policy=self.policy,
                mfa=self.mfa_policy,
                clock=self.clock,
            ),
            undo_plan=TenantUndo(
                directory=self.directory, requests=self.requests, clock=self.clock
            ),
        )

    def _mfa(self, lists: Lists, asking: Asking, exempting: Exempting, policies: Policies) -> Mfa:
        return Mfa(
            desk=self.desk,
            lists=lists,
            asking=asking,
            planner=MfaPlanner(
                directory=self.directory,
                policy=self.policy,
                mfa=self.mfa_policy,
                clock=self.clock,
            ),
            per_user=PerUserPlanner(
                directory=self.directory,
                policy=self.policy,
                mfa=self.mfa_policy,
                clock=self.clock,
            ),
            explain=ExplainMfa(
                directory=self.directory, snapshots=self.snapshots, evidence=self.evidence
            ),
            exempting=exempting,
            policies=policies,
        )

    def _gatehouse(self, approvals: Approvals) -> Gatehouse:
        return Gatehouse(
            desk=self.desk,
            approvals=approvals,
            onboarding=Onboarding(desk=self.desk, directory=self.directory, parallel=self.parallel),
            freeze_switch=FreezeSwitch(switch=self.switch, clock=self.clock),
            switch=self.switch,
            sockets=self.sockets,
        )
