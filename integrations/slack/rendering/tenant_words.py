"""Tenant-wide changes in words: what they are called, and exactly what they do."""

from collections.abc import Mapping

from core.domain.identity import PolicyState
from core.domain.remediation import Action, Plan
from core.domain.tenant_change import (
    Campaign,
    CreatePolicy,
    EnableInTurn,
    EndNotice,
    PolicyTemplate,
    SecurityDefaultsOn,
    SetCampaign,
    SetPolicyState,
)
from core.rules.tenant_offers import STATE_WORDS
from integrations.slack.rendering.mrkdwn import bold, moment, plural

_TITLES: Mapping[Action, str] = {
    Action.CREATE_POLICY: "Create a policy, report-only",
    Action.END_NOTICE: "Ask people whom a policy left out",
    Action.SECURITY_DEFAULTS: "Switch security defaults on",
    Action.START_CAMPAIGN: "Start the registration campaign",
    Action.UNDO_CAMPAIGN: "Put the registration campaign back",
}
_STEPS: Mapping[PolicyState | None, str] = {
    PolicyState.ENABLED: "Enable a policy",
    PolicyState.REPORT_ONLY: "Make a policy report-only",
    PolicyState.DISABLED: "Disable a policy",
}
_ASKS: Mapping[PolicyTemplate, str] = {
    PolicyTemplate.MFA_ALL_USERS: "it asks everyone for MFA, in every app",
    PolicyTemplate.RESISTANT_ADMINS: (
        "it asks the holders of {roles} for phishing-resistant MFA, in every app"
    ),
    PolicyTemplate.BLOCK_LEGACY: "it refuses everyone's sign-ins through old protocols, to every app",
}


def tenant_title(action: Action, policy_state: PolicyState | None) -> str:
    """What is done to a tenant, in short; `policy_state` is what a policy is set to."""
    return _TITLES.get(action) or _STEPS.get(policy_state, "Change a policy")


def tenant_change_words(plan: Plan) -> str:
    """The exact change, escaped, with its before-value."""
    match plan.change:
        case CreatePolicy() as change:
            return _created(change)
        case SetPolicyState() as change:
            return f"{_stepped(change)}{_not_before(plan)}"
        case EnableInTurn() as change:
            return f"{_stepped(change.enable, on_notice=len(plan.on_notice))}{_in_turn(plan)}"
        case EndNotice() as change:
            into = (
                f"They leave the exclusions of {bold(change.name)}, which asks them for MFA then."
            )
            return f"{into}{notice_words(plan)}"
        case SecurityDefaultsOn():
            return "*Security defaults* go from *off* to *on*, for every account of the tenant."
        case SetCampaign() as change:
            before, after = _campaign(change.before), _campaign(change.after)
            return f"The *registration campaign* goes from {before} to {after}."
        case _:
            return ""


def notice_words(plan: Plan) -> str:
    """How many at once and how many when; empty where nobody is on notice."""
    late = [target.not_before for target in plan.on_notice if target.not_before is not None]
    if not late:
        return ""
    now = len(plan.targets) - len(late)
    day = moment(min(late))
    first = f"{now} now; " if now else ""
    return (
        f"\n*{first}{len(late)} without a method {day}*, because whoever signs in first registers."
    )


def _created(change: CreatePolicy) -> str:
    asks = _ASKS[change.template].format(roles=plural(len(change.included_roles), "admin role"))
    out = plural(len(change.excluded_users), "account")
    return (
        f"{bold(change.name)} is created *report-only*: {asks}. {out} "
        f"{'is' if len(change.excluded_users) == 1 else 'are'} excluded."
    )


def _stepped(change: SetPolicyState, *, on_notice: int = 0) -> str:
    words = (
        f"{bold(change.name)} goes from *{STATE_WORDS[change.before]}* to "
        f"*{STATE_WORDS[change.after]}*."
    )
    out, back = len(change.add_excluded) - on_notice, len(change.drop_excluded)
    if out:
        joins = f"join{'s' if out == 1 else ''} its exclusions"
        words += f" {plural(out, 'account')} it does not exclude yet {joins}."
    if back:
        words += f" {plural(back, 'person', 'people')} on notice until now "
        words += f"leave{'s' if back == 1 else ''} its exclusions again."
    return words


def _not_before(plan: Plan) -> str:
    """The day of the notice; empty where nobody needs one."""
    if not plan.on_notice:
        return ""
    return f"\n*Not before {_first_day(plan)}*: people without a method have until then."


def _first_day(plan: Plan) -> str:
    ends = (target.not_before for target in plan.on_notice)
    return moment(min(end for end in ends if end is not None))


def _in_turn(plan: Plan) -> str:
    """How many are asked later, and when; the others at once."""
    count, day = len(plan.on_notice), _first_day(plan)
    who = plural(count, "person", "people")
    return f"\n*Everyone at once, but {who} without a method only from {day}*: until then left out."


def _campaign(campaign: Campaign) -> str:
    snooze = plural(campaign.snooze_days, "day")
    out = plural(len(campaign.exclude), "exclusion")
    return f"*{campaign.state}* (snoozed for {snooze}, {out})"
