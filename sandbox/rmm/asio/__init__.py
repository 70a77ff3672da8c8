"""A stand-in for ConnectWise RMM (Asio)'s partner API, from its description and what its users' programs send and read."""

from sandbox.rmm.asio.app import make_app
from sandbox.rmm.asio.scripts import UPDATE_SCRIPT_ID
from sandbox.rmm.asio.sign_in import CLIENT_ID, CLIENT_SECRET, READ_CLIENT_ID, READ_CLIENT_SECRET
from sandbox.rmm.stand_in import StandIn, by_uid

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "READ_CLIENT_ID",
    "READ_CLIENT_SECRET",
    "STAND_IN",
    "UPDATE_SCRIPT_ID",
    "make_app",
]

STAND_IN = StandIn(
    vendor="asio",
    make_app=make_app,
    organisation=by_uid,
    # This sandbox's key has a larger quota than a real one, and a demo asks often.
    settings={
        "client_id": CLIENT_ID,
        "script_id": UPDATE_SCRIPT_ID,
        "requests_per_five_minutes": 15_000,
    },
    secrets={"client_secret": CLIENT_SECRET},
)
