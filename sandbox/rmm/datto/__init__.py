"""A stand-in for Datto RMM's API v2, from its OpenAPI description and what its users found out."""

from sandbox.rmm.datto.app import make_app
from sandbox.rmm.datto.component import INSTALL_COMPONENT_UID
from sandbox.rmm.datto.oauth import API_KEY, API_SECRET

__all__ = ["API_KEY", "API_SECRET", "INSTALL_COMPONENT_UID", "make_app"]
