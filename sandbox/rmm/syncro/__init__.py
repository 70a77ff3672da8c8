"""A stand-in for Syncro's API v1, from its description and what its users' programs read of it."""

from sandbox.rmm.syncro.app import make_app
from sandbox.rmm.syncro.keys import ADMIN_API_TOKEN, API_TOKEN, LIMITED_API_TOKEN

__all__ = ["ADMIN_API_TOKEN", "API_TOKEN", "LIMITED_API_TOKEN", "make_app"]
