"""VSA 9's JSON, odd cases included, as devices and patches."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.facts import Fact
from core.domain.patching import Device, DeviceKind, Patch, PatchClass, PatchState, Severity
from core.errors import MalformedAnswer
from integrations.rmm.vsa9 import mapping
from integrations.rmm.vsa9.sign_in import read_session, session_life
from tests.integrations.rmm.recorded import recorded

SOURCE = "Kaseya VSA 9 (k)"
CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def devices() -> dict[str, Device]:
    rows = recorded("vsa9", "agents")["Result"]
    made = [
        mapping.device("k", SOURCE, row, organisation="10", status=None, zone=CHICAGO)
        for row in rows
    ]
    return {device.name: device for device in made}


def patches(*, approved: bool = True) -> dict[str, Patch]:
    rows = recorded("vsa9", "machineupdate")["Result"]
    made = [mapping.patch("k", SOURCE, "3", row, approved=approved) for row in rows]
    return {patch.key: patch for patch in made}


def test_an_id_of_26_digits_keeps_them_all() -> None:
    assert devices()["PC-01"].id == "k:98765432109876543210987654"
    assert devices()["SRV-01"].vendor_id == "980000000000001234"


@pytest.mark.parametrize("broken", [None, "", "12a", 1.5, True, "²", [], "-4"])
def test_agent_without_a_proper_id_is_refused(broken: Any) -> None:
    with pytest.raises(MalformedAnswer, match="AgentId"):
        mapping.ident(SOURCE, {"AgentId": broken}, "AgentId", "agents")


def test_presence_is_known_only_where_a_code_says_so() -> None:
    told = {name: device.online for name, device in devices().items()}
    assert told == {
        "PC-01": Fact.YES, "SRV-01": Fact.YES, "pc-03.root.copper": Fact.NO, "MAC": Fact.YES,
        "NEW": Fact.UNKNOWN, "OFF": Fact.UNKNOWN, "ODD": Fact.UNKNOWN,
    }  # fmt: skip


def test_servers_are_told_by_year_or_by_word() -> None:
    told = {name: device.kind for name, device in devices().items()}
    assert told["PC-01"] is told["OFF"] is told["MAC"] is DeviceKind.WORKSTATION
    assert told["SRV-01"] is told["ODD"] is DeviceKind.SERVER
    assert told["NEW"] is DeviceKind.UNKNOWN


def test_domain_is_a_dns_domain_or_nothing() -> None:
    told = {name: device.domain for name, device in devices().items()}
    assert told["PC-01"] == told["SRV-01"] == "copperleaf.example"
    assert told["pc-03.root.copper"] is None


def test_only_what_is_surely_not_windows_has_surely_no_policy() -> None:
    told = {name: device.has_policy for name, device in devices().items()}
    assert told["MAC"] is Fact.NO
    assert told["NEW"] is told["PC-01"] is Fact.UNKNOWN


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-11-23T05:59:12", "2026-11-23T11:59:12"),
        ("2026-11-23T05:59:12.123", "2026-11-23T11:59:12.123"),
        ("2026-11-23T11:59:12.1234567Z", "2026-11-23T11:59:12.123456"),
        ("2026-11-23T12:59:12+01:00", "2026-11-23T11:59:12"),
        ("11/23/2026 5:59:12 AM", "2026-11-23T11:59:12"),
        ("11/23/2026 17:59:12", "2026-11-23T23:59:12"),
        ("/Date(1795435152000)/", "2026-11-23T11:59:12"),
        ("/Date(1795435152000-0600)/", "2026-11-23T11:59:12"),
        (1795435152, "2026-11-23T11:59:12"),
        (1795435152000, "2026-11-23T11:59:12"),
        (1795435152.5, "2026-11-23T11:59:12.500"),
    ],
)
def test_time_in_any_of_its_forms_becomes_utc(told: Any, moment: str) -> None:
    assert mapping.moment(told, CHICAGO) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "never",
    [
        None, "", "never", "1900-01-01T00:00:00", "0001-01-01T00:00:00", "1980-01-01T00:00:00Z",
        "1/1/1900 12:00:00 AM", 0, -1, True, "/Date(-62135596800000)/", "/Date(99999999999999999)/", [],
        10**30, "9999-12-31T23:59:59-14:00",
    ],
)  # fmt: skip
def test_never_and_nonsense_are_no_time(never: Any) -> None:
    assert mapping.moment(never, CHICAGO) is None


def test_time_of_an_unknown_zone_is_never_later_than_the_truth() -> None:
    assert mapping.moment("2026-11-23T12:00:00", None) == NOW - timedelta(hours=14)


def test_classes_and_severities_keep_the_code() -> None:
    told = {key: (p.severity, p.patch_class, p.raw_severity) for key, p in patches().items()}
    assert told == {
        "299": (Severity.CRITICAL, PatchClass.CUMULATIVE, "100"),
        "300": (Severity.IMPORTANT, PatchClass.SECURITY, "101"),
        "301": (Severity.CRITICAL, PatchClass.UPDATE, "110"),
        "302": (Severity.UNRANKED, PatchClass.FEATURE, "200"),
        "303": (Severity.UNRANKED, PatchClass.DEFINITION, "210"),
        "304": (Severity.UNRANKED, PatchClass.UNKNOWN, "900"),
        "305": (Severity.UNRANKED, PatchClass.UNKNOWN, "777"),
        "306": (Severity.UNRANKED, PatchClass.SECURITY, "104"),
    }


def test_articles_come_with_or_without_letters_or_in_the_title() -> None:
    told = {key: patch.kb for key, patch in patches().items()}
    assert told == {
        "299": "KB5000001", "300": "KB5000002", "301": "KB5000003", "302": "KB5000004",
        "303": "KB2267602", "304": "KB5000005", "305": "KB5000006", "306": "KB5000007",
    }  # fmt: skip
    assert patches()["304"].title == "5000005"


def test_failed_is_a_code_and_an_unknown_code_is_unknown() -> None:
    told = {key: patch.state for key, patch in patches().items()}
    assert told["299"] is told["300"] is PatchState.APPROVED
    assert told["301"] is told["302"] is PatchState.FAILED
    assert told["305"] is told["306"] is PatchState.UNKNOWN


def test_what_vsa_hides_as_denied_is_not_approved() -> None:
    told = {key: patch.state for key, patch in patches(approved=False).items()}
    assert set(told.values()) == {PatchState.PENDING, PatchState.UNKNOWN}
    assert "denied or not approved yet" in patches(approved=False)["299"].raw_state


def test_scheduled_is_neither_failed_nor_unknown() -> None:
    rows = {row["PatchDataId"]: row for row in recorded("vsa9", "machineupdate")["Result"]}
    assert [key for key, row in rows.items() if mapping.is_scheduled(row)] == ["300"]


def test_history_keeps_what_has_a_date_and_a_name() -> None:
    rows = recorded("vsa9", "history")["Result"]
    kept = [p for row in rows if (p := mapping.installed("k", "3", row, zone=CHICAGO)) is not None]
    assert [(p.key, p.kb) for p in kept] == [
        ("280", "KB4999001"),
        ("KB4999002 update for something", "KB4999002"),
    ]
    assert kept[0].installed_at == datetime(2026, 10, 16, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "pending"),
    [(True, Fact.YES), (1, Fact.YES), ("0", Fact.NO), (False, Fact.NO), (None, Fact.UNKNOWN), ("x", Fact.UNKNOWN)],
)  # fmt: skip
def test_restart_is_owed_only_where_that_is_told(told: Any, pending: Fact) -> None:
    assert mapping.reboot_pending({"RebootPending": told}) is pending


# Sessions.


def test_session_is_taken_for_as_long_as_it_lives() -> None:
    token = read_session(SOURCE, recorded("vsa9", "auth")["Result"], NOW)
    assert (token.value, token.life) == ("61234567", timedelta(minutes=30))


@pytest.mark.parametrize(
    ("end", "offset", "minutes"),
    [
        ("2026-11-23T12:30:00", 0, 30),
        # Half past six by a clock six hours behind, whichever way round the offset is told.
        ("2026-11-23T06:30:00", -360, 30),
        ("2026-11-23T06:30:00", 360, 30),
        ("2026-11-23T12:30:00Z", -360, 30),
        ("2026-11-23T11:00:00", 0, 5),
        ("soon", 0, 5),
        (None, None, 5),
        ("2027-11-23T12:30:00", 99_999, 24 * 60),
    ],
)
def test_end_of_a_session_is_read_cautiously(end: Any, offset: Any, minutes: int) -> None:
    told = {"SessionExpiration": end, "OffSetInMinutes": offset}
    assert session_life(told, NOW) == timedelta(minutes=minutes)


def test_session_without_a_token_is_none() -> None:
    with pytest.raises(MalformedAnswer):
        read_session(SOURCE, {"SessionExpiration": "2026-11-23T12:30:00"}, NOW)
