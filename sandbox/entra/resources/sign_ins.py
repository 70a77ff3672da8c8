"""/auditLogs/signIns: the last thirty days of sign-ins, newest first. Premium tenants only."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from sandbox.entra.directory import need_premium
from sandbox.entra.odata import check_names, filter_test, pick, selected
from sandbox.entra.paging import page, page_size
from sandbox.entra.protocol import Answer, Call, Json, Operation, any_of
from sandbox.entra.what_if import NOT_SET, Judge, SignIn, demands_mfa
from sandbox.estate import policies
from sandbox.estate.ids import stable_id
from sandbox.estate.model import User
from sandbox.estate.times import stamp

_KEPT = timedelta(days=30)
_OFFICE_IP = "203.0.113.5"
_AWAY_IP = "198.51.100.23"
#: AADSTS50126.
_WRONG_PASSWORD = 50126
_EXCHANGE = ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online")
_FILTERABLE = (
    "appId",
    "createdDateTime",
    "id",
    "isInteractive",
    "status/errorCode",
    "userId",
    "userPrincipalName",
)
_BETA_ONLY = ("authenticationRequirement", "signInEventTypes", "userType")


def list_sign_ins(call: Call) -> Answer:
    """Pages of 1000. Which factors were asked for is said in beta only."""
    need_premium(call)
    beta = call.version == "beta"
    test = filter_test(call, (*_FILTERABLE, "authenticationRequirement") if beta else _FILTERABLE)
    rows = sorted(_events(call), key=lambda row: str(row["createdDateTime"]), reverse=True)
    if not beta:
        rows = [{key: row[key] for key in row if key not in _BETA_ONLY} for row in rows]
    names = selected(call)
    check_names(names or (), rows[0] if rows else names or (), "signIn")
    found = [row for row in rows if test is None or test(row)]
    size = page_size(call, default=1000, most=1000)
    return page(call, found, lambda row: pick(row, names), context="auditLogs/signIns", size=size)


def _events(call: Call) -> Iterator[Json]:
    now, seen = call.world.clock.now(), _Applied(call)
    for user in call.tenant.users.values():
        if user.last_sign_in is not None and now - user.last_sign_in < _KEPT:
            for moment, ip in _successes(user, user.last_sign_in, now):
                yield _event(user, moment, ip, seen.results(user, ip))
        if user.last_attempt is not None and now - user.last_attempt < _KEPT:
            applied = seen.results(user, _AWAY_IP)
            yield _event(user, user.last_attempt, _AWAY_IP, applied, error=_WRONG_PASSWORD)


def _successes(user: User, last: datetime, now: datetime) -> Iterator[tuple[datetime, str]]:
    """The last sign-in and a few before it, the same ones at every call."""
    rng = Random(user.id)
    moment = last
    for _ in range(rng.randint(1, 5)):
        if now - moment >= _KEPT:
            return
        yield moment, rng.choice((_OFFICE_IP, _OFFICE_IP, _AWAY_IP))
        moment -= timedelta(hours=rng.uniform(14, 120))


#: A policy, and its result for a sign-in in Graph's word.
_Result = tuple[Json, str]


class _Applied:
    """What the policies in force, report-only ones too, make of a sign-in from an address, judged once each."""

    def __init__(self, call: Call) -> None:
        self._judge = Judge(call.tenant, call.replicas)
        self._in_force = [p for p in call.tenant.policies if p["state"] != policies.DISABLED]
        self._known: dict[tuple[str, str], list[_Result]] = {}

    def results(self, user: User, ip: str) -> list[_Result]:
        """Every report-only policy, and of the enabled ones those that apply."""
        key = (user.id, ip)
        if key not in self._known:
            sign_in = SignIn(
                user=user,
                apps=(_EXCHANGE[0],),
                ip=ip,
                client_app="other" if user.purpose == "service" else "browser",
                platform="windows",
                sign_in_risk="none",
                user_risk="none",
            )
            self._known[key] = list(self._judged(user, sign_in))
        return self._known[key]

    def _judged(self, user: User, sign_in: SignIn) -> Iterator[_Result]:
        for policy in self._in_force:
            applies = self._judge.reason_against(policy, sign_in) == NOT_SET
            if policy["state"] == policies.REPORT_ONLY:
                yield policy, _report_only(policy, user) if applies else "reportOnlyNotApplied"
            elif applies:
                yield policy, "success"


def _report_only(policy: Json, user: User) -> str:
    """What it would have done: refused, let through, or interrupted to ask for a second factor."""
    if "block" in (policy["grantControls"] or {}).get("builtInControls", ()):
        return "reportOnlyFailure"
    if not demands_mfa(policy) or user.per_user_mfa != "disabled":
        return "reportOnlySuccess"
    return "reportOnlyInterrupted"


def _event(
    user: User, moment: datetime, ip: str, results: list[_Result], *, error: int = 0
) -> Json:
    app_id, app_name = _EXCHANGE
    machine = user.purpose == "service"
    shown = [item for item in results if _was_there(item[0], moment)]
    applied = [policy for policy, result in shown if result == "success"]
    asked = any(demands_mfa(policy) for policy in applied) or user.per_user_mfa != "disabled"
    return {
        "id": stable_id(0, user.id, stamp(moment)),
        "createdDateTime": stamp(moment),
        "userDisplayName": user.name,
        "userPrincipalName": user.upn,
        "userId": user.id,
        "appId": app_id,
        "appDisplayName": app_name,
        "ipAddress": ip,
        "clientAppUsed": "Authenticated SMTP" if machine else "Browser",
        "correlationId": stable_id(0, user.id, stamp(moment), "correlation"),
        "conditionalAccessStatus": "success" if applied else "notApplied",
        "isInteractive": not machine,
        "resourceDisplayName": app_name,
        "resourceId": app_id,
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "riskEventTypes_v2": [],
        "status": {
            "errorCode": error,
            "failureReason": "Invalid username or password." if error else "Other.",
            "additionalDetails": None,
        },
        "deviceDetail": {"deviceId": "", "displayName": None, "operatingSystem": "Windows"},
        "location": {"city": None, "state": None, "countryOrRegion": None},
        "appliedConditionalAccessPolicies": [
            {"id": policy["id"], "displayName": policy["displayName"], "result": result}
            for policy, result in shown
        ],
        "authenticationRequirement": (
            "multiFactorAuthentication" if asked else "singleFactorAuthentication"
        ),
        "signInEventTypes": ["nonInteractiveUser" if machine else "interactiveUser"],
        "userType": "guest" if user.guest else "member",
    }


def _was_there(policy: Json, moment: datetime) -> bool:
    """A policy judges no sign-in from before it was made."""
    return bool(policy["createdDateTime"] <= stamp(moment))


OPERATIONS = (
    Operation(
        method="GET",
        template="/auditLogs/signIns",
        handler=list_sign_ins,
        roles=any_of("AuditLog.Read.All"),
        family="report",
        options=frozenset({"select", "top", "filter"}),
        bucket="reports",
    ),
)
