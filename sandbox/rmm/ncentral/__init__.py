"""A stand-in for N-central's REST API, from N-able's pages on it and from what its users found out."""

from sandbox.rmm.ncentral.app import make_app
from sandbox.rmm.ncentral.scripts import SCRIPT_ITEM_ID
from sandbox.rmm.ncentral.sign_in import JWT

__all__ = ["JWT", "SCRIPT_ITEM_ID", "make_app"]
