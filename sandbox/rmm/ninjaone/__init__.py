"""A stand-in for NinjaOne's public API v2, from its OpenAPI description and what its users found out."""

from sandbox.rmm.ninjaone.app import make_app
from sandbox.rmm.ninjaone.oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    WRITE_CLIENT_ID,
    WRITE_CLIENT_SECRET,
)

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "WRITE_CLIENT_ID", "WRITE_CLIENT_SECRET", "make_app"]
