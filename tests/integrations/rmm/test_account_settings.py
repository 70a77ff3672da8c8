"""What an RMM account may be configured with, and what that makes it able to do."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from integrations.rmm import automate, datto, ninjaone, vsa9, vsax
from integrations.rmm.automate.settings import AutomateSettings
from integrations.rmm.datto.settings import DattoSettings
from integrations.rmm.ninjaone.settings import NinjaOneSettings
from integrations.rmm.vsa9.settings import Vsa9Settings
from integrations.rmm.vsax.settings import VsaxSettings
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
AUTOMATE: dict[str, Any] = {
    "base_url": "https://example.hostedrmm.com",
    "client_id": "guid",
    "username": "reader",
    "password": SecretStr("hidden"),
}
AUTOMATE_WRITE: dict[str, Any] = {
    "write_username": "writer",
    "write_password": SecretStr("hidden"),
    "entity_type_computer": 1,
}

VSAX: dict[str, Any] = {
    "base_url": "https://example.vsax.net",
    "token_id": "token",
    "token_secret": SecretStr("hidden"),
}

VSA9: dict[str, Any] = {
    "base_url": "https://vsa.example.com",
    "username": "reader",
    "access_token": SecretStr("hidden"),
}
VSA9_WRITE: dict[str, Any] = {
    "write_username": "writer",
    "write_access_token": SecretStr("hidden"),
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


def test_number_for_a_computer_and_a_user_for_writing_make_automate_able_to_act() -> None:
    clock = SetClock()
    numberless = {**AUTOMATE_WRITE, "entity_type_computer": None}
    able = [
        automate.connect(
            "a", AutomateSettings(**AUTOMATE, **more), clock=clock
        ).capabilities.install
        for more in ({}, {"entity_type_computer": 1}, numberless, AUTOMATE_WRITE)
    ]
    assert able == [False, False, False, True]


def test_proof_is_no_setting() -> None:
    with pytest.raises(ValidationError, match="proven"):
        AutomateSettings(**{**AUTOMATE, **AUTOMATE_WRITE, "proven": True})


@pytest.mark.parametrize("lost", ["write_username", "write_password"])
def test_half_a_user_for_writing_is_refused(lost: str) -> None:
    given = {name: value for name, value in AUTOMATE_WRITE.items() if name != lost}
    with pytest.raises(ValidationError, match="together"):
        AutomateSettings(**AUTOMATE, **given)


@pytest.mark.parametrize(
    "odd", [{"page_size": 0}, {"page_size": 1001}, {"entity_type_computer": -1}]
)
def test_numbers_no_server_knows_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AutomateSettings(**AUTOMATE, **odd)


def test_workflow_makes_vsax_able_to_act() -> None:
    clock = SetClock()
    reader = vsax.connect("v", VsaxSettings(**VSAX), clock=clock)
    writer = vsax.connect("v", VsaxSettings(**VSAX, install_workflow_id=12), clock=clock)
    assert (reader.capabilities.scan, reader.capabilities.install) == (False, False)
    assert (writer.capabilities.scan, writer.capabilities.install) == (True, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_id": "a:b"},
        {"token_id": ""},
        {"api_path": "/api/v3"},
        {"api_path": "api/v2"},
        {"install_workflow_id": 0},
        {"requests_per_second": 0},
        {"requests_per_second": 100},
    ],
)
def test_vsax_takes_no_setting_it_cannot_use(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VsaxSettings(**{**VSAX, **wrong})


def test_vsax_secret_does_not_show() -> None:
    assert "hidden" not in repr(VsaxSettings(**VSAX))


def test_user_for_writing_makes_vsa9_able_to_install_and_never_to_scan() -> None:
    clock = SetClock()
    reader = vsa9.connect("v", Vsa9Settings(**VSA9), clock=clock)
    writer = vsa9.connect("v", Vsa9Settings(**VSA9, **VSA9_WRITE), clock=clock)
    assert (reader.capabilities.scan, reader.capabilities.install) == (False, False)
    assert (writer.capabilities.scan, writer.capabilities.install) == (False, True)


@pytest.mark.parametrize(
    "wrong", [{"write_username": "writer"}, {"time_zone": "Central"}, {"password": "x"}]
)
def test_vsa9_takes_no_setting_it_cannot_use(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Vsa9Settings(**VSA9, **wrong)
