"""/reports/authenticationMethods: who has registered what. Premium tenants only."""

from datetime import datetime, timedelta

from sandbox.entra.directory import active_roles, find_user, need_premium
from sandbox.entra.odata import check_names, filter_test, pick, selected
from sandbox.entra.paging import page, page_size
from sandbox.entra.protocol import Answer, Call, Json, Operation, any_of, not_found
from sandbox.estate.model import User
from sandbox.estate.times import stamp

#: Methods that count as a second factor; an e-mail address or a password does not.
_STRONG = frozenset(
    {
        "mobilePhone",
        "alternateMobilePhone",
        "officePhone",
        "fido2",
        "microsoftAuthenticatorPush",
        "softwareOneTimePasscode",
        "hardwareOneTimePasscode",
        "windowsHelloForBusiness",
    }
)
_PASSWORDLESS = frozenset({"fido2", "windowsHelloForBusiness"})
_PREFERRED = (
    ("microsoftAuthenticatorPush", "push"),
    ("softwareOneTimePasscode", "oath"),
    ("mobilePhone", "sms"),
    ("officePhone", "voiceOffice"),
)
_FILTERABLE = (
    "isAdmin",
    "isMfaCapable",
    "isMfaRegistered",
    "isPasswordlessCapable",
    "isSsprCapable",
    "isSsprEnabled",
    "isSsprRegistered",
    "methodsRegistered",
    "userDisplayName",
    "userPrincipalName",
    "userType",
)
_PROPERTIES = (
    *_FILTERABLE,
    "id",
    "isSystemPreferredAuthenticationMethodEnabled",
    "lastUpdatedDateTime",
    "systemPreferredAuthenticationMethods",
    "userPreferredMethodForSecondaryAuthentication",
)


def list_registrations(call: Call) -> Answer:
    """Pages of at most 999 with a row per enabled user; filtered after the page was cut."""
    need_premium(call)
    names = selected(call)
    check_names(names or (), _PROPERTIES, "userRegistrationDetails")
    test = filter_test(call, _FILTERABLE)
    size = page_size(call, default=100, most=999, clip=True)
    admins = {user for user, roles in active_roles(call.tenant, call.replicas).items() if roles}
    now = call.world.clock.now()
    listed = [user for user in call.tenant.users.values() if user.enabled and user.in_report]
    answer = page(
        call,
        listed,
        lambda user: _row(user, user.id in admins, now),
        context="reports/authenticationMethods/userRegistrationDetails",
        size=size,
        keep=test,
    )
    body = dict(answer.body or {})
    body["value"] = [pick(row, names) for row in body["value"]]
    return Answer(body=body)


def get_registration(call: Call) -> Answer:
    need_premium(call)
    user = find_user(call.tenant, call.ids["user_id"])
    if not (user.enabled and user.in_report):
        raise not_found(user.id)
    admin = bool(active_roles(call.tenant, call.replicas).get(user.id))
    context = call.context("reports/authenticationMethods/userRegistrationDetails/$entity")
    return Answer(body={"@odata.context": context} | _row(user, admin, call.world.clock.now()))


def _row(user: User, admin: bool, now: datetime) -> Json:
    methods = set(user.methods)
    registered = bool(methods & _STRONG)
    capable = registered and not user.method_disallowed
    preferred = next((word for method, word in _PREFERRED if method in methods), "none")
    # Microsoft refreshes rows within hours, at whole minutes here; how old this one is hangs on the account.
    age = timedelta(minutes=int(user.id[:4], 16) % 300)
    return {
        "id": user.id,
        "userPrincipalName": user.upn,
        "userDisplayName": user.name,
        "userType": "guest" if user.guest else "member",
        "isAdmin": admin,
        "isSsprRegistered": registered,
        "isSsprEnabled": user.licensed,
        "isSsprCapable": registered and user.licensed,
        "isMfaRegistered": registered,
        "isMfaCapable": capable,
        "isPasswordlessCapable": bool(methods & _PASSWORDLESS),
        "methodsRegistered": list(user.methods),
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": preferred,
        "lastUpdatedDateTime": stamp(now.replace(second=0, microsecond=0) - age),
    }


OPERATIONS = (
    Operation(
        method="GET",
        template="/reports/authenticationMethods/userRegistrationDetails",
        handler=list_registrations,
        roles=any_of("AuditLog.Read.All"),
        family="report",
        options=frozenset({"select", "top", "filter"}),
        bucket="reports",
    ),
    Operation(
        method="GET",
        template="/reports/authenticationMethods/userRegistrationDetails/{user_id}",
        handler=get_registration,
        roles=any_of("AuditLog.Read.All"),
        family="report",
        bucket="reports",
    ),
)
