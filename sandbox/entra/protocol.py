"""The words the Graph stand-in is written in: a call, an answer, an operation, and Graph's errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sandbox.estate.model import Tenant
from sandbox.frame.world import World

if TYPE_CHECKING:
    from sandbox.entra.lag import Replicas

Json = dict[str, Any]
Version = Literal["v1.0", "beta"]
Bucket = Literal["reports", "conditional_access"]
#: Which family's words a refusal for missing roles is put in.
Family = Literal["directory", "policy", "report"]


class GraphError(Exception):
    """A refusal in Graph's shape; `headers` go with the answer."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: an app in a tenant, with the roles its token carries."""

    app_id: str
    app_name: str
    tenant: Tenant
    roles: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to Graph, alone or as an item of a batch."""

    method: str
    version: Version
    #: Below the version: "/users/...".
    path: str
    query: Mapping[str, str]
    #: Header names in lower case.
    headers: Mapping[str, str]
    body: Any
    #: Scheme, host and port, for the links in answers.
    origin: str
    caller: Caller
    world: World
    replicas: "Replicas"
    #: What the path template's places hold.
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Tenant:
        return self.caller.tenant

    @property
    def root(self) -> str:
        return f"{self.origin}/{self.version}"

    def context(self, fragment: str) -> str:
        return f"{self.root}/$metadata#{fragment}"

    def effect(self, kind: str, target_ids: list[str], **detail: object) -> None:
        """Record a write that was really carried out."""
        self.world.effect("graph", kind, target_ids, tenant_id=self.tenant.id, **detail)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a handler answers; `body` None means no content."""

    status: int = 200
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


NO_CONTENT = Answer(status=204)

#: Any one of these sets of application roles lets a caller in.
Roles = tuple[frozenset[str], ...]


def any_of(*roles: str) -> Roles:
    return tuple(frozenset({role}) for role in roles)


def all_of(*roles: str) -> Roles:
    return (frozenset(roles),)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method on one path template, and what must hold before its handler is asked."""

    method: str
    template: str
    handler: Callable[[Call], Answer]
    roles: Roles
    family: Family = "directory"
    #: System query options (without the dollar) the operation understands.
    options: frozenset[str] = frozenset()
    bucket: Bucket | None = None
    beta_only: bool = False

    def admits(self, caller: Caller) -> bool:
        return any(wanted <= caller.roles for wanted in self.roles)


def bad_request(message: str, code: str = "Request_BadRequest") -> GraphError:
    return GraphError(400, code, message)


def not_found(object_id: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{object_id}' does not exist or one of its queried reference-property objects "
        "are not present.",
    )


def forbidden(family: Family) -> GraphError:
    """The words differ by the service that answers behind Graph."""
    if family == "policy":
        return GraphError(
            403,
            "AccessDenied",
            "You cannot perform the requested operation, required scopes are missing in the token.",
        )
    if family == "report":
        return GraphError(
            403,
            "Authentication_MSGraphPermissionMissing",
            "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
        )
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def not_premium() -> GraphError:
    return GraphError(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Tenant is not a B2C tenant and doesn't have premium license",
    )
