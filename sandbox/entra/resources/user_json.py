"""A user as Graph writes one."""

from collections.abc import Callable
from typing import Any

from sandbox.entra.protocol import Json
from sandbox.estate.licences import PLAN_IDS, SKUS
from sandbox.estate.model import User
from sandbox.estate.times import stamp

#: What comes without $select. accountEnabled and userType are not among them.
DEFAULT_PROPERTIES = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)

#: Properties users have and nobody here has filled in.
_NEVER_SET: dict[str, Any] = dict.fromkeys(
    (
        "ageGroup",
        "city",
        "companyName",
        "country",
        "deletedDateTime",
        "employeeId",
        "employeeLeaveDateTime",
        "employeeType",
        "faxNumber",
        "isResourceAccount",
        "mobilePhone",
        "officeLocation",
        "passwordPolicies",
        "postalCode",
        "preferredLanguage",
        "state",
        "streetAddress",
    )
) | {"businessPhones": []}


def _mail(user: User) -> str | None:
    """Guests are written to at home; break-glass and sync accounts have no mailbox."""
    if user.external:
        name, home = user.upn.split("#EXT#")[0].rsplit("_", 1)
        return f"{name}@{home}"
    return user.upn if user.licensed or user.purpose in ("shared", "room") else None


def _licences(user: User) -> list[Json]:
    if user.sku is None:
        return []
    switched_off = [PLAN_IDS[name] for name in user.disabled_plans]
    return [{"disabledPlans": switched_off, "skuId": SKUS[user.sku].id}]


def _plans(user: User) -> list[Json]:
    plans = SKUS[user.sku].plans if user.sku else ()
    return [
        {
            "assignedDateTime": stamp(user.created),
            "capabilityStatus": "Deleted" if name in user.disabled_plans else "Enabled",
            "service": "AADPremiumService" if name.startswith("AAD_PREMIUM") else "MicrosoftOffice",
            "servicePlanId": PLAN_IDS[name],
        }
        for name in plans
    ]


_PROPERTIES: dict[str, Callable[[User], Any]] = {
    "id": lambda user: user.id,
    "displayName": lambda user: user.name,
    "userPrincipalName": lambda user: user.upn,
    "givenName": lambda user: user.name.split(" ")[0] if user.purpose == "person" else None,
    "surname": lambda user: user.name.split(" ")[-1] if user.purpose == "person" else None,
    "mail": _mail,
    "mailNickname": lambda user: user.upn.split("@")[0],
    "jobTitle": lambda user: user.job_title,
    "department": lambda user: user.department,
    "accountEnabled": lambda user: user.enabled,
    "userType": lambda user: "Guest" if user.guest else "Member",
    "creationType": lambda user: "Invitation" if user.external else None,
    "externalUserState": lambda user: "Accepted" if user.external else None,
    "externalUserStateChangeDateTime": (
        lambda user: stamp(user.created) if user.external else None
    ),
    "onPremisesSyncEnabled": lambda user: True if user.synced else None,
    "createdDateTime": lambda user: stamp(user.created),
    "employeeHireDate": lambda user: f"{user.hired}T00:00:00Z" if user.hired else None,
    "lastPasswordChangeDateTime": lambda user: stamp(user.created),
    "signInSessionsValidFromDateTime": lambda user: stamp(user.sessions_valid_from),
    "usageLocation": lambda user: "US" if user.licensed else None,
    "assignedLicenses": _licences,
    "assignedPlans": _plans,
    "proxyAddresses": lambda user: [f"SMTP:{_mail(user)}"] if _mail(user) else [],
}

KNOWN_PROPERTIES = frozenset(_PROPERTIES) | frozenset(_NEVER_SET) | {"signInActivity"}


def user_json(user: User, names: tuple[str, ...] = DEFAULT_PROPERTIES) -> Json:
    """Only the named properties; somebody who never signed in has no signInActivity at all."""
    row = {
        name: _PROPERTIES[name](user) if name in _PROPERTIES else _NEVER_SET[name]
        for name in names
        if name != "signInActivity"
    }
    if "signInActivity" in names:
        activity = _activity(user)
        if activity:
            row["signInActivity"] = activity
        row["id"] = user.id
    return row


def _activity(user: User) -> Json | None:
    """Attempts that failed count for lastSignInDateTime and not for lastSuccessfulSignInDateTime."""
    moments = [item for item in (user.last_sign_in, user.last_attempt) if item is not None]
    if not moments:
        return None
    succeeded = stamp(user.last_sign_in) if user.last_sign_in else None
    return {
        "lastSignInDateTime": stamp(max(moments)),
        "lastSignInRequestId": user.id[::-1][:12].rjust(36, "0"),
        "lastNonInteractiveSignInDateTime": succeeded,
        "lastNonInteractiveSignInRequestId": "",
        "lastSuccessfulSignInDateTime": succeeded,
        "lastSuccessfulSignInRequestId": "",
    }


def guest_type(user: User) -> str | None:
    """The word conditional access has for this kind of outsider; None for an ordinary member."""
    if user.external:
        return "b2bCollaborationGuest" if user.guest else "b2bCollaborationMember"
    return "internalGuest" if user.guest else None
