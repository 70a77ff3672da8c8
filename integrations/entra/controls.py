"""Reads a tenant's own settings for whoever wants to change one of them; every part fails for itself."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.facts import Fact
from core.domain.tenant_change import TenantControls
from core.errors import VendorError
from integrations.entra import permissions, tenant_settings
from integrations.entra.api import GraphApi
from integrations.entra.licences import has_premium
from integrations.entra.pacing import TenantPace
from integrations.entra.roles import ACTIVE, read_holders, read_templates

log = logging.getLogger(__name__)

#: What the mapping raises on answers of a shape nobody documents.
_STRANGE = (AttributeError, KeyError, TypeError, ValueError)

_Part = Callable[[], dict[str, Any]]


def read_controls(api: GraphApi, pace: TenantPace, roles: frozenset[str]) -> TenantControls:
    """`roles` are the write app's in this tenant. Never raises for what could not be read."""
    parts = _Parts(api, pace)
    jobs = [lambda name=name, part=part: _attempt(name, part) for name, part in parts.all().items()]
    found: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for values, failed in api.parallel(jobs):
        found |= values
        unread |= failed
    return TenantControls(lacking=permissions.lacking(roles), unread=unread, **found)


def licensed(api: GraphApi) -> Fact:
    """Whether conditional access comes with what the tenant has bought. Raises VendorError."""
    skus = api.rows("/subscribedSkus", {"$select": "prepaidUnits,servicePlans"})
    return has_premium(skus)


def defaults_on(api: GraphApi) -> Fact:
    """Whether security defaults are on. Raises VendorError."""
    told = api.get(tenant_settings.DEFAULTS)
    return Fact.of(told.get("isEnabled"))


def _attempt(name: str, part: _Part) -> tuple[dict[str, Any], Mapping[str, str]]:
    try:
        return part(), {}
    except VendorError as failure:
        return {}, {name: failure.reason}
    except _STRANGE:
        log.exception("%s were not understood", name)
        return {}, {name: "it answered in a shape that is not understood"}


@dataclass(frozen=True, slots=True)
class _Parts:
    """By their names in TenantControls.unread, the parts as fields of it."""

    api: GraphApi
    pace: TenantPace

    def all(self) -> Mapping[str, _Part]:
        return {
            "policies": self._policies,
            "security defaults": self._defaults,
            "campaign": self._campaign,
            "strengths": self._strengths,
            "licences": self._licences,
            "roles": self._roles,
        }

    def _policies(self) -> dict[str, Any]:
        rows = self.api.rows(tenant_settings.POLICIES, pace=self.pace.policies)
        return {"policies": tuple(map(tenant_settings.tenant_policy, rows))}

    def _defaults(self) -> dict[str, Any]:
        told = self.api.get(tenant_settings.DEFAULTS)
        return {"security_defaults": Fact.of(told["isEnabled"])}

    def _campaign(self) -> dict[str, Any]:
        return {"campaign": tenant_settings.campaign(self.api.get(tenant_settings.METHODS))}

    def _strengths(self) -> dict[str, Any]:
        rows = self.api.rows(tenant_settings.STRENGTHS)
        return {"resistant_strength": tenant_settings.resistant_strength(rows)}

    def _licences(self) -> dict[str, Any]:
        return {"licensed": licensed(self.api)}

    def _roles(self) -> dict[str, Any]:
        return {"role_holders": read_holders(self.api, ACTIVE, read_templates(self.api))}
