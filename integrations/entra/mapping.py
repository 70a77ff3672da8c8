"""Graph's JSON as domain objects: accounts, registrations, roles, domains. Pure.

A property that is absent or of another type than documented becomes "unknown", never a guess. Rows
without an id raise KeyError: the whole part then counts as not understood.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.domain.facts import Fact
from core.domain.identity import (
    AccountKind,
    DirectoryDevice,
    DirectoryUser,
    MfaRegistration,
    PerUserState,
    UserId,
)

Json = dict[str, Any]

USER_TYPE = "#microsoft.graph.user"
GROUP_TYPE = "#microsoft.graph.group"

_KINDS: Mapping[str, AccountKind] = {"member": AccountKind.MEMBER, "guest": AccountKind.GUEST}


def user(
    row: Json, *, signed_in: datetime | None = None, never_signed_in: bool = False
) -> DirectoryUser:
    """An account; properties that were not selected stay unknown. The other two are for when sign-ins were not."""
    kind = _KINDS.get(str(row.get("userType")).lower(), AccountKind.UNKNOWN)
    licences = row.get("assignedLicenses")
    return DirectoryUser(
        id=UserId(row["id"]),
        name=_text(row.get("displayName")),
        upn=_text(row.get("userPrincipalName")),
        enabled=Fact.of(row.get("accountEnabled")),
        kind=kind,
        external_type=external_type(row),
        synced=row.get("onPremisesSyncEnabled") is True,
        licensed=Fact.of(bool(licences)) if isinstance(licences, list) else Fact.UNKNOWN,
        created_at=moment(row.get("createdDateTime")),
        hire_at=moment(row.get("employeeHireDate")),
        last_sign_in=_last_sign_in(row.get("signInActivity")) or signed_in,
        never_signed_in=never_signed_in,
        resource=row.get("isResourceAccount") is True,
    )


def device(row: Json) -> DirectoryDevice:
    """A row of /devices. trustType Workplace is a device of somebody's own (Graph v1.0, resource device)."""
    trust = _text(row.get("trustType")).casefold()
    joined = {"azuread": Fact.YES, "serverad": Fact.YES, "workplace": Fact.NO}
    return DirectoryDevice(
        id=row["id"],
        name=_text(row.get("displayName")),
        os=_text(row.get("operatingSystem")),
        joined=joined.get(trust, Fact.UNKNOWN),
        enabled=Fact.of(row.get("accountEnabled")),
        last_sign_in=moment(row.get("approximateLastSignInDateTime")),
    )


def external_type(row: Json) -> str | None:
    """The word conditional access has for this kind of outsider; None for an internal member."""
    guest = str(row.get("userType")).lower() == "guest"
    external = (
        "#EXT#" in _text(row.get("userPrincipalName")).upper()
        or bool(row.get("externalUserState"))
        or row.get("creationType") == "Invitation"
    )
    if external:
        return "b2bCollaborationGuest" if guest else "b2bCollaborationMember"
    return "internalGuest" if guest else None


def registration(row: Json) -> MfaRegistration:
    """One row of the registration report."""
    methods = row.get("methodsRegistered")
    return MfaRegistration(
        user_id=UserId(row["id"]),
        registered=Fact.of(row.get("isMfaRegistered")),
        capable=Fact.of(row.get("isMfaCapable")),
        methods=tuple(map(str, methods)) if isinstance(methods, list) else (),
    )


def per_user_state(row: Json) -> PerUserState:
    try:
        return PerUserState(str(row.get("perUserMfaState")).lower())
    except ValueError:
        return PerUserState.UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenant:
    """What a tenant says of itself. `federation_told` is False where a domain's type was not given."""

    name: str | None = None
    default_domain: str | None = None
    domains: tuple[str, ...] = ()
    federated: frozenset[str] = frozenset()
    federation_told: bool = False


def tenant(rows: Iterable[Json]) -> Tenant:
    """The one row of /organization."""
    row = next(iter(rows), {})
    verified = row.get("verifiedDomains")
    domains = [item for item in verified if item.get("name")] if isinstance(verified, list) else []
    types = {item["name"].lower(): str(item.get("type")).lower() for item in domains}
    default = next((item["name"] for item in domains if item.get("isDefault") is True), None)
    return Tenant(
        name=row.get("displayName"),
        default_domain=default,
        domains=tuple(item["name"] for item in domains),
        federated=frozenset(name for name, kind in types.items() if kind == "federated"),
        federation_told=bool(types) and set(types.values()) <= {"managed", "federated"},
    )


def role_templates(definitions: Iterable[Json]) -> dict[str, str]:
    """Role definition id -> template id; a custom role is its own template."""
    return {row["id"]: str(row.get("templateId") or row["id"]).lower() for row in definitions}


def tenant_wide(assignments: Iterable[Json]) -> list[Json]:
    """Without those that hold in an administrative unit or for one object only."""
    return [row for row in assignments if row.get("directoryScopeId") == "/"]


def narrower(assignments: Iterable[Json]) -> list[Json]:
    """Those alone."""
    return [row for row in assignments if row.get("directoryScopeId") != "/"]


def group_principals(assignments: Iterable[Json]) -> frozenset[str]:
    """Ids of the groups among the holders."""
    return frozenset(row["principalId"] for row in assignments if _principal(row) == GROUP_TYPE)


def holders(
    assignments: Iterable[Json],
    templates: Mapping[str, str],
    members: Mapping[str, frozenset[str]],
) -> dict[str, frozenset[str]]:
    """Role template id -> the users who hold it; a group stands for its members, apps are left out."""
    held: dict[str, frozenset[str]] = {}
    for row in assignments:
        template = templates.get(row["roleDefinitionId"], row["roleDefinitionId"])
        held[template] = held.get(template, frozenset()) | _people(row, members)
    return {template: people for template, people in held.items() if people}


def _people(assignment: Json, members: Mapping[str, frozenset[str]]) -> frozenset[str]:
    kind, holder = _principal(assignment), assignment["principalId"]
    if kind == GROUP_TYPE:
        return members[holder]
    return frozenset({holder}) if kind in (USER_TYPE, None) else frozenset()


def _principal(assignment: Json) -> str | None:
    """The holder's type; None where it was not expanded (it is gone, or may not be seen)."""
    principal = assignment.get("principal")
    return principal.get("@odata.type") if isinstance(principal, dict) else None


def user_members(rows: Iterable[Json]) -> frozenset[str]:
    """Ids of the users among a group's members; groups, devices and apps are left out."""
    return frozenset(row["id"] for row in rows if row.get("@odata.type", USER_TYPE) == USER_TYPE)


def group_members(rows: Iterable[Json]) -> frozenset[str]:
    """Ids of the groups among a group's members."""
    return frozenset(row["id"] for row in rows if row.get("@odata.type") == GROUP_TYPE)


def moment(value: object) -> datetime | None:
    """ISO 8601 with a zone, as aware UTC; Graph writes "never" as the year 1."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return aware.astimezone(UTC) if aware.year > 1 else None


def _last_sign_in(activity: object) -> datetime | None:
    """The last one that succeeded; the other two count attempts that failed as well.

    Before December 2023 it was not kept: then a program's last attempt says since when there was none.
    """
    if not isinstance(activity, dict):
        return None
    succeeded = moment(activity.get("lastSuccessfulSignInDateTime"))
    return succeeded or moment(activity.get("lastNonInteractiveSignInDateTime"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
