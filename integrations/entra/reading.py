"""One read of a tenant: the least calls, every part failing for itself."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from typing import Any

from core.domain.facts import Fact, Unread
from core.domain.identity import (
    DEVICE_REGISTER,
    DirectoryReading,
    DirectoryUser,
    Grant,
    PolicyState,
    UserId,
)
from core.errors import VendorAuthError, VendorDown, VendorError, VendorForbidden
from integrations.entra import licences, mapping, methods, policies
from integrations.entra.api import SOURCE, GraphApi, Json
from integrations.entra.batch import Batches, Outcome
from integrations.entra.groups import Groups, read_groups, read_inner
from integrations.entra.last_sign_ins import LastSignIns
from integrations.entra.missing import without, without_some
from integrations.entra.pacing import TenantPace
from integrations.entra.per_user import PerUserStates
from integrations.entra.permissions import UNLICENSED_ONLY
from integrations.entra.roles import (
    ACTIVE,
    ELIGIBLE,
    holders_of,
    read_assignments,
    read_templates,
)

log = logging.getLogger(__name__)

USER_PROPERTIES = (
    "id,displayName,userPrincipalName,accountEnabled,userType,assignedLicenses,externalUserState,"
    "creationType,onPremisesSyncEnabled,createdDateTime,employeeHireDate,isResourceAccount"
)
DEVICE_PROPERTIES = (
    "id,displayName,operatingSystem,trustType,accountEnabled,approximateLastSignInDateTime"
)
REPORT_PROPERTIES = "id,isMfaRegistered,isMfaCapable,methodsRegistered"
_NOT_PREMIUM = "authentication_requestfromnonpremiumtenantorb2ctenant"

#: What mapping raises on rows of a shape nobody documents.
_STRANGE = (AttributeError, KeyError, TypeError, ValueError)

_Part = Callable[[DirectoryReading], DirectoryReading]
#: Parts that need each other in this order, with what they read.
_Chain = tuple[tuple[str, _Part], ...]


class TenantReader:
    """Reads one tenant, once. Each part takes what was read so far and adds to it."""

    def __init__(self, api: GraphApi, pace: TenantPace, last_sign_ins: LastSignIns) -> None:
        self._api = api
        self._pace = pace
        self._last_sign_ins = last_sign_ins
        self._batches = Batches(api=api)
        self._states = PerUserStates(api)
        self._closed: VendorError | None = None
        self._was_away = False
        self._premium = Fact.UNKNOWN
        self._premium_p2 = Fact.UNKNOWN
        self._premium_skus: dict[str, frozenset[str]] = {}
        self._assigned: dict[UserId, licences.Assigned] = {}
        self._templates: dict[str, str] = {}
        self._groups_read = Groups()
        self._allowed: methods.Allowed = {}

    def read(self, blank: DirectoryReading) -> DirectoryReading:
        """Never raises for what could not be read: `coverage` says so, since `blank.observed_at`."""
        self._sign_in()
        report = (("licences", self._licences), ("registrations", self._report))
        long = [self._start(blank, chain) for chain in (report, (("users", self._users),))]
        ground = self._side_by_side(
            blank,
            (("domains", self._tenant),),
            (("policies", self._policies), ("groups", self._groups)),
            (("security defaults", self._security_defaults),),
            (("methods policy", self._methods_policy),),
            (("roles", self._roles),),
            ((DEVICE_REGISTER, self._devices),),
        )
        self._states.covered_by(ground)
        reading = self._covered(_together(blank, [ground, *(ended() for ended in long)]))
        reading = self._side_by_side(
            reading,
            (("eligible roles", self._eligible),),
            (("groups", self._inner_groups),),
            (("registrations", self._live_registrations),),
        )
        return self._attempt(reading, "per-user MFA", self._per_user)

    def _start(self, reading: DirectoryReading, chain: _Chain) -> Callable[[], DirectoryReading]:
        return self._api.parallel.start(partial(self._follow, reading, chain))

    def _side_by_side(self, reading: DirectoryReading, *chains: _Chain) -> DirectoryReading:
        jobs = [partial(self._follow, reading, chain) for chain in chains]
        return _together(reading, self._api.parallel(jobs))

    def _follow(self, reading: DirectoryReading, chain: _Chain) -> DirectoryReading:
        for what, part in chain:
            reading = self._attempt(reading, what, part)
        return reading

    def _sign_in(self) -> None:
        """Once, before many ask at a time; whether another failure passes, each part finds out."""
        try:
            self._api.http.authorize()
        except VendorError as failure:
            self._maybe_close(failure)

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
        select = {"$select": "skuId,prepaidUnits,servicePlans"}
        skus = self._api.rows("/subscribedSkus", select)
        self._premium_p2 = licences.has_plan(skus, licences.P2)
        self._premium = licences.has_premium(skus)
        self._premium_skus = licences.premium_skus(skus)
        return replace(reading, licensed=self._premium)

    def _covered(self, reading: DirectoryReading) -> DirectoryReading:
        """Who has a licence of their own, of those in a tenant that has some."""
        if reading.licensed is not Fact.YES:
            return reading
        skus = self._premium_skus
        covered = {user: licences.covers(its, skus) for user, its in self._assigned.items()}
        return replace(reading, premium=covered)

    def _users(self, reading: DirectoryReading) -> DirectoryReading:
        """Page by page; who is known already is asked about while the next page comes."""
        users: list[DirectoryUser] = []
        told: set[str] = set()
        due = self._last_sign_ins.due(reading.observed_at)
        if due:
            self._last_sign_ins.forget()
        next_page = partial(next, self._pages_of_users(reading.observed_at), None)
        coming = self._api.parallel.start(next_page)
        while (rows := coming()) is not None:
            coming = self._api.parallel.start(next_page)
            page = [self._user(row) for row in rows]
            told |= {row["id"] for row in rows if row.get("signInActivity")}
            self._states.came(page)
            self._assigned |= {
                user.id: licences.assigned(row) for user, row in zip(page, rows, strict=True)
            }
            users += page
        if told:  # then Graph leaves the property out of those who never signed in
            users = [replace(u, never_signed_in=u.id not in told) for u in users]
        if due:
            self._last_sign_ins.keep(users, reading.observed_at)
        return replace(reading, users=tuple(users))

    def _user(self, row: Json) -> DirectoryUser:
        known = self._last_sign_ins
        return mapping.user(
            row, signed_in=known.of(row["id"]), never_signed_in=known.never(row["id"])
        )

    def _pages_of_users(self, now: datetime) -> Iterator[list[Json]]:
        """Sign-in times need a licence and a role, and the whole list is refused where one is missing.

        Where the licences are not known yet, being refused is quicker than waiting for them.
        """
        if self._premium is not Fact.NO and self._last_sign_ins.due(now):
            select = f"{USER_PROPERTIES},signInActivity"
            pages = self._api.pages("/users", {"$select": select, "$top": 500})
            try:
                yield next(pages)
            except VendorForbidden as refused:
                log.info("Reading accounts without their last sign-ins: %s", refused)
            else:
                yield from pages
                return
        yield from self._api.pages("/users", {"$select": USER_PROPERTIES, "$top": 999})

    def _policies(self, reading: DirectoryReading) -> DirectoryReading:
        rows = self._api.rows("/identity/conditionalAccess/policies", pace=self._pace.policies)
        return replace(reading, policies=tuple(map(policies.policy, rows)))

    def _security_defaults(self, reading: DirectoryReading) -> DirectoryReading:
        row = self._api.get("/policies/identitySecurityDefaultsEnforcementPolicy")
        return replace(reading, security_defaults=Fact.of(row["isEnabled"]))

    def _methods_policy(self, reading: DirectoryReading) -> DirectoryReading:
        policy = self._api.get("/policies/authenticationMethodsPolicy")
        self._allowed = methods.allowed(policy)
        return replace(reading, unseen_methods=methods.unseen(policy))

    def _roles(self, reading: DirectoryReading) -> DirectoryReading:
        self._templates = read_templates(self._api)
        rows = read_assignments(self._api, ACTIVE)
        return replace(
            reading,
            role_holders=self._held(mapping.tenant_wide(rows)),
            scoped_holders=self._held(mapping.narrower(rows)),
        )

    def _eligible(self, reading: DirectoryReading) -> DirectoryReading:
        """Only P2 has roles that can be activated."""
        if self._premium_p2 is Fact.NO:
            return reading
        rows = read_assignments(self._api, ELIGIBLE)
        return replace(
            reading,
            eligible_holders=self._held(mapping.tenant_wide(rows)),
            scoped_eligible_holders=self._held(mapping.narrower(rows)),
        )

    def _held(self, rows: list[Json]) -> dict[str, frozenset[str]]:
        return holders_of(self._api, rows, self._templates)

    def _devices(self, reading: DirectoryReading) -> DirectoryReading:
        rows = self._api.rows("/devices", {"$select": DEVICE_PROPERTIES, "$top": 999})
        return replace(reading, devices=tuple(map(mapping.device, rows)))

    def _groups(self, reading: DirectoryReading) -> DirectoryReading:
        wanted = named_groups(reading)
        if not wanted:
            return reading
        groups = read_groups(self._api, wanted, names=True)
        self._groups_read = groups
        reading = replace(
            reading,
            group_members=groups.users,
            group_names=groups.names,
            gone=frozenset(groups.gone),
        )
        ends: list[Outcome] = [groups.failed.get(group, {}) for group in wanted]
        return without_some(reading, "groups", "groups", ends)

    def _inner_groups(self, reading: DirectoryReading) -> DirectoryReading:
        """Late, because nothing waits for what only explains."""
        groups = self._groups_read
        inner = read_inner(self._api, groups)
        return replace(
            reading,
            group_names={**inner.names, **groups.names},
            inner_groups={
                outer: {group: inner.members[group] for group in inside if group in inner.members}
                for outer, inside in groups.groups.items()
                if inside
            },
        )

    def _report(self, reading: DirectoryReading) -> DirectoryReading:
        if reading.licensed is Fact.NO:
            return reading
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
        if reading.licensed is not Fact.NO:
            return reading
        wanted = [user.id for user in reading.users if user.enabled is not Fact.NO]
        urls: dict[str, str] = {user: f"/users/{user}/authentication/methods" for user in wanted}
        ended = self._batches.get(urls)
        lists = {user: self._batches.whole(ended[user]) for user in wanted}
        found = {
            user: methods.live_registration(user, rows, self._allowed)
            for user, rows in lists.items()
            if not isinstance(rows, VendorError)
        }
        reading = replace(reading, registrations=found)
        return without_some(
            reading, "registrations", "accounts", lists.values(), role=UNLICENSED_ONLY
        )

    def _per_user(self, reading: DirectoryReading) -> DirectoryReading:
        ended = self._states.answers()
        states = {
            UserId(user): mapping.per_user_state(end)
            for user, end in ended.items()
            if not isinstance(end, VendorError)
        }
        reading = replace(reading, per_user=states)
        return without_some(reading, "per-user MFA", "accounts", ended.values())


def _together(before: DirectoryReading, after: Iterable[DirectoryReading]) -> DirectoryReading:
    """What each reading has beyond the one all of them started from."""
    added: dict[str, Any] = {}
    unread: list[Unread] = []
    for reading in after:
        unread += reading.coverage.unread[len(before.coverage.unread) :]
        for field in fields(reading):
            value = getattr(reading, field.name)
            if value is not getattr(before, field.name):
                added[field.name] = value
    return replace(before, **{**added, "coverage": before.coverage.plus(*unread)})


_ABOUT_MFA: Collection[Grant] = (Grant.MFA, Grant.MFA_OR_OTHER, Grant.THIRD_PARTY)


def named_groups(reading: DirectoryReading) -> frozenset[str]:
    """The groups that decide whom the policies about MFA reach."""
    relevant = (
        policy
        for policy in reading.policies
        if policy.state is not PolicyState.DISABLED
        and (policy.grant in _ABOUT_MFA or policy.limits_registration)
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
