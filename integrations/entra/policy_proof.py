"""Whether a policy is as it was wanted: its state as read back, and Entra's own what-if for one account."""

from core.domain.facts import Fact
from core.domain.identity import PolicyState
from core.domain.remediation import StepState
from core.domain.tenant_change import Sample
from core.errors import VendorError, VendorNotFound
from core.rules.tenant_offers import STATE_WORDS
from integrations.entra import tenant_settings
from integrations.entra.api import GraphApi, Json
from integrations.entra.pacing import TenantPace
from integrations.entra.what_if import APP_NAME, ask_what_if

Verdict = tuple[StepState, str]


def judged(
    api: GraphApi, pace: TenantPace, row: Json, wanted: PolicyState, sample: Sample | None
) -> Verdict:
    """Its state as read back, and for one account what Entra's own what-if says."""
    item = tenant_settings.tenant_policy(row)
    if item.state is not wanted:
        return StepState.NOT_VERIFIED, f"it is {STATE_WORDS[item.state]} now"
    read_back = f"{STATE_WORDS[wanted]}, as read back"
    if wanted is PolicyState.DISABLED or sample is None:
        return StepState.VERIFIED, read_back
    if not item.policy.all_apps:
        return StepState.VERIFIED, f"{read_back}; what-if not asked: it is for some apps only"
    applies, because = _applies(api, pace, row, sample)
    match applies:
        case Fact.YES:
            return StepState.VERIFIED, f"{read_back}; what-if applies it to {sample.name}"
        case Fact.NO:
            return StepState.DONE, f"what-if does not apply it to {sample.name}: {because}"
        case _:
            return StepState.VERIFIED, f"{read_back}; what-if for {sample.name} unknown: {because}"


def _applies(api: GraphApi, pace: TenantPace, row: Json, sample: Sample) -> tuple[Fact, str]:
    """Entra's answer, or unknown and why: a failing question proves nothing against what was read back."""
    types = (row.get("conditions") or {}).get("clientAppTypes") or ()
    modern = {"all", "browser"} & set(types)
    client_app = "browser" if modern else "other"
    try:
        answers = ask_what_if(api, pace, sample.user_id, client_app=client_app)
    except VendorNotFound:
        return Fact.UNKNOWN, "the account is gone"
    except VendorError as failure:
        return Fact.UNKNOWN, failure.reason
    answer = next((answer for answer in answers if answer.id == row["id"]), None)
    if answer is None:
        return Fact.UNKNOWN, "Entra did not mention the policy"
    if answer.other_apps:
        return Fact.UNKNOWN, f"the policy leaves out {APP_NAME}"
    return answer.applies, answer.because
