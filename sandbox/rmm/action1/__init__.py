"""A stand-in for Action1's API 3.0, from its reference pages, its own PowerShell module, and what users found out."""

from sandbox.rmm.action1.app import make_app
from sandbox.rmm.action1.oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    WRITE_CLIENT_ID,
    WRITE_CLIENT_SECRET,
)
from sandbox.rmm.stand_in import StandIn, by_uid

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "STAND_IN",
    "WRITE_CLIENT_ID",
    "WRITE_CLIENT_SECRET",
    "make_app",
]

STAND_IN = StandIn(
    vendor="action1",
    make_app=make_app,
    organisation=by_uid,
    # Its server is ours alone, so it may be asked more often than a real one, and assesses what is connected.
    settings={
        "client_id": CLIENT_ID,
        "write_client_id": WRITE_CLIENT_ID,
        "trust_assessment": True,
        "requests_per_minute": 600,
    },
    secrets={"client_secret": CLIENT_SECRET, "write_client_secret": WRITE_CLIENT_SECRET},
)
