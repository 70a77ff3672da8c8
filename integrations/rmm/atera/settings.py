"""What an account at Atera is configured with."""

from typing import Literal

from pydantic import PositiveInt, SecretStr

from integrations.rmm.vendor import VendorSettings


class AteraSettings(VendorSettings):
    """The table [rmm.<account>] with vendor = "atera".

    `base_url` is https://app.atera.com. Atera can only be read.
    """

    vendor: Literal["atera"] = "atera"
    api_key: SecretStr
    #: Atera tells no time of a scan. True: take the time a device was last seen for it.
    trust_last_seen: bool = False
    #: Atera names no limit; 700 is what its users go by. Nine tenths of it are used.
    requests_per_minute: PositiveInt = 700
