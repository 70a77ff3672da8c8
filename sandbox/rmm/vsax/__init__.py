"""A stand-in for Kaseya VSA X's REST API v3, from its documents and what its users' programs read of it."""

from sandbox.rmm.stand_in import StandIn
from sandbox.rmm.vsax.app import make_app
from sandbox.rmm.vsax.sign_in import READ_TOKEN_ID, READ_TOKEN_SECRET, TOKEN_ID, TOKEN_SECRET
from sandbox.rmm.vsax.workflows import INSTALL_WORKFLOW_ID

__all__ = [
    "INSTALL_WORKFLOW_ID",
    "READ_TOKEN_ID",
    "READ_TOKEN_SECRET",
    "STAND_IN",
    "TOKEN_ID",
    "TOKEN_SECRET",
    "make_app",
]

STAND_IN = StandIn(
    vendor="vsax",
    make_app=make_app,
    # Its server is ours alone, so it may be asked more often than a real one.
    settings={
        "token_id": TOKEN_ID,
        "install_workflow_id": INSTALL_WORKFLOW_ID,
        "may_restart": True,
        "requests_per_second": 10,
    },
    secrets={"token_secret": TOKEN_SECRET},
)
