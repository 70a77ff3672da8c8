"""What an account at Syncro is configured with."""

from typing import Literal

from pydantic import PositiveInt, SecretStr

from integrations.rmm.vendor import VendorSettings


class SyncroSettings(VendorSettings):
    """The table [rmm.<account>] with vendor = "syncro".

    `base_url` is the account's own address, such as https://example.syncromsp.com. Syncro can only be read.
    """

    vendor: Literal["syncro"] = "syncro"
    api_token: SecretStr
    #: A device that synced no longer ago than this is online. How often devices sync is documented nowhere.
    online_minutes: PositiveInt = 15
    #: Syncro tells no time of a scan of a device that misses nothing. True: take the last sync for it.
    trust_sync: bool = False
    #: Syncro's limit for one address, of which nine tenths are used.
    requests_per_minute: PositiveInt = 180
