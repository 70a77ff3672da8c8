"""A stand-in for Kaseya VSA X's REST API v3, from its documents and what its users' programs read of it."""

from sandbox.rmm.vsax.app import make_app
from sandbox.rmm.vsax.sign_in import READ_TOKEN_ID, READ_TOKEN_SECRET, TOKEN_ID, TOKEN_SECRET
from sandbox.rmm.vsax.workflows import INSTALL_WORKFLOW_ID

__all__ = [
    "INSTALL_WORKFLOW_ID",
    "READ_TOKEN_ID",
    "READ_TOKEN_SECRET",
    "TOKEN_ID",
    "TOKEN_SECRET",
    "make_app",
]
