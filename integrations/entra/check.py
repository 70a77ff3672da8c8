"""What `bot.py check` can prove of one tenant, with the cheapest calls that prove it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from core.domain.clients import Client, ClientKey
from core.domain.facts import Fact
from core.domain.identity import GroupProof
from core.errors import VendorError, VendorNotFound
from integrations.entra import mapping, permissions
from integrations.entra.api import GraphApi
from integrations.entra.auth import SignIn
from integrations.entra.batch import Batches, Outcome
from integrations.entra.licences import has_premium
from integrations.entra.permissions import Permission


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something to mend: one sentence what, one what to do."""

    what: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AppProof:
    """One of our apps in one tenant. `roles` is None where it could not sign in."""

    app: str
    client_id: str
    roles: frozenset[str] | None = None
    missing: tuple[Permission, ...] = ()
    #: Roles it was given and does not need.
    surplus: tuple[str, ...] = ()
    #: When its certificate ends; None for a client secret.
    expires: datetime | None = None
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountProof:
    """One configured break-glass account; `problem` is None where it exists and is enabled."""

    user_id: str
    name: str
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantProof:
    """All of it. `problems` holds what could not be asked, beside what the parts say of themselves."""

    client: ClientKey
    tenant_id: str
    read: AppProof
    write: AppProof | None = None
    name: str | None = None
    default_domain: str | None = None
    domains: tuple[str, ...] = ()
    licensed: Fact = Fact.UNKNOWN
    break_glass: tuple[AccountProof, ...] = ()
    group: GroupProof | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def fine(self) -> bool:
        return not any(self.all_problems())

    def all_problems(self) -> Iterator[Problem]:
        """Everything to mend here, the worst first."""
        for app in filter(None, (self.read, self.write)):
            if app.problem is not None:
                yield app.problem
            if app.missing:
                yield _lacking(app)
        yield from self.problems
        for account in self.break_glass:
            if account.problem is not None:
                yield Problem(
                    what=f"Break-glass account {account.name}: {account.problem}.",
                    remedy="Correct break_glass of this client, or mend the account.",
                )
        for problem in self.group.problems if self.group is not None else ():
            yield Problem(
                what=f"The MFA group cannot be used: {problem}.",
                remedy="Correct the group or mfa_group of this client.",
            )


def _lacking(app: AppProof) -> Problem:
    """All of its missing permissions at once: one consent grants them."""
    purposes = ", ".join(f"{item.role} ({item.purpose})" for item in app.missing)
    return Problem(
        what=f"The {app.app} app lacks {purposes}.",
        remedy=f"Grant {', '.join(p.role for p in app.missing)} to the {app.app} app in that tenant.",
    )


class _Prover(Protocol):
    """What of the directory is asked."""

    def prove_group(self, client: Client) -> GroupProof:
        """Raises VendorError."""


def prove_tenant(
    directory: _Prover, client: Client, *, read: SignIn, write: SignIn | None, api: GraphApi
) -> TenantProof:
    """Never raises for the vendor. `api` is the read app's; tokens are taken anew, to show today's roles."""
    tenant_id = client.tenant_id or ""
    proof = TenantProof(
        client=client.key,
        tenant_id=tenant_id,
        read=_app(read, tenant_id, permissions.READ),
        write=(
            _app(write, tenant_id, permissions.WRITE, permissions.OPTIONAL)
            if write is not None
            else None
        ),
    )
    if proof.read.roles is None:
        return proof
    proof = _without_needless(_with_break_glass(_with_names(proof, api), client, api))
    return _with_group(proof, directory, client)


def _app(
    app: SignIn,
    tenant_id: str,
    needed: tuple[Permission, ...],
    optional: tuple[Permission, ...] = (),
) -> AppProof:
    proof = AppProof(app=app.app, client_id=app.client_id, expires=app.expires)
    try:
        roles = app.roles(tenant_id)
    except VendorError as failure:
        return replace(proof, problem=_problem(failure))
    return replace(
        proof,
        roles=roles,
        missing=permissions.missing(needed, roles),
        surplus=permissions.surplus((*needed, *optional), roles),
    )


def _with_names(proof: TenantProof, api: GraphApi) -> TenantProof:
    """The names that tell whether the binding is right, and whether there is a premium licence."""
    try:
        tenant = mapping.tenant(
            api.rows("/organization", {"$select": "id,displayName,verifiedDomains"})
        )
        skus = api.rows("/subscribedSkus", {"$select": "prepaidUnits,servicePlans"})
    except VendorError as failure:
        return _with_problem(proof, failure)
    return replace(
        proof,
        name=tenant.name,
        default_domain=tenant.default_domain,
        domains=tenant.domains,
        licensed=has_premium(skus),
    )


def _without_needless(proof: TenantProof) -> TenantProof:
    """Method lists per user are only read where there is no licence for the report."""
    if proof.licensed is not Fact.YES:
        return proof
    missing = tuple(i for i in proof.read.missing if i.role != permissions.UNLICENSED_ONLY)
    return replace(proof, read=replace(proof.read, missing=missing))


def _with_break_glass(proof: TenantProof, client: Client, api: GraphApi) -> TenantProof:
    if not client.break_glass:
        nobody = Problem(
            what="No break-glass accounts are configured, so nothing can be enforced here.",
            remedy="Name at least two in break_glass of this client.",
        )
        return replace(proof, problems=(*proof.problems, nobody))
    select = "$select=id,userPrincipalName,accountEnabled"
    try:
        ended = Batches(api=api).get({u: f"/users/{u}?{select}" for u in client.break_glass})
    except VendorError as failure:
        return _with_problem(proof, failure)
    return replace(proof, break_glass=tuple(_account(u, end) for u, end in ended.items()))


def _account(user_id: str, end: Outcome) -> AccountProof:
    if isinstance(end, VendorNotFound):
        return AccountProof(user_id=user_id, name=user_id, problem="does not exist")
    if isinstance(end, VendorError):
        return AccountProof(user_id=user_id, name=user_id, problem=f"not read: {end.reason}")
    name = str(end.get("userPrincipalName") or user_id)
    enabled = Fact.of(end.get("accountEnabled")) is Fact.YES
    return AccountProof(user_id=user_id, name=name, problem=None if enabled else "is disabled")


def _with_group(proof: TenantProof, directory: _Prover, client: Client) -> TenantProof:
    if client.mfa_group is None or proof.write is None or proof.write.roles is None:
        return proof
    try:
        return replace(proof, group=directory.prove_group(client))
    except VendorError as failure:
        return _with_problem(proof, failure)


def _with_problem(proof: TenantProof, failure: VendorError) -> TenantProof:
    return replace(proof, problems=(*proof.problems, _problem(failure)))


def _problem(failure: VendorError) -> Problem:
    return Problem(what=failure.sentence, remedy=failure.remedy)
