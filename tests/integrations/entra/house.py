"""A house to test the directory in: an estate, both Entra stand-ins over TLS, and the product connected."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from core.domain.clients import Client, ClientKey
from core.domain.remediation import (
    Action,
    Direction,
    Job,
    JobId,
    JobKind,
    Options,
    Plan,
    RequestId,
    Target,
)
from integrations.entra import EntraDirectory, EntraSettings, connect
from integrations.entra.settings import WriteAppSettings
from integrations.http import Patience
from sandbox.entra import graph, login
from sandbox.entra.apps import READ_CLIENT_SECRET, AppRegistration, Apps
from sandbox.entra.throttle import Throttle
from sandbox.estate.model import Tenant, User
from sandbox.frame.world import World

Serve = Callable[[web.Application], str]
REQUEST = RequestId("R4K7Q")
#: Three tries and no chance, so that a test knows how often something is asked.
PATIENCE = Patience(tries=3, jitter=lambda: 1.0)


def pem(app: AppRegistration) -> str:
    """The key and the certificate an app signs in with, as an operator's file holds them."""
    certificate = app.certificate
    return (certificate.private_key_pem + certificate.certificate_pem).decode()


@cache
def write_app(client_id: str, certificate: str) -> WriteAppSettings:
    """The write app's table; its key takes 50 ms to check."""
    return WriteAppSettings(client_id=client_id, certificate=SecretStr(certificate))


@dataclass
class Sleeps:
    """Sleeping moves the sandbox's clock instead of the wall's."""

    world: World
    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.world.clock.advance(seconds)


@dataclass(kw_only=True)
class House:
    """Acme Dental is the client unless another key is given. It is read by secret: certificates take longer."""

    world: World
    apps: Apps
    settings: EntraSettings
    directory: EntraDirectory
    sleeps: Sleeps
    others: list[EntraDirectory] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        world: World,
        apps: Apps,
        serve: Serve,
        ca_file: Path,
        *,
        lag_share: float = 0.0,
        **changes: Any,
    ) -> "House":
        """`changes` go into the table [entra]."""
        throttle = Throttle(monotonic=world.clock.timestamp)
        app = graph.make_app(world, apps, lag_share=lag_share, throttle=throttle)
        fields: dict[str, Any] = {
            "login_url": serve(login.make_app(world, apps)),
            "graph_url": serve(app),
            "ca_file": ca_file,
            "instance_discovery": False,
            "read": {"client_id": apps.read.app_id, "client_secret": READ_CLIENT_SECRET},
            "write": write_app(apps.write.app_id, pem(apps.write)),
            **changes,
        }
        settings, sleeps = EntraSettings(**fields), Sleeps(world)
        return cls(
            world=world,
            apps=apps,
            settings=settings,
            directory=connect(settings, clock=world.clock, patience=PATIENCE, sleep=sleeps),
            sleeps=sleeps,
        )

    def reconnect(self, **changes: Any) -> EntraDirectory:
        """A second product with the same settings, or some of them changed."""
        fields = {**self.settings.model_dump(), **changes}
        again = connect(
            EntraSettings(**fields), clock=self.world.clock, patience=PATIENCE, sleep=self.sleeps
        )
        self.others.append(again)
        return again

    def close(self) -> None:
        for directory in (self.directory, *self.others):
            directory.close()

    # The client.

    def tenant(self, key: str = "acme-dental") -> Tenant:
        return self.world.estate.company(key).tenant

    def client(self, key: str = "acme-dental", **changes: Any) -> Client:
        company = self.world.estate.company(key)
        client = Client(
            key=ClientKey(company.key),
            name=company.name,
            tenant_id=company.tenant.id,
            channel=company.channel,
            time_zone=company.time_zone,
            digest_at=time(7),
            mfa_group=company.tenant.mfa_group_id,
            break_glass=tuple(company.tenant.break_glass_ids),
        )
        return replace(client, **changes)

    def user(self, name: str, key: str = "acme-dental") -> User:
        return next(user for user in self.tenant(key).users.values() if user.name == name)

    def outside(self, count: int, key: str = "acme-dental") -> list[User]:
        """Enabled members of the tenant who are not in the MFA group yet and may well be."""
        tenant = self.tenant(key)
        inside = tenant.groups[tenant.mfa_group_id or ""].members
        return [
            user
            for user in tenant.users.values()
            if user.enabled and user.purpose == "person" and user.id not in inside
            and not user.external
        ][:count]  # fmt: skip

    def members(self, key: str = "acme-dental") -> list[str]:
        """Who is in the MFA group, in truth."""
        tenant = self.tenant(key)
        return tenant.groups[tenant.mfa_group_id or ""].members

    # Jobs and plans.

    def job(self, kind: JobKind, *users: User, key: str = "acme-dental", **facts: Any) -> Job:
        """A job that is being dispatched now, marked as the executor would have marked it."""
        job = Job(
            id=JobId("R4K7Q-1"),
            kind=kind,
            account="entra",
            client=ClientKey(key),
            targets=tuple(user.id for user in users),
            group=self.tenant(key).mfa_group_id,
            dispatched_at=self.world.clock.now(),
            **facts,
        )
        return replace(job, mark=self.directory.mark(self.client(key), job))

    def plan(self, action: Action, *users: User, key: str = "acme-dental") -> Plan:
        company = self.world.estate.company(key)
        return Plan(
            client=ClientKey(key),
            client_name=company.name,
            account="entra",
            action=action,
            direction=Direction.RAISES,
            options=Options(),
            targets=tuple(Target(id=user.id, name=user.name) for user in users),
            group=company.tenant.mfa_group_id,
            made_at=self.world.clock.now(),
        )

    # What happened.

    def fault(self, kind: str, *, target: str = "graph", **more: Any) -> None:
        self.world.faults.add({"target": target, "kind": kind, **more})

    def calls(self, target: str = "graph", method: str | None = None, path: str = "") -> int:
        """How many requests reached a stand-in, by the end of their path's template."""
        return sum(
            row["count"]
            for row in self.world.calls.rows(target)
            if method in (None, row["method"]) and row["path_template"].endswith(path)
        )

    def effects(self, kind: str) -> list[list[str]]:
        """The targets of every change of a kind that was really carried out."""
        rows = self.world.effects.rows("graph")
        return [row["target_ids"] for row in rows if row["kind"] == kind]
