"""A stand-in for Tactical RMM 1.5.1, from the paths its server describes and from what one was seen to do."""

from sandbox.rmm.stand_in import StandIn
from sandbox.rmm.tactical.app import make_app
from sandbox.rmm.tactical.keys import ADMIN_API_KEY, API_KEY, LIMITED_API_KEY
from sandbox.rmm.tactical.words import SERVER_TIME_ZONE, agent_id
from sandbox.rmm.tactical.work import BUS

__all__ = [
    "ADMIN_API_KEY",
    "API_KEY",
    "BUS",
    "LIMITED_API_KEY",
    "SERVER_TIME_ZONE",
    "STAND_IN",
    "agent_id",
    "make_app",
]

STAND_IN = StandIn(
    vendor="tactical",
    make_app=make_app,
    # Both of the reading's economies are off: this server is ours, and its agents scan as scheduled.
    settings={
        "may_act": True,
        "may_restart": True,
        "rows_of": "every",
        "trust_scan_schedule": True,
        "time_zone": SERVER_TIME_ZONE,
    },
    secrets={"api_key": API_KEY},
)
