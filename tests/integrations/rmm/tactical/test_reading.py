"""What is read of a fleet and what is not known of it; what the account proves, and its settings."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from core.domain.facts import Fact
from core.domain.patching import DeviceId, PatchState
from integrations.rmm.tactical.settings import TacticalSettings
from integrations.rmm.vendor import RmmAccount
from sandbox.rmm.tactical import ADMIN_API_KEY, LIMITED_API_KEY, agent_id
from tests.contracts.vendor_bench import Bench
from tests.contracts.vendor_rigs.tactical import RIG
from tests.integrations.rmm.tactical.asking import is_mac, read, rows_asked
from tests.sandbox.rmm_desk import missing


def test_updates_are_read_only_where_something_approved_waits(bench: Bench) -> None:
    reading = read(bench)
    (company,) = bench.companies
    waiting = {
        agent_id(d)
        for d in company.devices
        if any(u.state in ("approved", "failed") and u.kind != "third_party" for u in d.updates)
        and not is_mac(d)
    }
    assert 0 < len(waiting) < len(company.devices)
    assert set(rows_asked(bench)) <= waiting
    assert len(rows_asked(bench)) == len(set(rows_asked(bench)))
    assert {str(item).rpartition(":")[2] for item in reading.rows_known_for} == set(
        rows_asked(bench)
    )


def test_every_windows_device_is_read_where_that_is_asked_for(bench: Bench) -> None:
    reading = read(bench, rows_of="every")
    (company,) = bench.companies
    assert set(rows_asked(bench)) == {agent_id(d) for d in company.devices if not is_mac(d)}
    scanned = {bench.device_id(d) for d in company.devices if d.last_scan and not is_mac(d)}
    assert reading.rows_known_for == scanned
    states = {patch.state for patch in reading.patches}
    assert states >= {PatchState.REJECTED, PatchState.PENDING, PatchState.APPROVED}


def test_last_scan_is_unknown_unless_the_schedule_is_trusted(bench: Bench) -> None:
    assert {device.last_scan for device in read(bench).devices} == {None}
    for device in read(bench, trust_scan_schedule=True).devices:
        if device.has_policy is Fact.NO:
            assert device.last_scan is None
            continue
        assert device.last_scan is not None
        assert device.last_seen is not None
        assert device.last_seen - timedelta(hours=8) <= device.last_scan <= device.last_seen


def test_offline_device_is_known_by_what_it_last_reported(bench: Bench) -> None:
    reading = read(bench)
    (company,) = bench.companies
    away = next(d for d in company.devices if not d.online and any(missing(d)))
    assert bench.device_id(away) in reading.rows_known_for
    assert any(
        p.device_id == bench.device_id(away) and p.state is PatchState.APPROVED
        for p in reading.patches
    )


def test_key_that_may_not_see_updates_shows_devices_and_says_so(bench: Bench) -> None:
    reading = read(bench, api_key=SecretStr(LIMITED_API_KEY))
    assert reading.devices
    assert reading.coverage.covers("devices")
    assert not reading.coverage.covers("missing patches")
    assert (reading.patches, reading.rows_known_for) == ((), frozenset())
    # The server is not asked about every single device in vain.
    assert len(rows_asked(bench)) <= 6


def test_device_whose_updates_cannot_be_read_does_not_hide_the_others(bench: Bench) -> None:
    whole = read(bench)
    broken = next(iter(sorted(whole.rows_known_for)))
    bench.fault("status", f"/winupdate/{broken.rpartition(':')[2]}/", status=500)
    reading = read(bench)
    assert reading.rows_known_for == whole.rows_known_for - {broken}
    assert not reading.coverage.covers("missing patches")
    assert broken not in {patch.device_id for patch in reading.patches}


def test_device_deleted_in_the_meantime_is_no_failure(bench: Bench) -> None:
    gone = min(read(bench).rows_known_for).rpartition(":")[2]
    bench.wire.intercept = lambda request, _: (
        web.json_response({"detail": "No Agent matches the given query."}, status=404)
        if request.path == f"/winupdate/{gone}/"
        else None
    )
    reading = read(bench)
    assert reading.coverage.complete
    assert DeviceId(f"main:{gone}") not in reading.rows_known_for


def test_proof_names_the_permission_that_is_missing(bench: Bench) -> None:
    account = bench.account({**RIG.settings, "api_key": SecretStr(LIMITED_API_KEY)})
    lacking = [p for p in account.prove(bench.bindings()).permissions if p.present is Fact.NO]
    assert [p.name for p in lacking if p.needed] == ["can_manage_winupdates"]
    assert all("role" in p.remedy for p in lacking)


def test_proof_names_what_is_more_than_needed(bench: Bench) -> None:
    account = bench.account({**RIG.settings, "api_key": SecretStr(ADMIN_API_KEY)})
    proof = account.prove(bench.bindings())
    assert [p.name for p in proof.permissions if not p.needed and p.present is Fact.YES] == [
        "can_list_roles"
    ]


def test_proof_without_a_device_leaves_the_permission_open(account: RmmAccount) -> None:
    permissions = {p.name: p.present for p in account.prove([]).permissions}
    assert permissions["can_manage_winupdates"] is Fact.UNKNOWN


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"rows_of": "some"},
        {"calls_per_minute": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TacticalSettings(
            base_url="https://api.example.com",
            api_key=SecretStr("x"),
            **{"may_act": False, **wrong},
        )


def test_account_is_careful_unless_told_otherwise() -> None:
    plain = TacticalSettings(base_url="https://api.example.com", api_key=SecretStr("x"))
    assert (plain.may_act, plain.rows_of, plain.trust_scan_schedule) == (False, "pending", False)
