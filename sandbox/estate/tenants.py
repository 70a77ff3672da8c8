"""Grows one company's Entra directory and decides what the company has consented to."""

from datetime import datetime

from sandbox.estate.companies import Outline
from sandbox.estate.consent import READ_ROLES, WRITE_ROLES
from sandbox.estate.draft import Draft
from sandbox.estate.model import Tenant
from sandbox.estate.stories import tell

#: Read roles a client has not granted yet.
_WITHHELD: dict[str, frozenset[str]] = {
    "orchard-care": frozenset({"UserAuthenticationMethod.Read.All"}),
}


def grow_tenant(outline: Outline, seed: int, now: datetime) -> Tenant:
    """The tenant as it stands at `now`; the write app is not installed where nothing is licensed."""
    draft = Draft(outline, seed, now)
    tell(draft)
    tenant = draft.finish()
    withheld = _WITHHELD.get(outline.key, frozenset())
    tenant.read_roles = [role for role in READ_ROLES if role not in withheld]
    tenant.write_roles = None if outline.licence == "free" else list(WRITE_ROLES)
    return tenant
