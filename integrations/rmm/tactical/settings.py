"""What an account at Tactical RMM is configured with."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, PositiveInt, SecretStr

from integrations.rmm.vendor import VendorSettings


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as failure:
        raise ValueError("is not a time zone such as Europe/Dublin") from failure
    return name


class TacticalSettings(VendorSettings):
    """The table [rmm.<account>] with vendor = "tactical".

    `base_url` is the API's address (https://api.example.com), not the one people sign in at.
    """

    vendor: Literal["tactical"] = "tactical"
    api_key: SecretStr
    #: Scan and install. Tactical's one permission for updates covers reading and acting, so this is our own lock.
    may_act: bool = False
    #: Restart devices, which takes the permission can_reboot_agents besides.
    may_restart: bool = False
    #: Whose updates a scan of the fleet reads. "pending": devices on which something approved waits, the only
    #: summary Tactical gives; what nobody approved elsewhere stays unknown. "every": all Windows devices.
    rows_of: Literal["pending", "every"] = "pending"
    #: Tactical tells no time of a scan. True takes its word that an agent that is online scans every eight hours.
    trust_scan_schedule: bool = False
    #: The server's time zone (Settings > Global settings > General), in which it words installation dates.
    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = None
    #: Tactical has no limit for API keys; its database is shared with the technicians.
    calls_per_minute: PositiveInt = 300
