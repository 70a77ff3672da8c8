"""What an account at N-able N-central is configured with."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, SecretStr

from integrations.rmm.vendor import ScriptSettings


class NCentralSettings(ScriptSettings):
    """The table [rmm.<account>] with vendor = "ncentral".

    `base_url` is the server's own address. Without `script_item_id` (see docs/vendors/ncentral.md) the
    account can only be read.
    """

    vendor: Literal["ncentral"] = "ncentral"
    jwt: SecretStr
    #: The update script's number in the script repository.
    script_item_id: PositiveInt | None = None
    #: A "Patch Status v2" that is normal has crossed no threshold of yours. True: take that for fully patched.
    trust_normal: bool = False
    #: Calls of one kind side by side. N-central refuses what is more than a kind's own number, from 1 to 50.
    calls_at_once: Annotated[int, Field(ge=1, le=5)] = 3
