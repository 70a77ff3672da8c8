"""`bot.py check`: every credential and binding proved with the cheapest real call, one row each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.domain.clients import Client, RmmBinding
from core.domain.facts import Coverage, Fact
from core.domain.findings import MfaSection, PatchSection
from core.errors import GatehouseError, NotFound
from core.ports import Clock
from core.rules.binding import mismatch
from core.rules.logic import all_of
from handlers.cli import output
from integrations.entra import EntraDirectory
from integrations.entra.check import TenantProof
from integrations.rmm import VENDORS
from integrations.rmm.locked import Proven
from integrations.rmm.vendor import AccountProof, Doubt, OrganisationProof, RmmAccount
from integrations.slack.directory import Workspace
from integrations.slack.manifest import SCOPES
from storage import read_only


@dataclass(frozen=True, kw_only=True)
class Row:
    """One integration or client: what is so, and what has to be done about it."""

    what: str
    facts: tuple[str, ...] = ()
    #: (problem, remedy), worst first; empty when all is well.
    problems: tuple[tuple[str, str], ...] = ()
    #: (permission, remedy) of what only shows when it is used; no fault of the row.
    unproved: tuple[tuple[str, str], ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def fine(self) -> bool:
        return not self.problems

    @property
    def mark(self) -> str:
        if self.problems:
            return "✗"
        return "?" if self.unproved else "✓"


@dataclass(frozen=True, kw_only=True)
class Check:
    """Proves everything a configuration names."""

    clients: Sequence[Client]
    approval_channel: str
    directory: EntraDirectory
    rmms: Mapping[str, RmmAccount]
    workspace: Workspace
    clock: Clock

    def rows(self) -> list[Row]:
        """Slack, then each RMM account, then each client."""
        accounts = {name: rmm.prove(self._bindings(name)) for name, rmm in self.rmms.items()}
        return [
            self._slack(),
            *(row for proof in accounts.values() for row in _account_rows(proof)),
            *(self._client_row(client, accounts) for client in self.clients),
        ]

    def _bindings(self, account: str) -> list[RmmBinding]:
        return [b for client in self.clients for b in client.rmm if b.account == account]

    # Slack.

    def _slack(self) -> Row:
        try:
            own, granted = self.workspace.own(), self.workspace.scopes()
        except GatehouseError as error:
            return Row(what="Slack", problems=((error.sentence, "Renew the token."),))
        missing = sorted(set(SCOPES) - granted)
        surplus = sorted(granted - set(SCOPES))
        problems = [(f"lacks the scope {scope} ({SCOPES[scope]})", _ADD) for scope in missing]
        problems += [
            (f"has the scope {scope}, which it does not need", _REMOVE) for scope in surplus
        ]
        problems += self._channels()
        return Row(
            what=f"Slack workspace {own.get('team', own['team_id'])}",
            facts=(f"signed in as {own.get('user', own['user_id'])}",),
            problems=tuple(problems),
            details={"team_id": own["team_id"], "missing": missing, "surplus": surplus},
        )

    def _channels(self) -> list[tuple[str, str]]:
        names = dict.fromkeys([self.approval_channel, *(c.channel for c in self.clients)])
        return [
            (sentence, "Invite it, or correct the channel in the configuration.")
            for name in names
            if (sentence := self._channel_problem(name)) is not None
        ]

    def _channel_problem(self, name: str) -> str | None:
        try:
            self.workspace.channel(name)
        except GatehouseError as error:
            return error.sentence
        return None

    # Clients.

    def _client_row(self, client: Client, accounts: Mapping[str, AccountProof]) -> Row:
        tenant = self.directory.prove(client) if client.tenant_id is not None else None
        found = [
            organisation
            for binding in client.rmm
            for organisation in accounts[binding.account].organisations
            if organisation.organisation == binding.organisation
        ]
        problems = [(p.what, p.remedy) for p in tenant.all_problems()] if tenant else []
        problems += _organisation_problems(client, found)
        wrong = self._mismatch(client, tenant, found)
        if wrong is not None:
            problems.insert(0, (wrong, _CONFIRM))
        return Row(
            what=client.name,
            facts=tuple(_facts(tenant, found)),
            problems=tuple(problems),
            details=_details(client, tenant, found),
        )

    def _mismatch(
        self, client: Client, tenant: TenantProof | None, found: Sequence[OrganisationProof]
    ) -> str | None:
        """The same rule that blocks writes, over what was just read."""
        now, nothing = self.clock.now(), Coverage()
        domains = [o.main_domain for o in found if o.main_domain is not None]
        if tenant is None or not domains:
            return None
        mfa = MfaSection(
            observed_at=now,
            verdicts=(),
            coverage=nothing,
            tenant_name=tenant.name,
            default_domain=tenant.default_domain,
            domains=tenant.domains,
        )
        patches = PatchSection(
            observed_at=now, devices=(), coverage=nothing, main_domain=domains[0]
        )
        return mismatch(mfa, patches, client)


def proven_in(data_dir: Path, clock: Clock) -> Proven:
    """What the data directory knows to be proven, read beside a running bot."""
    try:
        return read_only(data_dir, clock=clock).proofs.find
    except NotFound:
        return lambda _: None


_LOOK = "look"
_ADD = "Add it in the app's settings (python bot.py manifest) and install the app again."
_REMOVE = "Remove it in the app's settings and install the app again."
_CONFIRM = "Correct the binding; only if it is right, set binding_confirmed = true."


def _account_rows(proof: AccountProof) -> list[Row]:
    """What the account may do, and a row of its own for an install that is locked."""
    if proof.lock is None:
        return [_account_row(proof)]
    locked = Row(
        what=f"{proof.vendor_name} account {proof.account}: install locked",
        problems=((proof.lock.why, proof.lock.remedy),),
        details={"account": proof.account, "locked": True},
    )
    return [_account_row(proof), locked]


def _account_row(proof: AccountProof) -> Row:
    problems = [(proof.problem, proof.remedy)] if proof.problem is not None else []
    for permission in proof.permissions:
        if permission.needed and permission.present is Fact.NO:
            problems.append((f"lacks {permission.name} ({permission.purpose})", permission.remedy))
        if not permission.needed and permission.present is Fact.YES:
            problems.append((f"has {permission.name}, which is not needed", permission.remedy))
    granted = [p.name for p in proof.permissions if p.present is Fact.YES]
    untold = [p for p in proof.permissions if p.needed and p.present is Fact.UNKNOWN]
    facts = [f"has {', '.join(granted)}"] if granted else []
    vendor = next(vendor for vendor in VENDORS if vendor.name == proof.vendor_name)
    settled = {doubt.title: _settled(doubt, proof) for doubt in vendor.doubts}
    looks = [title for title, how in settled.items() if how == _LOOK]
    if looks and granted:
        facts.append(f"to look at yourself (docs/vendors/{vendor.key}.md): {', '.join(looks)}")
    return Row(
        what=f"{proof.vendor_name} account {proof.account}",
        facts=tuple(facts),
        problems=tuple(problems),
        unproved=tuple((p.name, p.remedy) for p in untold),
        details={"account": proof.account, "permissions": granted, "doubts": settled},
    )


def _settled(doubt: Doubt, proof: AccountProof) -> str:
    """How it stands with what no document promises: as the rows say, locked, or who can tell."""
    if doubt.locks:
        return "locked" if proof.lock is not None else "open"
    if doubt.rows:
        shown = [p.present for p in proof.permissions if p.name.startswith(doubt.rows)]
        return all_of(*shown) if shown else Fact.UNKNOWN
    return _LOOK if doubt.look else "either way"


def _organisation_problems(
    client: Client, found: Sequence[OrganisationProof]
) -> Iterable[tuple[str, str]]:
    for organisation in found:
        if organisation.name is None:
            what = f"the RMM knows no organisation {organisation.organisation}"
            yield what, f"Correct clients.rmm of {client.key}."


def _facts(tenant: TenantProof | None, found: Sequence[OrganisationProof]) -> Iterable[str]:
    if tenant is not None and tenant.name is not None:
        yield f"tenant {tenant.name} ({tenant.default_domain})"
    for organisation in found:
        if organisation.name is not None:
            domain = organisation.main_domain or "domain unknown"
            yield f"RMM {organisation.name}, {organisation.devices} devices ({domain})"
    if tenant is not None and tenant.write is None:
        yield "read-only: no write app"


def _details(
    client: Client, tenant: TenantProof | None, found: Sequence[OrganisationProof]
) -> Mapping[str, object]:
    apps = [app for app in (tenant.read, tenant.write) if app is not None] if tenant else []
    return {
        "client": client.key,
        "tenant": {"name": tenant.name, "default_domain": tenant.default_domain}
        if tenant
        else None,
        "apps": [
            {
                "app": app.app,
                "reachable": app.roles is not None,
                "roles": sorted(app.roles or ()),
                "missing": [p.role for p in app.missing],
                "surplus": list(app.surplus),
                "expires": app.expires.isoformat() if app.expires else None,
            }
            for app in apps
        ],
        "rmm": [
            {"organisation": o.organisation, "name": o.name, "main_domain": o.main_domain}
            for o in found
        ],
    }


def show(rows: Sequence[Row], warnings: Sequence[str], *, as_json: bool) -> None:
    """Print the rows, with what to do under each that is not fine."""
    if as_json:
        output.say_json({"rows": [_as_json(row) for row in rows], "warnings": list(warnings)})
        return
    for row in rows:
        output.say(f"{row.mark} {row.what}")
        for fact in row.facts:
            output.say(f"    {fact}")
        for what, remedy in row.problems:
            output.say(f"  ✗ {what}")
            if remedy:
                output.say(f"      {remedy}")
        for permission, remedy in row.unproved:
            output.say(f"  ? {permission} could not be proved")
            output.say(f"      {remedy}")


def _as_json(row: Row) -> Mapping[str, object]:
    return {
        "what": row.what,
        "ok": row.fine,
        "facts": list(row.facts),
        "problems": [{"what": what, "remedy": remedy} for what, remedy in row.problems],
        "unproved": [{"what": what, "remedy": remedy} for what, remedy in row.unproved],
        **row.details,
    }
