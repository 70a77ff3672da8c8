"""Conditional-access policies as domain objects: what they ask, of whom, and what leaves sign-ins out. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.domain.identity import Audience, CaPolicy, Grant, PolicyState

Json = dict[str, Any]

_STATES: Mapping[str, PolicyState] = {
    "enabled": PolicyState.ENABLED,
    "enabledForReportingButNotEnforced": PolicyState.REPORT_ONLY,
    "disabled": PolicyState.DISABLED,
}


def policy(row: Json) -> CaPolicy:
    """Raises KeyError where the policy has no id."""
    conditions = _dict(row.get("conditions"))
    users = _dict(conditions.get("users"))
    apps = _dict(conditions.get("applications"))
    grant, doubts = grant_of(_dict(row.get("grantControls")))
    return CaPolicy(
        id=row["id"],
        name=str(row.get("displayName") or row["id"]),
        state=_STATES.get(str(row.get("state")), PolicyState.UNKNOWN),
        grant=grant,
        all_apps="All" in _words(apps.get("includeApplications")),
        excluded_apps=_words(apps.get("excludeApplications")),
        narrowed_by=(*_narrowed(conditions), *_narrowed_apps(apps), *doubts),
        limits_registration=_limits_registration(conditions, _dict(row.get("grantControls"))),
        include=_audience(users, "include"),
        exclude=_audience(users, "exclude"),
    )


# What is asked.


def grant_of(controls: Json) -> tuple[Grant, tuple[str, ...]]:
    """What a sign-in must satisfy, and doubts that keep it from counting as full MFA."""
    built_in = _words(controls.get("builtInControls"))
    custom = _words(controls.get("customAuthenticationFactors"))
    strength = controls.get("authenticationStrength")
    if "block" in built_in:
        return Grant.BLOCK, ()
    if "mfa" not in built_in and not strength:
        return (Grant.THIRD_PARTY if custom else Grant.OTHER), ()
    satisfied, doubts = _strength(strength) if strength else (True, ())
    if not satisfied:
        return Grant.OTHER, ()
    others = (*(c for c in built_in if c != "mfa"), *custom, *_words(controls.get("termsOfUse")))
    either = bool(others) and str(controls.get("operator")).upper() != "AND"
    return (Grant.MFA_OR_OTHER if either else Grant.MFA), doubts


def _strength(strength: object) -> tuple[bool, tuple[str, ...]]:
    """Whether an authentication strength is MFA; a doubt where Graph does not say."""
    told = _dict(strength).get("requirementsSatisfied")
    if not isinstance(told, str):
        return True, ("an authentication strength whose requirements were not told",)
    return "mfa" in told.split(","), ()


_REGISTERING = "urn:user:registersecurityinfo"
#: What somebody who only knows the password does not have.
_BARRIERS = frozenset({"block", "mfa", "compliantDevice", "domainJoinedDevice"})
_PLACES = frozenset({"except trusted locations", "except some locations"})


def _limits_registration(conditions: Json, controls: Json) -> bool:
    """Whether registering a method takes more than the password, save from excluded places."""
    actions = _words(_dict(conditions.get("applications")).get("includeUserActions"))
    built_in = set(_words(controls.get("builtInControls")))
    barriers = bool(built_in & _BARRIERS) or bool(controls.get("authenticationStrength"))
    either = str(controls.get("operator")).upper() != "AND"
    softer = bool(built_in - _BARRIERS) or bool(controls.get("termsOfUse"))
    everywhere = _PLACES.issuperset(_narrowed(conditions))
    return _REGISTERING in actions and barriers and everywhere and not (either and softer)


# Of whom.


def _audience(users: Json, side: str) -> Audience:
    named = _words(users.get(f"{side}Users"))
    outsiders = _dict(users.get(f"{side}GuestsOrExternalUsers"))
    types = frozenset(filter(None, str(outsiders.get("guestOrExternalUserTypes") or "").split(",")))
    types -= {"none"}
    older = {"*"} if "GuestsOrExternalUsers" in named else set()
    tenants = _dict(outsiders.get("externalTenants")).get("membershipKind")
    return Audience(
        everyone="All" in named,
        users=frozenset(word.lower() for word in named if word not in _GROUP_WORDS),
        groups=frozenset(word.lower() for word in _words(users.get(f"{side}Groups"))),
        roles=frozenset(word.lower() for word in _words(users.get(f"{side}Roles"))),
        external_types=types | older,
        some_tenants_only=bool(types) and not older and tenants not in (None, "all"),
    )


_GROUP_WORDS = frozenset({"All", "None", "GuestsOrExternalUsers"})


# What leaves sign-ins out.


def _narrowed(conditions: Json) -> Iterator[str]:
    """Each condition that an ordinary sign-in may not meet; one we do not know counts as such."""
    yield from _client_app_types(conditions.get("clientAppTypes"))
    for key, value in conditions.items():
        if key in _LOOKED_AT_ELSEWHERE or not value:
            continue
        describe = _CONDITIONS.get(key, lambda _, key=key: [f"the condition {key}"])
        yield from describe(value)


def _narrowed_apps(apps: Json) -> Iterator[str]:
    """Single apps that are left out are only listed; without Office 365, mail and files open to a password."""
    if apps.get("applicationFilter"):
        yield "an app filter"
    if "Office365" in _words(apps.get("excludeApplications")):
        yield "except Office 365"


def _levels(what: str) -> Callable[[Any], Iterable[str]]:
    def describe(value: Any) -> Iterable[str]:
        levels = _words(value) or (str(value),)
        return [f"{what}: {', '.join(levels)}"]

    return describe


def _client_app_types(value: Any) -> Iterator[str]:
    types = set(_words(value))
    if "all" not in types and not {"browser", "mobileAppsAndDesktopClients"} <= types:
        yield f"client apps: {', '.join(sorted(types)) or 'none named'}"


def _scope(
    what: str, everything: str, include: str, exclude: str
) -> Callable[[Any], Iterator[str]]:
    """A condition with an include and an exclude list, whole only when everything is in and nothing out."""

    def describe(value: Any) -> Iterator[str]:
        scope = _dict(value)
        included, excluded = _words(scope.get(include)), _words(scope.get(exclude))
        if everything.lower() not in {word.lower() for word in included}:
            yield f"only some {what}"
        if excluded:
            yield _except(what, excluded)

    return describe


def _except(what: str, excluded: tuple[str, ...]) -> str:
    if what == "locations" and set(excluded) == {"AllTrusted"}:
        return "except trusted locations"
    return f"except some {what}"


def _devices(value: Any) -> Iterator[str]:
    if any(_dict(value).values()):
        yield "a device filter"


def _workloads(value: Any) -> Iterator[str]:
    if any(_dict(value).values()):
        yield "workload identities, not people"


_CONDITIONS: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "userRiskLevels": _levels("user risk"),
    "signInRiskLevels": _levels("sign-in risk"),
    "servicePrincipalRiskLevels": _levels("workload risk"),
    "insiderRiskLevels": _levels("insider risk"),
    "authenticationFlows": lambda _: ["authentication flows"],
    "platforms": _scope("platforms", "all", "includePlatforms", "excludePlatforms"),
    "locations": _scope("locations", "All", "includeLocations", "excludeLocations"),
    "deviceStates": _scope("device states", "All", "includeStates", "excludeStates"),
    "devices": _devices,
    "clientApplications": _workloads,
}
_LOOKED_AT_ELSEWHERE = frozenset({"users", "applications", "clientAppTypes"})


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
