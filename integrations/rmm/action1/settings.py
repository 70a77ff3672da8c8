"""What an account at Action1 is configured with."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, SecretStr, model_validator

from integrations.rmm.vendor import VendorSettings


class Action1Settings(VendorSettings):
    """The table [rmm.<account>] with vendor = "action1".

    `base_url` is the region people sign in at (https://app.eu.action1.com). The first pair of credentials
    only looks; the second one, which makes the account able to install, may also run automations.
    """

    vendor: Literal["action1"] = "action1"
    client_id: str
    client_secret: SecretStr
    write_client_id: str | None = None
    write_client_secret: SecretStr | None = None
    #: Where automations are run and followed: what the reference calls them now, or what Action1's own
    #: PowerShell module still calls them.
    instances_path: Literal["automations", "policies"] = "automations"
    #: No field tells when a device's updates were assessed. True takes a connected device's as of now.
    trust_assessment: bool = False
    #: How long Action1 keeps trying a device that went away before its order arrived; the order expires then.
    retry_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    #: Action1 publishes no number; users were told to stay below 30 a minute over the whole enterprise.
    requests_per_minute: PositiveInt = 30

    @model_validator(mode="after")
    def _write_credentials_are_whole(self) -> Self:
        if (self.write_client_id is None) != (self.write_client_secret is None):
            raise ValueError(
                "write_client_id and write_client_secret are given together or not at all"
            )
        return self
