"""What an account at ConnectWise Automate is configured with."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from integrations.rmm.vendor import VendorSettings


class AutomateSettings(VendorSettings):
    """The table [rmm.<account>] with vendor = "automate".

    `client_id` is the GUID that developer.connectwise.com gives an integration; it is sent with every call.
    The first user reads. The second one deploys updates, which stays locked until it was proven on this
    server: `entity_type_computer` is the number it has for "a computer" (elsewhere it may be a location or a
    client, so that a wrong one deploys to all their computers), and no document names it. `restart_command` is
    the number of this server's command that restarts a computer; without it none is restarted.
    """

    vendor: Literal["automate"] = "automate"
    client_id: str
    username: str
    password: SecretStr
    write_username: str | None = None
    write_password: SecretStr | None = None
    entity_type_computer: int | None = Field(default=None, ge=0)
    restart_command: int | None = Field(default=None, ge=1)
    #: Rows asked for at once; a server that gives less is read to the end all the same.
    page_size: int = Field(default=1000, ge=1, le=1000)

    @model_validator(mode="after")
    def _write_user_is_whole(self) -> Self:
        if (self.write_username is None) != (self.write_password is None):
            raise ValueError("write_username and write_password are given together or not at all")
        if self.restart_command is not None and self.write_username is None:
            raise ValueError("restart_command needs write_username and write_password")
        return self
