"""The stand-in for Entra's sign-in host: discovery and tokens for apps, never for people."""

import hmac
import uuid
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.entra import aadsts
from sandbox.entra.aadsts import SignInError
from sandbox.entra.apps import AppRegistration, Apps
from sandbox.entra.assertions import ASSERTION_TYPE, check_assertion
from sandbox.entra.tokens import LIFETIME_S, Grant
from sandbox.estate.model import Tenant
from sandbox.frame.target import make_target
from sandbox.frame.world import World

_DEFAULT = "/.default"
_GRAPH = "https://graph.microsoft.com"


def make_app(world: World, apps: Apps) -> web.Application:
    """Make the sign-in host. Its first path segment is the tenant: an id or one of its domains."""
    app = make_target("login", world)
    host = _LoginHost(world, apps)
    app.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", host.discovery)
    app.router.add_post("/{tenant}/oauth2/v2.0/token", host.token)
    return app


class _LoginHost:
    """Answers for every tenant of the estate."""

    def __init__(self, world: World, apps: Apps) -> None:
        self._world = world
        self._apps = apps

    async def discovery(self, request: web.Request) -> web.Response:
        try:
            tenant = self._tenant(request, at_discovery=True)
        except SignInError as error:
            return self._refuse(request, error)
        base = f"{_origin(request)}/{tenant.id}"
        return web.json_response(
            {
                "token_endpoint": _token_endpoint(request, tenant),
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "tenant_region_scope": "NA",
                "cloud_instance_name": "microsoftonline.com",
            }
        )

    async def token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        try:
            grant = self._grant(request, form)
        except SignInError as error:
            return self._refuse(request, error)
        return web.json_response(
            {
                "token_type": "Bearer",
                "expires_in": LIFETIME_S,
                "ext_expires_in": LIFETIME_S,
                "access_token": self._apps.mint.mint(grant),
            }
        )

    def _grant(self, request: web.Request, form: Mapping[str, str]) -> Grant:
        tenant = self._tenant(request, at_discovery=False)
        if _needed(form, "grant_type") != "client_credentials":
            raise aadsts.unsupported_grant(form["grant_type"])
        app = self._app(_needed(form, "client_id"), tenant)
        audience = _audience(_needed(form, "scope"), tenant)
        by_certificate = self._prove(app, form, _token_endpoint(request, tenant))
        roles = tenant.read_roles if app.kind == "read" else tenant.write_roles
        if roles is None:
            raise aadsts.not_installed(app.app_id, tenant.id)
        return Grant(
            tenant_id=tenant.id,
            app_id=app.app_id,
            app_name=app.name,
            audience=audience,
            roles=tuple(roles),
            by_certificate=by_certificate,
        )

    def _tenant(self, request: web.Request, *, at_discovery: bool) -> Tenant:
        name = request.match_info["tenant"]
        wanted = name.lower()
        for company in self._world.estate.companies:
            tenant = company.tenant
            if wanted in (tenant.id, tenant.default_domain, tenant.initial_domain):
                return tenant
        raise aadsts.unknown_tenant(name, at_discovery=at_discovery)

    def _app(self, app_id: str, tenant: Tenant) -> AppRegistration:
        app = self._apps.find(app_id)
        if app is None:
            raise aadsts.unknown_app(app_id, tenant.display_name)
        if not app.enabled:
            raise aadsts.disabled_app(app_id)
        return app

    def _prove(self, app: AppRegistration, form: Mapping[str, str], audience: str) -> bool:
        """Check the credential; say whether it was a certificate."""
        now = self._world.clock.now()
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise aadsts.missing("client_assertion_type")
            check_assertion(form["client_assertion"], app, audience, now)
            return True
        if "client_secret" not in form:
            raise aadsts.no_credential()
        given = form["client_secret"].encode()
        secret = next(
            (item for item in app.secrets if hmac.compare_digest(item.value.encode(), given)), None
        )
        if secret is None:
            raise aadsts.wrong_secret(app.app_id)
        if secret.expires <= now:
            raise aadsts.expired_secret(app.app_id)
        return False

    def _refuse(self, request: web.Request, error: SignInError) -> web.Response:
        correlation_id = request.headers.get("client-request-id") or str(uuid.uuid4())
        body = error.body(self._world.clock.now(), correlation_id)
        return web.json_response(body, status=error.status)


def _needed(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise aadsts.missing(name)
    return form[name]


def _audience(scope: str, tenant: Tenant) -> str:
    """The resource that `<resource>/.default` asks for: Graph, or the Graph stand-in itself."""
    if not scope.endswith(_DEFAULT):
        raise aadsts.bad_scope(scope)
    resource = scope.removesuffix(_DEFAULT)
    if resource != _GRAPH and urlsplit(resource).hostname not in ("localhost", "127.0.0.1"):
        raise aadsts.unknown_resource(resource, tenant.display_name)
    return resource


def _token_endpoint(request: web.Request, tenant: Tenant) -> str:
    return f"{_origin(request)}/{tenant.id}/oauth2/v2.0/token"


def _origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"
