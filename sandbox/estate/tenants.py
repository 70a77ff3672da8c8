"""Grows one company's Entra directory and decides what the company has consented to."""

from datetime import datetime

from sandbox.estate.companies import Outline
from sandbox.estate.consent import (
    CAMPAIGN_ROLES,
    DEFAULTS_ROLES,
    POLICY_ROLES,
    READ_BACK_ROLES,
    READ_ROLES,
    WRITE_ROLES,
)
from sandbox.estate.draft import Draft
from sandbox.estate.model import Tenant
from sandbox.estate.stories import tell

#: Read roles a client has not granted yet.
_WITHHELD: dict[str, frozenset[str]] = {
    "orchard-care": frozenset({"UserAuthenticationMethod.Read.All"}),
}
#: Without a licence there is no conditional access: one such client lets us do what is left, one nothing.
_UNLICENSED: dict[str, tuple[str, ...]] = {
    "cedar-finch": (*READ_BACK_ROLES, *CAMPAIGN_ROLES, *DEFAULTS_ROLES),
}
#: Licensed, and wants nothing changed for the whole tenant.
_NO_POLICIES = frozenset({"blue-river-law"})


def grow_tenant(outline: Outline, seed: int, now: datetime) -> Tenant:
    """The tenant as it stands at `now`."""
    draft = Draft(outline, seed, now)
    tell(draft)
    tenant = draft.finish()
    withheld = _WITHHELD.get(outline.key, frozenset())
    tenant.read_roles = [role for role in READ_ROLES if role not in withheld]
    tenant.write_roles = _write_roles(outline)
    return tenant


def _write_roles(outline: Outline) -> list[str] | None:
    """None: the write app is not installed."""
    if outline.licence == "free":
        granted = _UNLICENSED.get(outline.key)
        return None if granted is None else list(granted)
    if outline.key in _NO_POLICIES:
        return list(WRITE_ROLES)
    return [*WRITE_ROLES, *POLICY_ROLES, *CAMPAIGN_ROLES]
