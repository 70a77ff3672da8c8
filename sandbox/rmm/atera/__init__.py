"""A stand-in for Atera's API v3, from what its users' programs read of it: there is no public description."""

from sandbox.rmm.atera.app import make_app
from sandbox.rmm.atera.readings import API_KEY, LIMITED_API_KEY
from sandbox.rmm.stand_in import StandIn

__all__ = ["API_KEY", "LIMITED_API_KEY", "STAND_IN", "make_app"]

STAND_IN = StandIn(
    vendor="atera",
    make_app=make_app,
    # Its devices scan every night, so the last contact may stand for the last scan.
    settings={"trust_last_seen": True},
    secrets={"api_key": API_KEY},
)
