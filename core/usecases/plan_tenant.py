"""Turn a change to a whole tenant into an exact plan: a policy, security defaults, the campaign."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import accumulate

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict, Snapshot
from core.domain.identity import Audience, PolicyState, Strength
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import Action, Options, Plan, Skipped, Target
from core.domain.tenant_change import (
    CampaignTarget,
    CreatePolicy,
    EnableInTurn,
    EndNotice,
    PlannedChange,
    PolicyTemplate,
    SecurityDefaultsOn,
    SetCampaign,
    TenantPolicy,
    in_order,
)
from core.errors import Refused, VendorError
from core.ports import Clock, Directory, Requests
from core.rules.approval_policy import direction_of
from core.rules.binding import mismatch
from core.rules.held_out import HeldOut
from core.rules.policy_impact import names, observed, sample_of, unready, who
from core.rules.policy_templates import NAMES, Crowd, audience_of, crowd, spared, without
from core.rules.tenant_offers import (
    CAMPAIGN_ID,
    DEFAULTS_ID,
    STATE_WORDS,
    Offer,
    Offers,
    asked_for,
)
from core.usecases.mfa_targets import in_turn
from core.usecases.promote_policy import Promotion, without_key

#: For so long a request that has ended is asked whom it left out of a policy.
LOOKED_BACK = timedelta(days=60)
NOBODY_YET = "Report-only demands nothing of anybody; the sign-in log shows what it would do."
SLOW = (
    "New sign-ins meet it within minutes, Exchange and SharePoint within a day; "
    "open sessions go on until they expire."
)
NO_WAY_BACK = "This cannot be undone from here: Gatehouse never switches security defaults off."
FOR_ALL = (
    "They spare nobody, break-glass accounts included. Everyone has 14 days to register; "
    "administrators are asked at every sign-in, others when Microsoft finds it necessary."
)
TOO_HEAVY = "more than one request may weigh: ask again once this one has ended"
ONLY_NUDGES = (
    "It only nudges people who have just answered MFA, and not on phones: "
    "it moves them from text messages to Microsoft Authenticator"
)
_MACHINES = (HeldOut.SERVICE, HeldOut.SHARED, HeldOut.ROOM, HeldOut.SYNC)
_EVERYBODY = CampaignTarget(id="all_users", kind="group", method="microsoftAuthenticator")


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantPlanner:
    """Plans tenant-wide changes for one client. Raises Refused with what to do, or VendorError."""

    directory: Directory
    requests: Requests
    policy: ApprovalPolicy
    mfa: MfaPolicy
    clock: Clock

    def offers(self, client: Client, snapshot: Snapshot) -> Offers:
        """What is possible there now; costs a few reads of the tenant."""
        if not self.directory.can_write:
            raise Refused(
                "Gatehouse is read-only for Entra: no write app is configured. "
                "An owner can add [entra.write] to the configuration."
            )
        wrong = mismatch(snapshot.mfa, snapshot.patches, client)
        if wrong is not None:
            raise Refused(wrong)
        return Offers(
            client=client,
            controls=self.directory.controls(client),
            snapshot=snapshot,
            policy=self.policy,
            asked=asked_for(client, self.requests.open()),
            now=self.clock.now(),
            ended=self.requests.finished_since(self.clock.now() - LOOKED_BACK),
        )

    def plan(self, client: Client, key: str, snapshot: Snapshot) -> Plan:
        """The plan behind an offer's key, judged anew."""
        offers = self.offers(client, snapshot)
        offer = next((offer for offer in offers.all() if offer.key == key), None)
        if offer is None:
            raise Refused("That is no longer there to be changed. Please start again.")
        if offer.refusal is not None:
            raise Refused(f"{offer.title}: not possible. {offer.refusal}")
        self._check_break_glass(client)
        return self._planned(offers, offer)

    def _check_break_glass(self, client: Client) -> None:
        existing = self.directory.existing(client, client.break_glass)
        missing = [item for item in client.break_glass if existing.get(item) is not Fact.YES]
        if missing:
            raise Refused(
                f"Break-glass account {missing[0]} of {client.name} does not exist or is disabled. "
                "Mend the list in the configuration first."
            )

    def _planned(self, offers: Offers, offer: Offer) -> Plan:
        match offer.action:
            case Action.CREATE_POLICY:
                return self._create(offers, PolicyTemplate(offer.subject))
            case Action.PROMOTE_POLICY:
                policies = offers.controls.policies or ()
                return self._promote(offers, next(p for p in policies if p.id == offer.subject))
            case Action.END_NOTICE:
                policies = offers.controls.policies or ()
                return self._let_in(offers, next(p for p in policies if p.id == offer.subject))
            case Action.SECURITY_DEFAULTS:
                return self._defaults(offers)
            case _:
                return self._campaign(offers)

    # Policies.

    def _create(self, offers: Offers, template: PolicyTemplate) -> Plan:
        include, exclude = audience_of(template)
        everyone = crowd(include, exclude, offers.controls, offers.verdicts)
        left_out = spared(offers.client, everyone.people)
        reached = without(everyone, left_out)
        resistant = template is PolicyTemplate.RESISTANT_ADMINS
        change = CreatePolicy(
            template=template,
            name=NAMES[template],
            excluded_users=tuple(sorted(left_out)),
            excluded_roles=tuple(sorted(exclude.roles)),
            included_roles=tuple(sorted(include.roles)),
            strength=offers.controls.resistant_strength if resistant else None,
            sample=sample_of(reached),
        )
        blocks = template is PolicyTemplate.BLOCK_LEGACY
        begin = "Once enabled, it refuses old protocols to" if blocks else "Once enabled, it asks"
        return self._plan(
            offers,
            Action.CREATE_POLICY,
            change,
            Target(id=template, name=NAMES[template], before={"state": "not there"}),
            warnings=(
                NOBODY_YET,
                *who(reached, begin, by_method=not blocks),
                *(without_key(reached) if resistant else ()),
            ),
            left_out=left_out,
        )

    def _promote(self, offers: Offers, item: TenantPolicy) -> Plan:
        step = Promotion.of(item, offers, self.mfa)
        enabling = step.after is PolicyState.ENABLED
        in_turn = isinstance(step.change, EnableInTurn)
        plan = self._plan(
            offers,
            Action.PROMOTE_POLICY,
            step.change,
            Target(
                id=item.id,
                name=item.name,
                weight=self.policy.tenant_weight if enabling else 1,
                before={"state": STATE_WORDS[item.state]},
                is_admin=enabling and any(v.admin for v in step.reached.people),
                not_before=None if in_turn else step.end,
            ),
            warnings=(
                *(step.warnings() if enabling else (NOBODY_YET,)),
                *(self._observed(offers.client, item) if enabling else ()),
                *([SLOW] if enabling else []),
            ),
            left_out=step.left_out,
        )
        return replace(plan, targets=(*plan.targets, *step.people)) if in_turn else plan

    def _let_in(self, offers: Offers, item: TenantPolicy) -> Plan:
        """Whom an ended request left out: at once who can answer it by now, the others after a new notice."""
        left = offers.left_out_of(item)
        people = [verdict for verdict in offers.verdicts if verdict.user_id in left]
        reasons = dict(spared(offers.client, people))
        free = [verdict for verdict in people if verdict.user_id not in reasons]
        late = unready(item, free)
        kept = self._fitting(sorted(free, key=lambda verdict: verdict in late))
        reasons |= {v.user_id: TOO_HEAVY for v in free if v not in kept}
        targets, warnings = in_turn(
            offers.client,
            kept,
            Options(),
            policy=self.policy,
            mfa=self.mfa,
            now=offers.now,
            late=[verdict for verdict in late if verdict in kept],
        )
        resistant = item.template is PolicyTemplate.RESISTANT_ADMINS
        keys = without_key(Crowd(people=tuple(kept), whole=True)) if resistant else ()
        first, *others = targets
        plan = self._plan(
            offers,
            Action.END_NOTICE,
            EndNotice(policy_id=item.id, name=item.name, asks=item.asks),
            first,
            warnings=(*warnings, *keys, SLOW),
            left_out={v.user_id: reasons[v.user_id] for v in people if v.user_id in reasons},
        )
        return replace(plan, targets=(first, *others))

    def _fitting(self, people: Sequence[MfaVerdict]) -> list[MfaVerdict]:
        """The first of them, as many as one request may weigh."""
        weights = accumulate(self.policy.admin_weight if v.admin else 1 for v in people)
        most = self.policy.max_weight_per_request
        return [verdict for verdict, sum_ in zip(people, weights, strict=True) if sum_ <= most]

    def _observed(self, client: Client, item: TenantPolicy) -> Iterator[str]:
        """What the sign-in log says it would have done since it became report-only."""
        if item.since is None:
            return
        try:
            yield from observed(self.directory.impact(client, item.id, item.since))
        except VendorError as failure:
            yield f"What it would have done so far could not be read: {failure.reason}"

    # Security defaults and the campaign.

    def _defaults(self, offers: Offers) -> Plan:
        everyone = crowd(Audience(everyone=True), Audience(), offers.controls, offers.verdicts)
        machines = [v.upn for v in everyone.people if v.held_out in _MACHINES]
        stop = f": {names(machines)} may stop working" if machines else ""
        return self._plan(
            offers,
            Action.SECURITY_DEFAULTS,
            SecurityDefaultsOn(),
            Target(
                id=DEFAULTS_ID,
                name="Security defaults",
                weight=self.policy.tenant_weight,
                before={"state": "off"},
                is_admin=any(v.admin for v in everyone.people),
            ),
            warnings=(
                NO_WAY_BACK,
                FOR_ALL,
                f"Old protocols (SMTP, IMAP, POP with a password) are blocked{stop}.",
                *who(everyone, "They meet"),
                SLOW,
            ),
        )

    def _campaign(self, offers: Offers) -> Plan:
        before = offers.controls.campaign
        if before is None:
            raise Refused("The registration campaign could not be read. Try again.")
        left_out = spared(offers.client, offers.verdicts)
        people = {CampaignTarget(id=user, kind="user") for user in left_out}
        after = replace(
            before,
            state="enabled",
            include=before.include or (_EVERYBODY,),
            exclude=in_order({*before.exclude, *people}),
        )
        others = [v for v in offers.verdicts if v.user_id not in left_out]
        texting = sum(v.strength is Strength.SMS_OR_VOICE_ONLY for v in others)
        unable = sum(v.registered is Fact.NO for v in others)
        return self._plan(
            offers,
            Action.START_CAMPAIGN,
            SetCampaign(before=before, after=after),
            Target(
                id=CAMPAIGN_ID,
                name="Registration campaign",
                before={"state": before.state},
            ),
            warnings=(
                f"{ONLY_NUDGES} ({texting} have nothing better now).",
                f"It enrols nobody who has no method yet ({unable} here).",
            ),
            left_out=left_out,
        )

    def _plan(
        self,
        offers: Offers,
        action: Action,
        change: PlannedChange,
        target: Target,
        *,
        warnings: Sequence[str],
        left_out: Mapping[str, str] | None = None,
    ) -> Plan:
        upns = {str(verdict.user_id): verdict.upn for verdict in offers.verdicts}
        return Plan(
            client=offers.client.key,
            client_name=offers.client.name,
            account="entra",
            action=action,
            direction=direction_of(action),
            options=Options(),
            targets=(target,),
            skipped=tuple(
                Skipped(id=user, name=upns.get(user, user), reason=reason)
                for user, reason in (left_out or {}).items()
            ),
            warnings=(*warnings, *_how_sure(offers)),
            change=change,
            made_at=offers.now,
        )


def _how_sure(offers: Offers) -> Iterator[str]:
    """The settings were read just now, the people with the last scan."""
    section = offers.snapshot.mfa
    if section is None:
        return
    yield f"The people are counted from the scan of {section.observed_at:%d %b %H:%M} UTC."
    if not section.coverage.complete:
        yield "That scan could not read everything, so it may meet more people than are counted."
