"""The serial number of a machine, by the lists that tell it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.patching import Device
from integrations.rmm.action1 import mapping as action1
from integrations.rmm.automate import mapping as automate
from integrations.rmm.ninjaone import mapping as ninjaone
from integrations.rmm.syncro import mapping as syncro
from integrations.rmm.tactical import mapping as tactical

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def in_ninja(told: Any) -> Device:
    row = {"id": 1, "organizationId": 2, "system": {"biosSerialNumber": told}}
    return ninjaone.device("a", "N", row, health=None, last_scan=None)


def in_automate(told: Any) -> Device:
    row = {"Id": 1, "Client": {"Id": 2}, "SerialNumber": told}
    return automate.device("a", "A", row, stats=None)


def in_syncro(told: Any) -> Device:
    row = {"id": 1, "customer_id": 2, "asset_serial": told}
    return syncro.device("a", "S", row, now=NOW, online_for=timedelta(minutes=15))


def in_action1(told: Any) -> Device:
    return action1.device("a", "A", "org", {"id": "e1", "serial": told})


def in_tactical(told: Any) -> Device:
    return tactical.device("a", "T", "8", {"agent_id": "t1", "serial_number": told}, last_scan=None)


@pytest.mark.parametrize("tell", [in_ninja, in_automate, in_syncro, in_action1, in_tactical])
@pytest.mark.parametrize(("told", "known"), [(" PF3X9Q2L ", "PF3X9Q2L"), ("", None), (7, None)])
def test_a_serial_number_is_the_vendors_words_or_nothing(tell: Any, told: Any, known: Any) -> None:
    assert tell(told).serial == known


def test_the_system_tells_ninjaones_serial_number_where_the_bios_does_not() -> None:
    system = {"biosSerialNumber": "", "serialNumber": "PF3X9Q2L"}
    row = {"id": 1, "organizationId": 2, "system": system}
    assert ninjaone.device("a", "N", row, health=None, last_scan=None).serial == "PF3X9Q2L"
