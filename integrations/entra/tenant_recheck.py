"""Whether a tenant-wide change would still do just what was approved, right before it is sent."""

from collections.abc import Iterator, Sequence

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.identity import PolicyState
from core.domain.remediation import Direction, Plan
from core.domain.tenant_change import (
    CreatePolicy,
    EnableInTurn,
    EndNotice,
    SecurityDefaultsOn,
    SetCampaign,
    SetPolicyState,
    TenantPolicy,
)
from core.errors import VendorNotFound
from core.ports import Recheck
from core.rules.tenant_offers import STATE_WORDS
from integrations.entra import mapping, tenant_settings
from integrations.entra.api import GraphApi, Json
from integrations.entra.controls import defaults_on
from integrations.entra.notice_end import recheck_notice
from integrations.entra.one_policy import EDITED, edited
from integrations.entra.pacing import TenantPace


def recheck_tenant(
    api: GraphApi, pace: TenantPace, client: Client, plan: Plan, targets: Sequence[str]
) -> Recheck:
    """Raises VendorError."""
    change = plan.change
    if isinstance(change, EndNotice):
        return recheck_notice(api, pace, change, targets)
    if isinstance(change, EnableInTurn) and change.enable.policy_id not in targets:
        return recheck_notice(api, pace, change.rest, targets)
    look = _Look(api, pace, client, plan)
    try:
        return Recheck(wider=next(look.reasons(), None))
    except VendorNotFound:
        return Recheck(gone=dict.fromkeys(targets, "the policy no longer exists"))


class _Look:
    """Reads just what decides about one plan."""

    def __init__(self, api: GraphApi, pace: TenantPace, client: Client, plan: Plan) -> None:
        self._api = api
        self._pace = pace
        self._client = client
        self._plan = plan

    def reasons(self) -> Iterator[str]:
        """Why it would be more, or something else, than was approved."""
        change = self._plan.change
        if isinstance(change, CreatePolicy):
            yield from self._created(change)
        elif isinstance(change, SetPolicyState):
            yield from self._stepped(change)
        elif isinstance(change, EnableInTurn):
            yield from self._stepped(change.enable, in_turn=True)
        elif isinstance(change, SecurityDefaultsOn):
            yield from self._switched()
        elif isinstance(change, SetCampaign):
            now = tenant_settings.campaign(self._api.get(tenant_settings.METHODS))
            if now not in (change.before, change.after):
                yield "the registration campaign was changed since"

    def _created(self, change: CreatePolicy) -> Iterator[str]:
        if not set(self._client.break_glass) <= set(change.excluded_users):
            yield "the list of break-glass accounts was changed since"
        rows = self._api.rows(tenant_settings.POLICIES, pace=self._pace.policies)
        others = (
            tenant_settings.tenant_policy(r) for r in rows if not self._may_be_ours(r, change)
        )
        same = next((item for item in others if item.template is change.template), None)
        if same is not None:
            yield f"“{same.name}” is there already"

    def _may_be_ours(self, row: Json, change: CreatePolicy) -> bool:
        """Made since it was asked for, just as that says: a first try that shows only now."""
        made = mapping.moment(row.get("createdDateTime"))
        since = made is not None and made >= self._plan.made_at
        return since and tenant_settings.is_as_created(row, change)

    def _stepped(self, change: SetPolicyState, *, in_turn: bool = False) -> Iterator[str]:
        path = f"{tenant_settings.POLICIES}/{change.policy_id}"
        item = tenant_settings.tenant_policy(self._api.get(path, pace=self._pace.policies))
        if item.state not in (change.before, change.after):
            yield f"the policy is {STATE_WORDS[item.state]} since"
        if edited(item, change):
            yield EDITED
        left_out = item.policy.exclude.users.issuperset(change.add_excluded)
        if in_turn and item.state is change.after and not left_out:
            yield "the policy is enabled since, for those on notice too"
        if not set(self._client.break_glass).isdisjoint(change.drop_excluded):
            yield "a break-glass account would leave its exclusions"
        if self._plan.direction is Direction.RAISES:
            yield from self._would_hit(change, item)

    def _would_hit(self, change: SetPolicyState, item: TenantPolicy) -> Iterator[str]:
        excluded = {*item.policy.exclude.users, *change.add_excluded}
        if not excluded.issuperset(self._client.break_glass):
            yield "the policy would meet a break-glass account"
        if change.after is PolicyState.ENABLED and defaults_on(self._api) is not Fact.NO:
            yield "security defaults are on, or it is not known whether they are"

    def _switched(self) -> Iterator[str]:
        in_force = (PolicyState.ENABLED, PolicyState.UNKNOWN)
        enabled = next((p for p in self._policies() if p.state in in_force), None)
        if enabled is not None:
            yield f"the policy “{enabled.name}” is {STATE_WORDS[enabled.state]} since"

    def _policies(self) -> tuple[TenantPolicy, ...]:
        rows = self._api.rows(tenant_settings.POLICIES, pace=self._pace.policies)
        return tuple(map(tenant_settings.tenant_policy, rows))
