"""A stand-in for Datto RMM's API v2, from its OpenAPI description and what its users found out."""

from sandbox.rmm.datto.app import make_app
from sandbox.rmm.datto.component import INSTALL_COMPONENT_UID
from sandbox.rmm.datto.oauth import API_KEY, API_SECRET
from sandbox.rmm.stand_in import StandIn, by_uid

__all__ = ["API_KEY", "API_SECRET", "INSTALL_COMPONENT_UID", "STAND_IN", "make_app"]

STAND_IN = StandIn(
    vendor="datto",
    make_app=make_app,
    organisation=by_uid,
    settings={
        "install_component_uid": INSTALL_COMPONENT_UID,
        "may_restart": True,
        "tags_udf": 1,
    },
    secrets={"api_key": API_KEY, "api_secret": API_SECRET},
)
