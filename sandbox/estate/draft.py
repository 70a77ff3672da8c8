"""A directory while it grows: accounts, groups and policies with stable ids and one source of chance."""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sandbox.estate import names, policies
from sandbox.estate.companies import Outline
from sandbox.estate.ids import stable_id
from sandbox.estate.methods import methods_policy
from sandbox.estate.model import Group, Tenant, User
from sandbox.estate.times import ago

#: What each kind of tenant buys for its people.
_SKU = {"p1": "SPB", "p2": "SPE_E5", "free": "O365_BUSINESS_PREMIUM"}


class Draft:
    """Grows one company's tenant. The same outline and seed give the same tenant."""

    def __init__(self, outline: Outline, seed: int, now: datetime) -> None:
        self.outline = outline
        self.now = now
        self.rng = Random(f"{seed}/{outline.key}/directory")
        self.sku = _SKU[outline.licence]
        self._seed = seed
        self._names = self._spread_names()
        tenant_id = stable_id(seed, outline.key, "tenant")
        slug = outline.domain.split(".")[0]
        self.tenant = Tenant(
            id=tenant_id,
            default_domain=outline.domain,
            initial_domain=f"{slug}{tenant_id[:4]}.onmicrosoft.com",
            display_name=outline.name,
            methods_policy=methods_policy(),
        )

    def id_of(self, *parts: str) -> str:
        """The id of something in this tenant; ids of things that are gone come from here too."""
        return stable_id(self._seed, self.outline.key, *parts)

    def next_name(self) -> str:
        """A name that nobody in this directory has yet; the stories name some people themselves."""
        taken = {user.name for user in self.tenant.users.values()}
        return next(name for name in self._names if name not in taken)

    def account(self, name: str, local: str, *, domain: str | None = None, **facts: Any) -> User:
        """Add an account; what `facts` leaves out is an ordinary, licence-less, enabled account."""
        upn = f"{local}@{domain or self.outline.domain}"
        created = facts.pop("created", None) or ago(self.rng, self.now, 200, 1500)
        user = User(
            id=self.id_of("user", upn),
            name=name,
            upn=upn,
            created=created,
            sessions_valid_from=facts.pop("sessions_valid_from", created),
            **facts,
        )
        self.tenant.users[user.id] = user
        return user

    def group(self, name: str, members: Iterable[User | Group] = (), **facts: Any) -> Group:
        group = Group(
            id=self.id_of("group", name), name=name, members=[item.id for item in members], **facts
        )
        self.tenant.groups[group.id] = group
        return group

    def policy(
        self, name: str, grant: dict[str, Any], wanted: dict[str, Any], **facts: Any
    ) -> dict[str, Any]:
        made = policies.policy(
            self.id_of("policy", name),
            name,
            grant,
            wanted,
            created=self.now - timedelta(days=self.rng.randint(60, 700)),
            **facts,
        )
        self.tenant.policies.append(made)
        return made

    def trusted_location(self, name: str, *ranges: str) -> str:
        """A named IP location marked as trusted; give its id."""
        location_id = self.id_of("location", name)
        self.tenant.named_locations.append(
            {
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                "id": location_id,
                "displayName": name,
                "createdDateTime": "2024-02-05T09:00:00Z",
                "modifiedDateTime": "2024-02-05T09:00:00Z",
                "isTrusted": True,
                "ipRanges": [
                    {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": cidr}
                    for cidr in ranges
                ],
            }
        )
        return location_id

    def of(self, *departments: str) -> list[User]:
        """Enabled people of these departments, in the order they were added."""
        return [
            user
            for user in self.tenant.users.values()
            if user.department in departments and user.enabled and user.purpose == "person"
        ]

    def finish(self) -> Tenant:
        """Buy the licences handed out, and a few spare ones."""
        for user in self.tenant.users.values():
            if user.sku is not None:
                self.tenant.skus[user.sku] = self.tenant.skus.get(user.sku, 0) + 1
        for sku, units in self.tenant.skus.items():
            if units:
                self.tenant.skus[sku] = units + 3
        return self.tenant

    def _spread_names(self) -> Iterator[str]:
        for given, family in names.people(self.rng, 2 * self.outline.users + 40):
            yield f"{given} {family}"


def local_part(name: str) -> str:
    """The sign-in name made from a person's name: ASCII, lower case, first.last."""
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o")).encode("ascii", "ignore").decode()
    return ".".join(plain.replace("'", "").lower().split())
