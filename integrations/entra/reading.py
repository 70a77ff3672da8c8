"""One read of a tenant: the least calls, every part failing for itself."""

import logging
from collections.abc import Callable, Collection
from dataclasses import replace

from core.domain.facts import Fact
from core.domain.identity import (
    DirectoryReading,
    Grant,
    PolicyState,
)
from core.errors import VendorAuthError, VendorDown, VendorError, VendorForbidden
from core.rules.ca_coverage import per_user_state_decides
from integrations.entra import mapping, methods, policies
from integrations.entra.api import SOURCE, GraphApi, Json
from integrations.entra.batch import Batches, Outcome
from integrations.entra.groups import read_groups
from integrations.entra.missing import without, without_some
from integrations.entra.pacing import TenantPace
from integrations.entra.permissions import UNLICENSED_ONLY, role_for
from integrations.entra.roles import ACTIVE, ELIGIBLE, read_holders, read_templates

log = logging.getLogger(__name__)

USER_PROPERTIES = (
    "id,displayName,userPrincipalName,accountEnabled,userType,assignedLicenses,externalUserState,"
    "creationType,onPremisesSyncEnabled,createdDateTime,employeeHireDate"
)
REPORT_PROPERTIES = "id,isMfaRegistered,isMfaCapable,methodsRegistered"
_NOT_PREMIUM = "authentication_requestfromnonpremiumtenantorb2ctenant"

#: What mapping raises on rows of a shape nobody documents.
_STRANGE = (AttributeError, KeyError, TypeError, ValueError)

_Part = Callable[[DirectoryReading], DirectoryReading]


class TenantReader:
    """Reads one tenant, once. Each part takes what was read so far and adds to it."""

    def __init__(self, api: GraphApi, pace: TenantPace) -> None:
        self._api = api
        self._pace = pace
        self._batches = Batches(api=api)
        self._beta = Batches(api=api, version="beta")
        self._closed: VendorError | None = None
        self._was_away = False
        self._premium_p2 = Fact.UNKNOWN
        self._templates: dict[str, str] = {}

    def read(self, blank: DirectoryReading) -> DirectoryReading:
        """Never raises for what could not be read: `coverage` says so, since `blank.observed_at`."""
        parts: tuple[tuple[str, _Part], ...] = (
            ("domains", self._tenant),
            ("licences", self._licences),
            ("users", self._users),
            ("policies", self._policies),
            ("security defaults", self._security_defaults),
            ("roles", self._roles),
            ("eligible roles", self._eligible),
            ("groups", self._groups),
            ("registrations", self._registrations),
            ("per-user MFA", self._per_user),
        )
        reading = blank
        for what, part in parts:
            reading = self._attempt(reading, what, part)
        return reading

    def _attempt(self, reading: DirectoryReading, what: str, part: _Part) -> DirectoryReading:
        if self._closed is not None:
            return without(reading, what, self._closed)
        try:
            reading = part(reading)
        except VendorError as failure:
            self._maybe_close(failure)
            return without(reading, what, failure)
        except _STRANGE:
            log.exception("%s of tenant %s were not understood", what, reading.tenant_id)
            strange = VendorError(SOURCE, "It answered in a shape that is not understood.")
            return without(reading, what, strange)
        self._was_away = False
        return reading

    def _maybe_close(self, failure: VendorError) -> None:
        """Ask nothing more once signing in is refused, or two parts in a row got no answer at all."""
        away = isinstance(failure, VendorDown)
        if isinstance(failure, VendorAuthError) or (away and self._was_away):
            self._closed = failure
        self._was_away = away

    # The parts, in the order in which they need each other.

    def _tenant(self, reading: DirectoryReading) -> DirectoryReading:
        select = {"$select": "id,displayName,verifiedDomains"}
        tenant = mapping.tenant(self._api.rows("/organization", select))
        reading = replace(
            reading,
            tenant_name=tenant.name,
            default_domain=tenant.default_domain,
            domains=tenant.domains,
            federated_domains=tenant.federated,
        )
        if tenant.federation_told:
            return reading
        untold = VendorError(SOURCE, "Which domains are federated was not told.")
        return without(reading, "domains", untold)

    def _licences(self, reading: DirectoryReading) -> DirectoryReading:
        select = {"$select": "skuPartNumber,prepaidUnits,servicePlans"}
        skus = self._api.rows("/subscribedSkus", select)
        self._premium_p2 = mapping.has_plan(skus, mapping.P2)
        plans = (mapping.has_plan(skus, mapping.P1), self._premium_p2)
        return replace(reading, licensed=Fact.of(Fact.YES in plans))

    def _users(self, reading: DirectoryReading) -> DirectoryReading:
        rows = self._user_rows(with_sign_ins=reading.licensed is Fact.YES)
        return replace(reading, users=tuple(map(mapping.user, rows)))

    def _user_rows(self, *, with_sign_ins: bool) -> list[Json]:
        """Sign-in times need a licence and a role, and the whole list is refused where one is missing."""
        if with_sign_ins:
            select = f"{USER_PROPERTIES},signInActivity"
            try:
                return self._api.rows("/users", {"$select": select, "$top": 500})
            except VendorForbidden as refused:
                log.info("Reading accounts without their last sign-ins: %s", refused)
        return self._api.rows("/users", {"$select": USER_PROPERTIES, "$top": 999})

    def _policies(self, reading: DirectoryReading) -> DirectoryReading:
        rows = self._api.rows("/identity/conditionalAccess/policies", pace=self._pace.policies)
        return replace(reading, policies=tuple(map(policies.policy, rows)))

    def _security_defaults(self, reading: DirectoryReading) -> DirectoryReading:
        row = self._api.get("/policies/identitySecurityDefaultsEnforcementPolicy")
        return replace(reading, security_defaults=Fact.of(row["isEnabled"]))

    def _roles(self, reading: DirectoryReading) -> DirectoryReading:
        self._templates = read_templates(self._api)
        held = read_holders(self._api, ACTIVE, self._templates)
        return replace(reading, role_holders=held)

    def _eligible(self, reading: DirectoryReading) -> DirectoryReading:
        """Only P2 has roles that can be activated."""
        if self._premium_p2 is Fact.NO:
            return reading
        held = read_holders(self._api, ELIGIBLE, self._templates)
        return replace(reading, eligible_holders=held)

    def _groups(self, reading: DirectoryReading) -> DirectoryReading:
        wanted = named_groups(reading)
        if not wanted:
            return reading
        groups = read_groups(self._api, wanted, names=True)
        reading = replace(
            reading,
            group_members=groups.users,
            group_names=groups.names,
            gone=frozenset(groups.gone),
        )
        ends: list[Outcome] = [groups.failed.get(group, {}) for group in wanted]
        return without_some(reading, "groups", "groups", ends)

    def _registrations(self, reading: DirectoryReading) -> DirectoryReading:
        if reading.licensed is Fact.NO:
            return self._live_registrations(reading)
        try:
            rows = self._api.rows(
                "/reports/authenticationMethods/userRegistrationDetails",
                {"$select": REPORT_PROPERTIES, "$top": 999},
                pace=self._pace.reports,
            )
        except VendorForbidden as refused:
            raise _explained(refused, reading.licensed) from refused
        found = map(mapping.registration, rows)
        return replace(reading, registrations={row.user_id: row for row in found})

    def _live_registrations(self, reading: DirectoryReading) -> DirectoryReading:
        """Without the report: every account's own list, twenty in a call."""
        wanted = [user.id for user in reading.users if user.enabled is not Fact.NO]
        reading, allowed = self._allowed_methods(reading)
        urls: dict[str, str] = {user: f"/users/{user}/authentication/methods" for user in wanted}
        ended = self._batches.get(urls)
        lists = {user: self._batches.whole(ended[user]) for user in wanted}
        found = {
            user: methods.live_registration(user, rows, allowed)
            for user, rows in lists.items()
            if not isinstance(rows, VendorError)
        }
        reading = replace(reading, registrations=found)
        return without_some(
            reading, "registrations", "accounts", lists.values(), role=UNLICENSED_ONLY
        )

    def _allowed_methods(
        self, reading: DirectoryReading
    ) -> tuple[DirectoryReading, methods.Allowed]:
        try:
            return reading, methods.allowed(self._api.get("/policies/authenticationMethodsPolicy"))
        except VendorError as failure:
            policy = role_for("policies")
            some = "Which methods may be used: "
            return without(reading, "registrations", failure, some=some, role=policy), {}

    def _per_user(self, reading: DirectoryReading) -> DirectoryReading:
        """One item per account, so only those are asked whom nothing else surely covers."""
        wanted = per_user_state_decides(reading)
        urls: dict[str, str] = {
            user: f"/users/{user}/authentication/requirements" for user in wanted
        }
        ended = self._beta.get(urls)
        states = {
            user: mapping.per_user_state(end)
            for user in wanted
            if not isinstance(end := ended[user], VendorError)
        }
        reading = replace(reading, per_user=states)
        return without_some(reading, "per-user MFA", "accounts", ended.values())


_ABOUT_MFA: Collection[Grant] = (Grant.MFA, Grant.MFA_OR_OTHER, Grant.THIRD_PARTY)


def named_groups(reading: DirectoryReading) -> frozenset[str]:
    """The groups that decide whom the policies about MFA reach."""
    relevant = (
        policy
        for policy in reading.policies
        if policy.state is not PolicyState.DISABLED and policy.grant in _ABOUT_MFA
    )
    return frozenset(
        group for policy in relevant for group in policy.include.groups | policy.exclude.groups
    )


def _explained(refused: VendorForbidden, licensed: Fact) -> VendorForbidden:
    """Entra calls a tenant unlicensed also when the app may not see its licences."""
    if (refused.code or "").lower() != _NOT_PREMIUM or licensed is not Fact.YES:
        return refused
    return VendorForbidden(
        SOURCE,
        "The registration report is refused as unlicensed, though the tenant has a premium licence.",
        remedy="Grant Directory.Read.All to the read app in that tenant.",
        status=refused.status,
        code=refused.code,
    )
