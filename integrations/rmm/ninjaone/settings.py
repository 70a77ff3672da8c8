"""What an account at NinjaOne is configured with."""

from typing import Literal, Self

from pydantic import PositiveInt, SecretStr, model_validator

from integrations.rmm.vendor import VendorSettings


class NinjaOneSettings(VendorSettings):
    """The table [rmm.<account>] with vendor = "ninjaone".

    `base_url` is the address people sign in at (https://eu.ninjarmm.com): a client app of one region is
    unknown in the others. The first client needs the scope monitoring, the second one, which makes the
    account able to scan and install, monitoring and management.
    """

    vendor: Literal["ninjaone"] = "ninjaone"
    client_id: str
    client_secret: SecretStr
    write_client_id: str | None = None
    write_client_secret: SecretStr | None = None
    #: The update script's number in the script library: with it the updates that were approved are installed by
    #: name. Without it, whatever is approved.
    script_id: PositiveInt | None = None

    @model_validator(mode="after")
    def _write_client_is_whole(self) -> Self:
        if (self.write_client_id is None) != (self.write_client_secret is None):
            raise ValueError(
                "write_client_id and write_client_secret are given together or not at all"
            )
        return self
