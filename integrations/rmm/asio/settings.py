"""What an account at ConnectWise RMM (Asio) is configured with."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, SecretStr

from integrations.rmm.vendor import VendorSettings

#: One scope of an API key, such as "platform.devices.read".
Scope = Annotated[str, Field(pattern=r"^\S+$")]


class AsioSettings(VendorSettings):
    """The table [rmm.<account>] with vendor = "asio".

    `base_url` is the region's address, such as https://openapi.service.itsupport247.net. Without `script_id`
    (see docs/vendors/asio.md) the account can only be read.
    """

    vendor: Literal["asio"] = "asio"
    client_id: Annotated[str, Field(pattern=r"^\S+$")]
    client_secret: SecretStr
    #: The update script's id in the script library.
    script_id: Annotated[str, Field(pattern=r"^[\w-]+$")] | None = None
    #: What the token for reading and the one for running the script ask for; a scope the key lacks spoils the token.
    read_scopes: tuple[Scope, ...] = (
        "platform.companies.read",
        "platform.devices.read",
        "platform.asset.read",
        "platform.patching.read",
        "platform.ospatching.management.read",
    )
    run_scopes: tuple[Scope, ...] = ("platform.automation.read", "platform.automation.create")
    #: The platform's word for a company in lists, tried first; the others follow where it is refused. "v1": read
    #: devices by the API's first version, which takes a call for each.
    resource_type: Literal["company", "companies", "client", "clients", "v1"] = "company"
    #: Read updates of other makers' software, too. Addresses and answers are known from one other client alone, and
    #: the key needs the scope platform.tppatching.management.read for it.
    third_party: bool = False
    #: The version in which scripts are scheduled. It differs in the address and in the name of the parameters.
    task_api: Literal["v1", "v2"] = "v2"
    #: No number is documented; one deployment guide says this. Nine tenths of it are used.
    requests_per_five_minutes: PositiveInt = 500
