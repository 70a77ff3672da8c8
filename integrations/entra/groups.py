"""Who is in groups: members with nesting resolved, many groups in few calls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from core.errors import VendorError, VendorNotFound
from integrations.entra import mapping
from integrations.entra.api import GraphApi, Json
from integrations.entra.batch import Batches

MEMBERS_QUERY = "?$select=id&$top=999"


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """What was found out about some groups; a group that is in neither mapping nor `gone` was not read."""

    #: Everything inside, nested groups too, however deep.
    inside: dict[str, frozenset[str]] = field(default_factory=dict)
    #: The users among them.
    users: dict[str, frozenset[str]] = field(default_factory=dict)
    #: The groups among them.
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    failed: dict[str, VendorError] = field(default_factory=dict)

    def take(self, group: str, rows: list[Json] | VendorError) -> None:
        """Note a group's members, all of them or none: half a group is not known."""
        if isinstance(rows, VendorNotFound):
            self.gone.add(group)
            rows = []
        if isinstance(rows, VendorError):
            self.failed[group] = rows
        else:
            self.inside[group] = frozenset(row["id"] for row in rows)
            self.users[group] = mapping.user_members(rows)
            self.groups[group] = mapping.group_members(rows)


def read_groups(api: GraphApi, ids: Iterable[str], *, names: bool = False) -> Groups:
    """Members, and names where asked, of every group. Raises VendorError where the first call fails."""
    wanted = sorted(set(ids))
    urls = {
        f"members {group}": f"{address(group)}/transitiveMembers{MEMBERS_QUERY}" for group in wanted
    }
    if names:
        urls |= {f"name {group}": f"{address(group)}?$select=id,displayName" for group in wanted}
    batches = Batches(api=api)
    ended = batches.get(urls)
    found = Groups()
    for group in wanted:
        found.take(group, batches.whole(ended[f"members {group}"]))
        name = ended.get(f"name {group}")
        if isinstance(name, dict) and isinstance(name.get("displayName"), str):
            found.names[group] = name["displayName"]
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    """Groups inside others: who stands in them themselves, and what they are called."""

    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def read_inner(api: GraphApi, groups: Groups) -> Inner:
    """Of every group inside one of these. They only explain, so what cannot be read is left out."""
    wanted = sorted(frozenset[str]().union(*groups.groups.values()))
    urls = {f"members {group}": f"{address(group)}/members{MEMBERS_QUERY}" for group in wanted}
    urls |= {f"name {group}": f"{address(group)}?$select=id,displayName" for group in wanted}
    batches = Batches(api=api)
    try:
        ended = batches.get(urls)
    except VendorError:
        return Inner()
    rows = {group: batches.whole(ended[f"members {group}"]) for group in wanted}
    names = {group: ended[f"name {group}"] for group in wanted}
    return Inner(
        members={
            g: mapping.user_members(r) for g, r in rows.items() if not isinstance(r, VendorError)
        },
        names={g: str(n["displayName"]) for g, n in names.items() if isinstance(n, dict)},
    )


def read_whole_groups(api: GraphApi, ids: Iterable[str]) -> Groups:
    """The same, but one group that cannot be read fails them all. Raises VendorError."""
    groups = read_groups(api, ids)
    for failure in groups.failed.values():
        raise failure
    return groups


def direct_members(api: GraphApi, group: str) -> frozenset[str]:
    """Ids of who stands in the group itself; only these can be taken out of it."""
    rows = api.rows(f"{address(group)}/members", {"$select": "id", "$top": 999})
    return frozenset(row["id"] for row in rows)


def address(group: str) -> str:
    """The group's path."""
    return f"/groups/{quote(group, safe='')}"
