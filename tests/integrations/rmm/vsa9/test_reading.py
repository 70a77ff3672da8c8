"""Whose an agent is, what is known of its patching, and what the account proves."""

from typing import Any

import pytest

from core.domain.facts import Fact
from tests.integrations.rmm.vsa9.server import (
    BASE,
    BINDING,
    Server,
    agent,
    enveloped,
    lacking,
    refused,
)
from tests.storage.making import START


def test_agent_that_does_not_tell_its_organisation_is_found_by_its_group(server: Server) -> None:
    server.fleet(agent(7, OrgId=None, MachineGroupId="61"), agent(8, OrgId="11"))
    groups = [{"MachineGroupId": "61", "OrgId": 10}]
    server.lists("system/machinegroups", groups)
    server.patching(7)
    assert [device.vendor_id for device in server.reading().devices] == ["7"]


def test_groups_are_not_read_where_every_agent_tells(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    assert server.reading().coverage.complete
    assert server.count(f"{BASE}/system/machinegroups") == 0


def test_denied_updates_are_listed_and_not_approved(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7, lacking(299), denied=[lacking(300)])
    states = {patch.key: patch.state for patch in server.reading().patches}
    assert states == {"299": "approved", "300": "pending"}


@pytest.mark.parametrize("never", [None, "1900-01-01T00:00:00", ""])
def test_agent_that_was_never_scanned_is_not_clean_and_not_asked(
    server: Server, never: Any
) -> None:
    server.fleet(agent(7))
    server.patching(7, LastPatchScan=never)
    reading = server.reading()
    assert reading.rows_known_for == frozenset()
    assert server.count(f"{BASE}/assetmgmt/patch/7/machineupdate/false") == 0


def test_status_in_a_list_is_read_as_well(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    told = [{"LastPatchScan": f"{START:%Y-%m-%dT%H:%M:%S}Z", "RebootPending": 1}]
    server.says(f"{BASE}/assetmgmt/patch/7/status", enveloped(told))
    (device,) = server.reading().devices
    assert (device.last_scan, device.reboot_needed) == (START, Fact.YES)


def test_one_agent_that_cannot_be_read_is_counted_and_the_others_are_read(server: Server) -> None:
    server.fleet(agent(7), agent(8))
    server.patching(8, lacking(299))
    reading = server.reading()
    assert reading.rows_known_for == {"k:8"}
    assert reading.coverage.unread[0].reason.startswith("Could not be read for 1 of 2 devices")


def test_mac_is_listed_and_never_asked_about(server: Server) -> None:
    server.fleet(agent(7, OSType="Mac OS X"))
    (device,) = server.reading().devices
    assert device.has_policy is Fact.NO
    assert not any("/patch/" in item.path for item in server.seen)


def test_proof_names_what_the_reading_user_may_not_read(server: Server) -> None:
    server.fleet(agent(7))
    server.patching(7)
    server.says(f"{BASE}/assetmgmt/patch/7/status", refused(403))
    present = {p.name: p.present for p in server.account().prove([BINDING]).permissions}
    assert present["patch status"] is Fact.NO
    assert present["missing updates"] is Fact.YES
    assert present["scheduling updates"] is Fact.UNKNOWN


def test_proof_without_a_device_knows_nothing_of_patching(server: Server) -> None:
    server.fleet()
    present = {p.name: p.present for p in server.account().prove([BINDING]).permissions}
    assert present["patch status"] is Fact.UNKNOWN
    assert present["organisations and agents"] is Fact.YES
