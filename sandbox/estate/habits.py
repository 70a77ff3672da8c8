"""What goes on by itself as the clock is moved: people who sign in every few days go on doing so."""

from datetime import datetime, timedelta
from random import Random

from sandbox.estate.model import Tenant, User

_STEP = timedelta(hours=12)
#: Whoever was last seen so shortly before the estate was grown is a regular.
_REGULAR = timedelta(days=9)


def live_on(tenant: Tenant, made_at: datetime, now: datetime) -> None:
    """Move the last sign-in of regulars to within a day of `now`, at most twice a day."""
    if now - (tenant.lived_until or made_at) < _STEP:
        return
    tenant.lived_until = now
    for user in tenant.users.values():
        if _is_regular(user, made_at):
            chance = Random(f"{user.id}/{now:%Y-%m-%d}")
            user.last_sign_in = now - timedelta(hours=chance.uniform(0.5, 23))


def _is_regular(user: User, made_at: datetime) -> bool:
    seen = user.last_sign_in
    return user.enabled and seen is not None and made_at - seen < _REGULAR
