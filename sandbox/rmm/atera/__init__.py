"""A stand-in for Atera's API v3, from what its users' programs read of it: there is no public description."""

from sandbox.rmm.atera.app import make_app
from sandbox.rmm.atera.readings import API_KEY, LIMITED_API_KEY

__all__ = ["API_KEY", "LIMITED_API_KEY", "make_app"]
