"""The script most people write: every user's methods, one call after the other, with plain `requests`."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import requests

from core.domain.facts import Coverage, Fact
from core.domain.identity import DirectoryReading, UserId
from core.rules.ca_coverage import per_user_state_decides
from integrations.entra import mapping, methods, policies
from integrations.entra.reading import USER_PROPERTIES, named_groups
from integrations.entra.settings import EntraSettings

Json = dict[str, Any]


@dataclass(kw_only=True)
class Loop:
    """Reads one licensed tenant's accounts, what they registered and what covers them.

    It uses the product's own understanding of Graph's JSON, so that only the way of reading differs.
    """

    settings: EntraSettings
    tenant_id: str
    client_secret: str
    calls: int = 0
    session: requests.Session = field(default_factory=requests.Session)

    def read(self, now: datetime) -> tuple[DirectoryReading, float]:
        """The reading and the seconds it took, the sign-in not counted."""
        self._sign_in()
        started = time.perf_counter()
        reading = self._covered(self._listed(now))
        return self._asked(reading), time.perf_counter() - started

    def _sign_in(self) -> None:
        self.session.trust_env = False
        self.session.verify = str(self.settings.ca_file)
        answer = self.session.post(
            f"{self.settings.login_url}/{self.tenant_id}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.settings.read.client_id,
                "client_secret": self.client_secret,
                "scope": f"{self.settings.graph_url}/.default",
            },
            timeout=30,
        )
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _listed(self, now: datetime) -> DirectoryReading:
        tenant = mapping.tenant(self._rows("/organization"))
        users = self._rows("/users", {"$select": USER_PROPERTIES, "$top": 999})
        return DirectoryReading(
            tenant_id=self.tenant_id,
            domains=tenant.domains,
            federated_domains=tenant.federated,
            users=tuple(map(mapping.user, users)),
            coverage=Coverage(),
            observed_at=now,
        )

    def _covered(self, reading: DirectoryReading) -> DirectoryReading:
        defaults = self._get("/policies/identitySecurityDefaultsEnforcementPolicy")
        rows = self._rows("/identity/conditionalAccess/policies")
        reading = replace(
            reading,
            security_defaults=Fact.of(defaults["isEnabled"]),
            policies=tuple(map(policies.policy, rows)),
            role_holders=self._role_holders(),
        )
        members = {group: self._members(group) for group in named_groups(reading)}
        return replace(reading, group_members=members)

    def _role_holders(self) -> Mapping[str, frozenset[str]]:
        definitions = self._rows("/roleManagement/directory/roleDefinitions")
        assigned = self._rows("/roleManagement/directory/roleAssignments", {"$expand": "principal"})
        rows = mapping.tenant_wide(assigned)
        groups = {group: self._members(group) for group in mapping.group_principals(rows)}
        return mapping.holders(rows, mapping.role_templates(definitions), groups)

    def _members(self, group: str) -> frozenset[str]:
        select = {"$select": "id", "$top": "999"}
        return mapping.user_members(self._rows(f"/groups/{group}/transitiveMembers", select))

    def _asked(self, reading: DirectoryReading) -> DirectoryReading:
        """One call per account for its methods, and one for its state where nothing else covers it."""
        policy = self._get("/policies/authenticationMethodsPolicy")
        allowed = methods.allowed(policy)
        enabled = [user for user in reading.users if user.enabled is not Fact.NO]
        lists = {
            user.id: self._rows(f"/users/{user.id}/authentication/methods") for user in enabled
        }
        states = {user: self._state(user) for user in per_user_state_decides(reading)}
        return replace(
            reading,
            unseen_methods=methods.unseen(policy),
            registrations={
                user: methods.live_registration(user, rows, allowed) for user, rows in lists.items()
            },
            per_user={user: mapping.per_user_state(row) for user, row in states.items()},
        )

    def _state(self, user: UserId) -> Json:
        return self._get(f"/users/{user}/authentication/requirements", version="beta")

    def _rows(self, path: str, params: Mapping[str, Any] | None = None) -> list[Json]:
        return [row for page in self._pages(path, params) for row in page]

    def _pages(self, path: str, params: Mapping[str, Any] | None) -> Iterator[list[Json]]:
        page = self._get(path, params)
        yield page["value"]
        while link := page.get("@odata.nextLink"):
            page = self._answer(link, None)
            yield page["value"]

    def _get(
        self, path: str, params: Mapping[str, Any] | None = None, version: str = "v1.0"
    ) -> Json:
        return self._answer(f"{self.settings.graph_url}/{version}{path}", params)

    def _answer(self, url: str, params: Mapping[str, Any] | None) -> Json:
        self.calls += 1
        answer = self.session.get(url, params=params, timeout=30)
        answer.raise_for_status()
        body: Json = answer.json()
        return body
