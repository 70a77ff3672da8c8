"""Which tenant-wide changes are possible at one client now, and why the others are not."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict, Snapshot
from core.domain.identity import PolicyState
from core.domain.policy import ApprovalPolicy
from core.domain.remediation import Action, Plan, Request, RequestId
from core.domain.tenant_change import (
    EndNotice,
    PolicyTemplate,
    TenantControls,
    TenantPolicy,
    TenantPower,
)
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from core.rules.policy_templates import (
    NAMES,
    audience_of,
    blocks_everything,
    crowd,
    spared,
    without,
)
from core.rules.policy_turns import still_left_out

#: The target ids of the settings that are there once in a tenant.
DEFAULTS_ID, CAMPAIGN_ID = "security_defaults", "registration_campaign"
#: One step up; a policy never skips report-only.
NEXT_STATE = {
    PolicyState.DISABLED: PolicyState.REPORT_ONLY,
    PolicyState.REPORT_ONLY: PolicyState.ENABLED,
}
STATE_WORDS = {
    PolicyState.ENABLED: "enabled",
    PolicyState.REPORT_ONLY: "report-only",
    PolicyState.DISABLED: "disabled",
    PolicyState.UNKNOWN: "in a state that was not understood",
}


def asked_for(client: Client, requests: Iterable[Request]) -> Mapping[str, RequestId]:
    """Which settings of a client's tenant open requests are about: target id -> request."""
    theirs = (r for r in requests if r.plan.client == client.key and r.plan.action.on_tenant)
    return {subject: r.id for r in theirs if not r.state.final for subject in _subjects(r.plan)}


def _subjects(plan: Plan) -> tuple[str, ...]:
    """What a plan is about: its targets, or the policy whose exclusions they leave."""
    if isinstance(plan.change, EndNotice):
        return (plan.change.policy_id,)
    return tuple(target.id for target in plan.targets)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """One change that could be asked for. `subject` is a template or a policy id; `refusal` a sentence."""

    action: Action
    subject: str = ""
    title: str
    refusal: str | None = None

    @property
    def key(self) -> str:
        """What a form sends back for it."""
        return f"{self.action}:{self.subject}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offers:
    """All facts that decide, and the offers that follow from them."""

    client: Client
    controls: TenantControls
    snapshot: Snapshot
    policy: ApprovalPolicy
    #: Settings for which a change is asked for already: target id -> request.
    asked: Mapping[str, RequestId]
    now: datetime
    #: Requests that have ended lately, the newest first.
    ended: Sequence[Request] = ()

    def all(self) -> tuple[Offer, ...]:
        """Every change there is, the possible ones among them without a refusal."""
        return (
            *(self._create(template) for template in PolicyTemplate),
            *self._promotions(),
            *self._left_out(),
            self._defaults(),
            self._campaign(),
        )

    @property
    def verdicts(self) -> tuple[MfaVerdict, ...]:
        return self.snapshot.mfa.verdicts if self.snapshot.mfa is not None else ()

    def _create(self, template: PolicyTemplate) -> Offer:
        return Offer(
            action=Action.CREATE_POLICY,
            subject=template,
            title=f"Create “{NAMES[template]}”, report-only",
            refusal=self._why_no_policies()
            or self._why_not_now(template)
            or self._why_not_again(template)
            or self._why_no_strength(template)
            or self._why_locked_out()
            or self._why_nobody(template),
        )

    def _promotions(self) -> Iterator[Offer]:
        for item in self.controls.policies or ():
            after = NEXT_STATE.get(item.state)
            known = item.template is not None or item.managed
            if after is None or (not known and item.state is not PolicyState.REPORT_ONLY):
                continue
            verb = "Enable" if after is PolicyState.ENABLED else "Make report-only:"
            yield Offer(
                action=Action.PROMOTE_POLICY,
                subject=item.id,
                title=f"{verb} “{item.name}”",
                refusal=self._why_not_promote(item, after),
            )

    def _left_out(self) -> Iterator[Offer]:
        """Policies in force that leave people out whose notice is over."""
        for item in self.controls.policies or ():
            people = self.left_out_of(item)
            if item.state is PolicyState.ENABLED and people:
                count = f"{len(people)} {'person' if len(people) == 1 else 'people'}"
                names = ", ".join(dict.fromkeys(people.values()))
                yield Offer(
                    action=Action.END_NOTICE,
                    subject=item.id,
                    title=f"Ask {count} whom {names} left out of “{item.name}”",
                    refusal=self._why_no_policies()
                    or self._why_not_now(item.id)
                    or _why_not_reviewed(item)
                    or self._why_locked_out()
                    or self._why_nobody_of(people),
                )

    def left_out_of(self, item: TenantPolicy) -> Mapping[str, RequestId]:
        """Account -> the request that left it out of a policy and never let it in."""
        theirs = (r for r in self.ended if r.plan.client == self.client.key)
        return still_left_out(theirs, item)

    def _defaults(self) -> Offer:
        return Offer(
            action=Action.SECURITY_DEFAULTS,
            title="Switch security defaults on",
            refusal=self._why_powerless(TenantPower.SECURITY_DEFAULTS)
            or self._why_not_now(DEFAULTS_ID)
            or self._why_no_defaults()
            or self._why_locked_out()
            or self._why_break_glass_unready(),
        )

    def _campaign(self) -> Offer:
        return Offer(
            action=Action.START_CAMPAIGN,
            title="Start the registration campaign for Microsoft Authenticator",
            refusal=self._why_powerless(TenantPower.CAMPAIGN)
            or self._why_not_now(CAMPAIGN_ID)
            or self._why_no_campaign(),
        )

    # Why not. None: nothing speaks against it.

    def _why_powerless(self, power: TenantPower) -> str | None:
        if not self.client.break_glass:
            return "No break-glass accounts are in the configuration. Name them first."
        if self.snapshot.mfa is None:
            return "This client's tenant has not been read yet. Try again after the next scan."
        roles = self.controls.lacking[power]
        if roles:
            return f"The write app lacks {' and '.join(roles)} in that tenant."
        return None

    def _why_not_now(self, target: str) -> str | None:
        request = self.asked.get(target)
        return f"{request} asks for a change of it already." if request is not None else None

    def _why_no_policies(self) -> str | None:
        powerless = self._why_powerless(TenantPower.POLICIES)
        if powerless is not None:
            return powerless
        if self.controls.licensed is Fact.NO:
            return "Conditional access needs a premium licence (P1), which the tenant has not."
        if self.controls.licensed is Fact.UNKNOWN:
            return f"Whether there is a premium licence {self._unread('licences')}"
        if self.controls.policies is None:
            return f"The policies {self._unread('policies')}"
        return None

    def _why_not_again(self, template: PolicyTemplate) -> str | None:
        same = next((p for p in self.controls.policies or () if p.template is template), None)
        return f"“{same.name}” is there already: {STATE_WORDS[same.state]}." if same else None

    def _why_no_strength(self, template: PolicyTemplate) -> str | None:
        if template is not PolicyTemplate.RESISTANT_ADMINS or self.controls.resistant_strength:
            return None
        return f"The built-in phishing-resistant strength {self._unread('strengths')}"

    def _why_locked_out(self) -> str | None:
        """Somebody whom the change does not meet, or who can answer it, has to be able to take it back."""
        if self.controls.role_holders is None:
            return f"Who is Global Administrator {self._unread('roles')}"
        holders = self.controls.role_holders.get(GLOBAL_ADMINISTRATOR, frozenset())
        if holders.isdisjoint(self.client.break_glass):
            return (
                "None of the break-glass accounts is an active Global Administrator, "
                "so nobody could get back in."
            )
        return None

    def _why_nobody(self, template: PolicyTemplate) -> str | None:
        everyone = crowd(*audience_of(template), self.controls, self.verdicts)
        reached = without(everyone, spared(self.client, everyone.people))
        return None if reached.people else "It would reach nobody but those it spares."

    def _why_nobody_of(self, accounts: Collection[str]) -> str | None:
        people = [verdict for verdict in self.verdicts if verdict.user_id in accounts]
        if {verdict.user_id for verdict in people} - spared(self.client, people).keys():
            return None
        return "Nobody is left to be asked: they are held out, or not in the newest scan."

    def _why_not_promote(self, item: TenantPolicy, after: PolicyState) -> str | None:
        if item.template is None and not item.managed:
            return "Neither Gatehouse nor Microsoft made it: promote it in the Entra portal."
        return (
            self._why_no_policies()
            or self._why_not_now(item.id)
            or _why_not_reviewed(item)
            or self._why_locked_out()
            or (self._why_too_early(item) if after is PolicyState.ENABLED else None)
        )

    def _why_too_early(self, item: TenantPolicy) -> str | None:
        if self.controls.security_defaults is Fact.YES:
            return (
                "Security defaults are on, and Entra enables no policy beside them. "
                "Gatehouse does not switch them off: there would be nothing in between."
            )
        if self.controls.security_defaults is Fact.UNKNOWN:
            return f"Whether security defaults are on {self._unread('security defaults')}"
        if item.since is None:
            return "Entra does not say since when it has been report-only."
        days = self.policy.report_only_days
        due = item.since + timedelta(days=days)
        if self.now >= due:
            return None
        return (
            f"Report-only since {item.since:%d %b}, and it has to be for {days} days: "
            f"possible from {due:%d %b %H:%M} UTC."
        )

    def _why_no_defaults(self) -> str | None:
        if self.controls.security_defaults is Fact.YES:
            return "They are on already."
        if self.controls.security_defaults is Fact.UNKNOWN:
            return f"Whether they are on {self._unread('security defaults')}"
        if self.controls.policies is None:
            return f"The policies {self._unread('policies')}"
        in_force = next((p for p in self.controls.policies if p.state not in NEXT_STATE), None)
        if in_force is None:
            return None
        words = STATE_WORDS[in_force.state]
        return f"“{in_force.name}” is {words}, and Entra takes no security defaults beside it."

    def _why_break_glass_unready(self) -> str | None:
        """Security defaults know no exclusions."""
        able = {v.user_id for v in self.verdicts if v.capable is Fact.YES}
        unable = [account for account in self.client.break_glass if account not in able]
        if not unable:
            return None
        name = next((v.upn for v in self.verdicts if v.user_id == unable[0]), unable[0])
        return f"They spare nobody, and break-glass account {name} has no usable method."

    def _why_no_campaign(self) -> str | None:
        if self.controls.campaign is None:
            return f"The campaign {self._unread('campaign')}"
        return "It runs already." if self.controls.campaign.state == "enabled" else None

    def _unread(self, part: str) -> str:
        return f"could not be read: {self.controls.unread.get(part, 'Entra did not tell')}."


def _why_not_reviewed(item: TenantPolicy) -> str | None:
    if blocks_everything(item.policy):
        return "It would refuse everybody everywhere."
    if item.template is not None and not item.reviewed:
        return "It was edited and is no longer the reviewed policy: look at it in the Entra portal."
    return None
