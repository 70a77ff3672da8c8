"""A desk to drive the Entra stand-ins from: an estate, both hosts over TLS, and tokens for any tenant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msal
import requests
from aiohttp import web

from sandbox.entra import graph, login
from sandbox.entra.apps import AppRegistration, Apps
from sandbox.entra.throttle import Throttle
from sandbox.entra.tokens import Grant
from sandbox.estate.model import Tenant, User
from sandbox.frame.world import World

SCOPES = ["https://graph.microsoft.com/.default"]
Json = dict[str, Any]


@dataclass(kw_only=True)
class EntraDesk:
    world: World
    apps: Apps
    login: str
    graph: str
    session: requests.Session

    @classmethod
    def open(
        cls,
        world: World,
        apps: Apps,
        session: requests.Session,
        serve: Callable[[web.Application], str],
        *,
        lag_share: float = 0.0,
        throttle: Throttle | None = None,
    ) -> "EntraDesk":
        return cls(
            world=world,
            apps=apps,
            session=session,
            login=serve(login.make_app(world, apps)),
            graph=serve(graph.make_app(world, apps, lag_share=lag_share, throttle=throttle)),
        )

    def tenant(self, key: str) -> Tenant:
        return self.world.estate.company(key).tenant

    def user(self, key: str, name: str) -> User:
        return next(item for item in self.tenant(key).users.values() if item.name == name)

    def confidential_client(
        self, tenant: str, credential: Any, app: AppRegistration | None = None
    ) -> Any:
        """A real msal application against the login stand-in."""
        return msal.ConfidentialClientApplication(
            (app or self.apps.read).app_id,
            client_credential=credential,
            authority=f"{self.login}/{tenant}",
            http_client=self.session,
            instance_discovery=False,
        )

    def token(self, key: str, kind: str = "read", roles: tuple[str, ...] | None = None) -> str:
        """A token as the login stand-in would sign it, or with other roles."""
        app = self.apps.read if kind == "read" else self.apps.write
        tenant = self.tenant(key)
        granted = tenant.read_roles if kind == "read" else tenant.write_roles
        return self.apps.mint.mint(
            Grant(
                tenant_id=tenant.id,
                app_id=app.app_id,
                app_name=app.name,
                audience="https://graph.microsoft.com",
                roles=tuple(granted or ()) if roles is None else roles,
                by_certificate=True,
            )
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        tenant: str = "acme-dental",
        app: str = "read",
        roles: tuple[str, ...] | None = None,
        version: str = "v1.0",
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> requests.Response:
        """`path` lies below the version and brings its query along."""
        bearer = {"Authorization": f"Bearer {self.token(tenant, app, roles)}"}
        return self.session.request(
            method,
            f"{self.graph}/{version}{path}",
            headers=bearer | (headers or {}),
            json=body,
            timeout=30,
        )

    def get(self, path: str, **options: Any) -> Json:
        response = self.call("GET", path, **options)
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer

    def refusal(self, method: str, path: str, **options: Any) -> tuple[int, str, str]:
        """Status, code and message of an answer that must be an error."""
        response = self.call(method, path, **options)
        assert response.status_code >= 400, response.text
        error = response.json()["error"]
        return response.status_code, error["code"], error["message"]

    def rows(self, path: str, **options: Any) -> list[Json]:
        """All rows of a list, following nextLink to the end."""
        rows: list[Json] = []
        while path:
            body = self.get(path, **options)
            rows += body["value"]
            link = body.get("@odata.nextLink", "")
            path = link.removeprefix(f"{self.graph}/{options.get('version', 'v1.0')}")
        return rows

    def batch(self, *items: Json, **options: Any) -> dict[str, Json]:
        """Post a batch; give its answers by id."""
        response = self.call("POST", "/$batch", body={"requests": list(items)}, **options)
        assert response.status_code == 200, response.text
        return {answer["id"]: answer for answer in response.json()["responses"]}

    def effects(self, kind: str) -> list[Json]:
        return [row for row in self.world.effects.rows("graph") if row["kind"] == kind]
