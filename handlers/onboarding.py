"""/gatehouse clients: prove every visible tenant now and show the worklist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.clients import Client
from core.domain.onboarding import TenantStanding
from core.domain.tenant_change import TenantPower
from core.ports import Parallel
from handlers.desk import Desk
from integrations.entra import permissions
from integrations.entra.check import AppProof, TenantProof
from integrations.slack.inbound import Inbound
from integrations.slack.rendering.onboarding import onboarding
from integrations.slack.rendering.sentences import info


class Proving(Protocol):
    """What can prove a tenant. Never raises for the vendor."""

    def prove(self, client: Client) -> TenantProof:
        """Credentials, permissions, names, break-glass accounts and group of one tenant."""


@dataclass(frozen=True, kw_only=True)
class Onboarding:
    """Asks the tenants themselves; nothing here is from a cache."""

    desk: Desk
    directory: Proving
    parallel: Parallel

    def show(self, inbound: Inbound, _words: str) -> None:
        person = self.desk.reader(inbound).person
        clients = [c for c in self.desk.visible(person) if c.tenant_id is not None]
        self.desk.answer(inbound, info(f"Asking {len(clients)} tenants…"))
        proofs = self.parallel([lambda c=c: self.directory.prove(c) for c in clients])  # type: ignore[misc]
        now = self.desk.clock.now()
        standings = [standing(c, p, now) for c, p in zip(clients, proofs, strict=True)]
        self.desk.answer(inbound, onboarding(standings))


def standing(client: Client, proof: TenantProof, now: datetime) -> TenantStanding:
    """What a proof means for the worklist."""
    apps = [app for app in (proof.read, proof.write) if app is not None]
    group_fine = proof.group is not None and not proof.group.problems
    accounts_fine = all(account.problem is None for account in proof.break_glass)
    return TenantStanding(
        client=client.key,
        client_name=client.name,
        readable=_works(proof.read),
        writable=proof.write is not None and _works(proof.write) and group_fine,
        break_glass_valid=bool(proof.break_glass) and accounts_fine,
        surplus=tuple(f"{app.app}: {role}" for app in apps for role in app.surplus),
        expires_days=_first_end(apps, now),
        powers=_powers(proof.write),
        problems=tuple((p.what, p.remedy) for p in proof.all_problems()),
    )


def _works(app: AppProof) -> bool:
    return app.roles is not None and not app.missing


def _powers(write: AppProof | None) -> tuple[TenantPower, ...]:
    if write is None or write.roles is None:
        return ()
    lacking = permissions.lacking(write.roles)
    return tuple(power for power in TenantPower if not lacking[power])


def _first_end(apps: Sequence[AppProof], now: datetime) -> int | None:
    ends = [app.expires for app in apps if app.expires is not None]
    return (min(ends) - now).days if ends else None
