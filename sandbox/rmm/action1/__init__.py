"""A stand-in for Action1's API 3.0, from its reference pages, its own PowerShell module, and what users found out."""

from sandbox.rmm.action1.app import make_app
from sandbox.rmm.action1.oauth import (
    CLIENT_ID,
    CLIENT_SECRET,
    WRITE_CLIENT_ID,
    WRITE_CLIENT_SECRET,
)

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "WRITE_CLIENT_ID", "WRITE_CLIENT_SECRET", "make_app"]
