"""A stand-in for ConnectWise Automate's REST API v1, from its API description and what its users found out."""

from sandbox.rmm.automate.actions import COMPUTER
from sandbox.rmm.automate.app import make_app
from sandbox.rmm.automate.commands import RESTART
from sandbox.rmm.automate.sign_in import (
    CLIENT_ID,
    PASSWORD,
    TWO_FACTOR_USERNAME,
    USERNAME,
    WRITE_PASSWORD,
    WRITE_USERNAME,
)
from sandbox.rmm.stand_in import StandIn

__all__ = [
    "CLIENT_ID",
    "COMPUTER",
    "PASSWORD",
    "RESTART",
    "STAND_IN",
    "TWO_FACTOR_USERNAME",
    "USERNAME",
    "WRITE_PASSWORD",
    "WRITE_USERNAME",
    "make_app",
]

STAND_IN = StandIn(
    vendor="automate",
    make_app=make_app,
    # The kind of thing a computer is holds for this sandbox's server alone; `bot.py prove` proves it.
    settings={
        "client_id": CLIENT_ID,
        "username": USERNAME,
        "write_username": WRITE_USERNAME,
        "entity_type_computer": COMPUTER,
        "restart_command": RESTART,
    },
    secrets={"password": PASSWORD, "write_password": WRITE_PASSWORD},
)
