"""Decides which conditional-access policies apply to a sign-in."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.entra.directory import active_roles, find_group, transitive_members
from sandbox.entra.lag import Replicas
from sandbox.entra.protocol import Json
from sandbox.entra.resources.user_json import guest_type
from sandbox.estate.model import Tenant, User

#: What the words for groups of applications stand for.
_APP_SETS: dict[str, frozenset[str]] = {
    "Office365": frozenset(
        {
            "00000002-0000-0ff1-ce00-000000000000",
            "00000003-0000-0ff1-ce00-000000000000",
            "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
        }
    ),
    "MicrosoftAdminPortals": frozenset({"c44b4083-3bb0-49c1-b47d-974e53cbdf3c"}),
}
NOT_SET = "notSet"


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A sign-in to judge. What is None was not said, and no condition is held against it."""

    user: User
    apps: tuple[str, ...] = ()
    user_action: str | None = None
    platform: str | None = None
    client_app: str | None = None
    sign_in_risk: str | None = None
    user_risk: str | None = None
    ip: str | None = None


class Judge:
    """Judges sign-ins to one tenant as its policies and groups stand now."""

    def __init__(self, tenant: Tenant, replicas: Replicas) -> None:
        self._tenant = tenant
        self._replicas = replicas
        self._members: dict[str, frozenset[str]] = {}

    def reason_against(self, policy: Json, sign_in: SignIn) -> str:
        """Why the policy does not apply, in Graph's word; NOT_SET where it does.

        A report-only policy applies: whether it is enforced is for the reader of its state.
        """
        conditions = policy["conditions"]
        if policy["state"] == "disabled":
            return "policyNotEnabled"
        if not self._addresses(conditions["users"], sign_in.user):
            return "users"
        if not _for_application(conditions["applications"], sign_in):
            return "userActions" if sign_in.user_action else "application"
        return self._narrowed(conditions, sign_in)

    def _narrowed(self, conditions: Json, sign_in: SignIn) -> str:
        checks = (
            ("clientApps", _client_matches(conditions["clientAppTypes"], sign_in.client_app)),
            ("devicePlatform", _platform_matches(conditions["platforms"], sign_in.platform)),
            ("signInRisk", _risk_matches(conditions["signInRiskLevels"], sign_in.sign_in_risk)),
            ("userRisk", _risk_matches(conditions["userRiskLevels"], sign_in.user_risk)),
            ("location", self._location_matches(conditions["locations"], sign_in.ip)),
        )
        return next((reason for reason, holds in checks if not holds), NOT_SET)

    def _addresses(self, users: Json, user: User) -> bool:
        """Included and not excluded: exclusion always wins."""
        return self._named(users, "include", user) and not self._named(users, "exclude", user)

    def _named(self, users: Json, side: str, user: User) -> bool:
        ids = users[f"{side}Users"]
        outsider = guest_type(user)
        return (
            user.id in ids
            or "All" in ids
            or ("GuestsOrExternalUsers" in ids and outsider is not None)
            or any(user.id in self._group(group) for group in users[f"{side}Groups"])
            or bool(self._roles.get(user.id, set()) & set(users[f"{side}Roles"]))
            or _guest_matches(users[f"{side}GuestsOrExternalUsers"], outsider)
        )

    @cached_property
    def _roles(self) -> dict[str, set[str]]:
        return active_roles(self._tenant, self._replicas)

    def _group(self, group_id: str) -> frozenset[str]:
        if group_id not in self._members:
            found: Iterable[str] = ()
            if group_id in self._tenant.groups:
                group = find_group(self._tenant, group_id)
                found = transitive_members(self._tenant, group, self._replicas)
            self._members[group_id] = frozenset(found)
        return self._members[group_id]

    def _location_matches(self, locations: Json | None, ip: str | None) -> bool:
        if locations is None or ip is None:
            return True
        included = any(self._is_in(place, ip) for place in locations["includeLocations"])
        return included and not any(self._is_in(item, ip) for item in locations["excludeLocations"])

    def _is_in(self, place: str, ip: str) -> bool:
        if place == "All":
            return True
        address = ipaddress.ip_address(ip)
        return any(
            address in ipaddress.ip_network(item["cidrAddress"])
            for location in self._tenant.named_locations
            if location["id"] == place or (place == "AllTrusted" and location["isTrusted"])
            for item in location["ipRanges"]
        )


def _guest_matches(wanted: Json | None, outsider: str | None) -> bool:
    return (
        wanted is not None
        and outsider is not None
        and outsider in wanted["guestOrExternalUserTypes"].split(",")
    )


def _for_application(applications: Json, sign_in: SignIn) -> bool:
    if sign_in.user_action is not None:
        return sign_in.user_action in applications["includeUserActions"]
    if not sign_in.apps:
        return bool(applications["includeApplications"])
    return any(
        _app_in(app, applications["includeApplications"])
        and not _app_in(app, applications["excludeApplications"])
        for app in sign_in.apps
    )


def _app_in(app: str, named: list[str]) -> bool:
    return any(
        word == "All" or word.lower() == app.lower() or app.lower() in _APP_SETS.get(word, ())
        for word in named
    )


def _client_matches(wanted: list[str], client_app: str | None) -> bool:
    return client_app is None or not wanted or "all" in wanted or client_app in wanted


def _platform_matches(wanted: Json | None, platform: str | None) -> bool:
    if wanted is None or platform is None:
        return True
    included = "all" in wanted["includePlatforms"] or platform in wanted["includePlatforms"]
    return included and platform not in wanted["excludePlatforms"]


def _risk_matches(wanted: list[str], risk: str | None) -> bool:
    return not wanted or risk is None or risk in wanted


def demands_mfa(policy: Json) -> bool:
    """Whether the policy's grant asks for a second factor, perhaps among other ways."""
    grant: dict[str, Any] = policy["grantControls"] or {}
    return "mfa" in grant.get("builtInControls", ()) or bool(grant.get("authenticationStrength"))
