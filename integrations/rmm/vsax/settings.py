"""What an account at Kaseya VSA X is configured with."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, SecretStr

from integrations.rmm.vendor import ScriptSettings


class VsaxSettings(ScriptSettings):
    """The table [rmm.<account>] with vendor = "vsax".

    `base_url` is the server's address, such as https://example.vsax.net; `api_path` is "v3" at
    https://api.pulseway.com and "api/v3" everywhere else. Without `install_workflow_id` (see
    docs/vendors/vsax.md) the account can only be read. `may_restart` allows the script's mode `restart`.
    """

    vendor: Literal["vsax"] = "vsax"
    token_id: Annotated[str, Field(pattern=r"^[^\s:]+$")]
    token_secret: SecretStr
    api_path: Literal["api/v3", "v3"] = "api/v3"
    install_workflow_id: PositiveInt | None = None
    may_restart: bool = False
    #: No limit is documented; users keep to one call a second.
    requests_per_second: Annotated[float, Field(gt=0, le=20)] = 1.0
