"""What the settings make an account able to do, and which are refused."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from integrations.rmm import asio
from integrations.rmm.asio.settings import AsioSettings
from tests.storage.making import SetClock

SETTINGS: dict[str, Any] = {
    "base_url": "https://openapi.service.itsupport247.net",
    "client_id": "0e30-key",
    "client_secret": SecretStr("hidden"),
}


def test_script_makes_asio_able_to_act() -> None:
    clock = SetClock()
    reader = asio.connect("a", AsioSettings(**SETTINGS), clock=clock)
    writer = asio.connect("a", AsioSettings(**SETTINGS, script_id="7b1c"), clock=clock)
    assert (reader.capabilities.scan, reader.capabilities.install) == (False, False)
    assert (writer.capabilities.scan, writer.capabilities.install) == (True, True)
    assert "hidden" not in repr(AsioSettings(**SETTINGS))


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "a b"},
        {"script_id": "../x"},
        {"read_scopes": ["a b"]},
        {"resource_type": "endpoint"},
        {"task_api": "v3"},
        {"requests_per_five_minutes": 0},
    ],
)
def test_asio_takes_no_setting_it_cannot_use(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AsioSettings(**{**SETTINGS, **wrong})
