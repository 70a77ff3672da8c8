"""A stand-in for N-central's REST API, from N-able's pages on it and from what its users found out."""

from sandbox.rmm.ncentral.app import make_app
from sandbox.rmm.ncentral.scripts import SCRIPT_ITEM_ID
from sandbox.rmm.ncentral.sign_in import JWT
from sandbox.rmm.stand_in import StandIn

__all__ = ["JWT", "SCRIPT_ITEM_ID", "STAND_IN", "make_app"]

STAND_IN = StandIn(
    vendor="ncentral",
    make_app=make_app,
    # This server's thresholds let nothing pass that is missing, so its word for fine may be trusted.
    settings={"script_item_id": SCRIPT_ITEM_ID, "trust_normal": True},
    secrets={"jwt": JWT},
)
