"""What an account at Kaseya VSA 9 is configured with."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, SecretStr, model_validator

from integrations.rmm.vendor import VendorSettings


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as failure:
        raise ValueError("is not a time zone such as Europe/Dublin") from failure
    return name


class Vsa9Settings(VendorSettings):
    """The table [rmm.<account>] with vendor = "vsa9".

    Tokens are personal access tokens with the scope "REST API (Read, Write)". The first user reads; the
    second one schedules updates, which stays locked until it was proven on this server.
    """

    vendor: Literal["vsa9"] = "vsa9"
    username: str
    access_token: SecretStr
    write_username: str | None = None
    write_access_token: SecretStr | None = None
    #: The server's time zone, in which it words most of its times.
    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = None
    #: What a SchedTogether above 0 says on this server. "ordered": an install was ordered, so the device is left
    #: alone. "due": no more than that the update is due, as one program of VSA's users reads it.
    sched_together: Literal["ordered", "due"] = "ordered"
    #: Whether this server wants a slash at the end of every path: without it, some answer with a redirect.
    trailing_slash: bool = False

    @model_validator(mode="after")
    def _write_user_is_whole(self) -> Self:
        if (self.write_username is None) != (self.write_access_token is None):
            raise ValueError(
                "write_username and write_access_token are given together or not at all"
            )
        return self
