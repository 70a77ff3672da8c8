"""A stand-in for ConnectWise RMM (Asio)'s partner API, from its description and what its users' programs send and read."""

from sandbox.rmm.asio.app import make_app
from sandbox.rmm.asio.scripts import UPDATE_SCRIPT_ID
from sandbox.rmm.asio.sign_in import CLIENT_ID, CLIENT_SECRET, READ_CLIENT_ID, READ_CLIENT_SECRET

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "READ_CLIENT_ID",
    "READ_CLIENT_SECRET",
    "UPDATE_SCRIPT_ID",
    "make_app",
]
