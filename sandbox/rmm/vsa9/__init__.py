"""A stand-in for Kaseya VSA 9's REST API v1.0, from its users' clients and its help pages."""

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
    "USERNAME",
    "WRITE_ACCESS_TOKEN",
    "WRITE_USERNAME",
    "agent_id",
    "make_app",
    "org_id",
]
