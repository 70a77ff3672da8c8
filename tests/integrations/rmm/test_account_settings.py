"""What an RMM account may be configured with, and what that makes it able to do."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from integrations.rmm import datto, ninjaone
from integrations.rmm.datto.settings import DattoSettings
from integrations.rmm.ninjaone.settings import NinjaOneSettings
from tests.storage.making import SetClock

NINJA: dict[str, Any] = {
    "base_url": "https://eu.ninjarmm.com",
    "client_id": "reader",
    "client_secret": SecretStr("hidden"),
}
WRITE: dict[str, Any] = {"write_client_id": "writer", "write_client_secret": SecretStr("hidden")}
DATTO: dict[str, Any] = {
    "base_url": "https://pinotage-api.centrastage.net",
    "api_key": SecretStr("key"),
    "api_secret": SecretStr("hidden"),
}


@pytest.mark.parametrize(
    "address",
    [
        "http://eu.ninjarmm.com",
        "eu.ninjarmm.com",
        "https://",
        "https://eu.ninjarmm.com/api/v2",
        "https://eu.ninjarmm.com?x=1",
        "ftp://eu.ninjarmm.com",
    ],
)
def test_address_is_an_https_host_and_nothing_more(address: str) -> None:
    with pytest.raises(ValidationError):
        NinjaOneSettings(**{**NINJA, "base_url": address})


def test_trailing_slash_of_the_address_is_forgiven() -> None:
    settings = NinjaOneSettings(**{**NINJA, "base_url": "https://eu.ninjarmm.com/"})
    assert settings.base_url == "https://eu.ninjarmm.com"


def test_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="api_token"):
        DattoSettings(**{**DATTO, "api_token": "x"})


@pytest.mark.parametrize("half", list(WRITE))
def test_half_a_write_client_is_refused(half: str) -> None:
    with pytest.raises(ValidationError, match="together"):
        NinjaOneSettings(**NINJA, **{half: WRITE[half]})


def test_secrets_do_not_show_in_settings() -> None:
    shown = repr(NinjaOneSettings(**NINJA, **WRITE)) + repr(DattoSettings(**DATTO))
    assert "hidden" not in shown


def test_write_client_makes_ninjaone_able_to_act() -> None:
    clock = SetClock()
    reader = ninjaone.connect("n", NinjaOneSettings(**NINJA), clock=clock)
    writer = ninjaone.connect("n", NinjaOneSettings(**NINJA, **WRITE), clock=clock)
    assert (reader.capabilities.scan, reader.capabilities.install) == (False, False)
    assert (writer.capabilities.scan, writer.capabilities.install) == (True, True)


def test_component_makes_datto_able_to_act() -> None:
    clock = SetClock()
    reader = datto.connect("d", DattoSettings(**DATTO), clock=clock)
    writer = datto.connect("d", DattoSettings(**DATTO, install_component_uid="u"), clock=clock)
    assert (reader.capabilities.scan, reader.capabilities.install) == (False, False)
    assert (writer.capabilities.scan, writer.capabilities.install) == (True, True)
