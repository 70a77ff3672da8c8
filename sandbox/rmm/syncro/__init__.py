"""A stand-in for Syncro's API v1, from its description and what its users' programs read of it."""

from sandbox.rmm.stand_in import StandIn
from sandbox.rmm.syncro.app import make_app
from sandbox.rmm.syncro.keys import ADMIN_API_TOKEN, API_TOKEN, LIMITED_API_TOKEN

__all__ = ["ADMIN_API_TOKEN", "API_TOKEN", "LIMITED_API_TOKEN", "STAND_IN", "make_app"]

STAND_IN = StandIn(
    vendor="syncro",
    make_app=make_app,
    # Its devices evaluate their updates whenever they sync.
    settings={"trust_sync": True},
    secrets={"api_token": API_TOKEN},
)
