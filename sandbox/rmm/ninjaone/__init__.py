"""A stand-in for NinjaOne's public API v2, from its OpenAPI description and what its users found out."""

from sandbox.rmm.ninjaone.app import make_app
from sandbox.rmm.ninjaone.oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    WRITE_CLIENT_ID,
    WRITE_CLIENT_SECRET,
)
from sandbox.rmm.ninjaone.scripts import UPDATE_SCRIPT_ID
from sandbox.rmm.stand_in import StandIn

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "STAND_IN",
    "UPDATE_SCRIPT_ID",
    "WRITE_CLIENT_ID",
    "WRITE_CLIENT_SECRET",
    "make_app",
]

STAND_IN = StandIn(
    vendor="ninjaone",
    make_app=make_app,
    settings={"client_id": CLIENT_ID, "write_client_id": WRITE_CLIENT_ID},
    secrets={"client_secret": CLIENT_SECRET, "write_client_secret": WRITE_CLIENT_SECRET},
)
