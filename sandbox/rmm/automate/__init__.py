"""A stand-in for ConnectWise Automate's REST API v1, from its API description and what its users found out."""

from sandbox.rmm.automate.actions import COMPUTER
from sandbox.rmm.automate.app import make_app
from sandbox.rmm.automate.sign_in import (
    CLIENT_ID,
    PASSWORD,
    TWO_FACTOR_USERNAME,
    USERNAME,
    WRITE_PASSWORD,
    WRITE_USERNAME,
)

__all__ = [
    "CLIENT_ID",
    "COMPUTER",
    "PASSWORD",
    "TWO_FACTOR_USERNAME",
    "USERNAME",
    "WRITE_PASSWORD",
    "WRITE_USERNAME",
    "make_app",
]
