"""What a vendor's folder provides: its stand-in, and what a bot's configuration says of our account there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.estate.model import Company, RmmVendor
from sandbox.frame.world import World


def by_number(company: Company) -> str:
    return str(company.rmm_number)


def by_uid(company: Company) -> str:
    return company.rmm_uid


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """One vendor's stand-in and an account there that may do everything."""

    vendor: RmmVendor
    make_app: Callable[[World], web.Application]
    #: By what the vendor knows a company.
    organisation: Callable[[Company], str] = by_number
    #: The account's settings besides where the stand-in answers and whom to trust for that.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Those of them that belong into files of their own.
    secrets: Mapping[str, str]
