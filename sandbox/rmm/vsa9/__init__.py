"""A stand-in for Kaseya VSA 9's REST API v1.0, from its users' clients and its help pages."""

from sandbox.rmm.stand_in import StandIn
from sandbox.rmm.vsa9.app import make_app
from sandbox.rmm.vsa9.sign_in import (
    ACCESS_TOKEN,
    USERNAME,
    WRITE_ACCESS_TOKEN,
    WRITE_USERNAME,
)
from sandbox.rmm.vsa9.words import SERVER_TIME_ZONE, agent_id, org_id

__all__ = [
    "ACCESS_TOKEN",
    "SERVER_TIME_ZONE",
    "STAND_IN",
    "USERNAME",
    "WRITE_ACCESS_TOKEN",
    "WRITE_USERNAME",
    "agent_id",
    "make_app",
    "org_id",
]

STAND_IN = StandIn(
    vendor="vsa9",
    make_app=make_app,
    organisation=org_id,
    settings={
        "username": USERNAME,
        "write_username": WRITE_USERNAME,
        "time_zone": SERVER_TIME_ZONE,
    },
    secrets={"access_token": ACCESS_TOKEN, "write_access_token": WRITE_ACCESS_TOKEN},
)
