"""What an account at Datto RMM is configured with."""

from typing import Literal

from pydantic import Field, SecretStr

from integrations.rmm.vendor import ScriptSettings


class DattoSettings(ScriptSettings):
    """The table [rmm.<account>] with vendor = "datto".

    `base_url` is the API's address of the account's platform, such as
    https://pinotage-api.centrastage.net. Without `install_component_uid` (see docs/components.md)
    the account can only be read. `tags_udf` is the number of the user-defined field that holds tags
    ("domain-controller, protected"), as Datto has none on devices. `may_restart` allows the component's
    mode `restart`.
    """

    vendor: Literal["datto"] = "datto"
    api_key: SecretStr
    api_secret: SecretStr
    install_component_uid: str | None = None
    may_restart: bool = False
    tags_udf: int | None = Field(default=None, ge=1, le=300)
