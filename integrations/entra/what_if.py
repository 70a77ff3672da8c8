"""Entra's own what-if: which policies would apply if one user signed in to one app."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.domain.facts import Fact
from core.domain.identity import CaPolicy
from core.domain.what_if import PolicyAnswer
from core.errors import MalformedAnswer
from integrations.entra import policies
from integrations.entra.api import SOURCE, GraphApi
from integrations.entra.pacing import TenantPace

Json = dict[str, Any]

#: An app that nearly everybody uses; one app is asked about per call.
APP_NAME = "Exchange Online"
_APP_ID = "00000002-0000-0ff1-ce00-000000000000"
_PATH = "/identity/conditionalAccess/evaluate"

#: Graph's analysisReasons, as the end of "it does not apply: ...".
_REASONS: Mapping[str, str] = {
    "application": "it is not for this app",
    "authenticationContext": "it is for other contexts",
    "authenticationFlow": "it is for other ways of signing in",
    "clientApps": "it is for other kinds of client apps",
    "devicePlatform": "it is for other platforms",
    "devices": "it is for other devices",
    "emptyPolicy": "it is empty",
    "insiderRisk": "it depends on the insider risk",
    "invalidPolicy": "it is not valid",
    "location": "it is for other places",
    "policyNotEnabled": "it is switched off",
    "signInRisk": "it depends on the sign-in risk",
    "time": "it is for other times",
    "userActions": "it is for an action, not for an app",
    "userRisk": "it depends on the user risk",
    "users": "this account is not among its users, or excluded",
    "workloadIdentities": "it is for apps, not for people",
}
_UNDECIDED = "notEnoughInformation"
#: What the mapping raises on rows of a shape nobody documents.
_STRANGE = (AttributeError, KeyError, TypeError, ValueError)


def ask_what_if(
    api: GraphApi, pace: TenantPace, user_id: str, *, client_app: str = "browser"
) -> tuple[PolicyAnswer, ...]:
    """Raises VendorError. Conditions that are not sent (place, device, risk) are not evaluated."""
    first = api.post_read(_PATH, _question(user_id, client_app), pace=pace.policies)
    return answers_in(api.rest(first, pace=pace.policies))


def answers_in(rows: Iterable[Json]) -> tuple[PolicyAnswer, ...]:
    """Graph's whatIfAnalysisResults as domain objects. Raises MalformedAnswer."""
    try:
        return tuple(map(_answer, rows))
    except _STRANGE as error:
        words = "What it said of a sign-in is not understood."
        raise MalformedAnswer(SOURCE, words) from error


def _question(user_id: str, client_app: str) -> Json:
    """The report-only policies come too, and those that do not apply with their reason."""
    return {
        "signInIdentity": {"@odata.type": "#microsoft.graph.userSignIn", "userId": user_id},
        "signInContext": {
            "@odata.type": "#microsoft.graph.applicationContext",
            "includeApplications": [_APP_ID],
        },
        "signInConditions": {"clientAppType": client_app},
        "appliedPoliciesOnly": False,
    }


def _answer(row: Json) -> PolicyAnswer:
    policy = policies.policy(row)
    reasons = str(row.get("analysisReasons") or "").split(",")
    applies = Fact.of(row.get("policyApplies"))
    if applies is Fact.NO and _UNDECIDED in reasons:
        applies = Fact.UNKNOWN
    return PolicyAnswer(
        id=policy.id,
        name=policy.name,
        state=policy.state,
        grant=policy.grant,
        applies=applies,
        whole=_whole(policy, row),
        because="" if applies is Fact.YES else _because(reasons),
        other_apps=applies is Fact.NO and _told(reasons) == ["application"],
    )


def _whole(policy: CaPolicy, row: Json) -> Fact:
    """UNKNOWN where nothing but its authentication strength is in doubt: the answer may name that only."""
    _, doubts = policies.grant_of(row.get("grantControls") or {})
    if not policy.all_apps or set(policy.narrowed_by) - set(doubts):
        return Fact.NO
    return Fact.UNKNOWN if doubts else Fact.YES


def _because(reasons: list[str]) -> str:
    """A word that is new to us says at least that it is one."""
    return " and ".join(_REASONS.get(word, f"Entra says {word}") for word in _told(reasons))


def _told(reasons: list[str]) -> list[str]:
    return [word for word in reasons if word not in ("", "notSet", _UNDECIDED)]
