"""Action1's JSON as devices, missing updates and runs, from recorded answers and their odd cases."""

from datetime import UTC, date, datetime

import pytest

from core.domain.facts import Fact
from core.domain.patching import (
    Device,
    DeviceId,
    DeviceKind,
    Patch,
    PatchClass,
    PatchState,
    Severity,
)
from core.domain.remediation import JobState, StepState
from core.errors import MalformedAnswer
from integrations.rmm.action1 import mapping, runs, verdicts
from integrations.rmm.action1.runs import Reference
from tests.integrations.rmm.recorded import recorded

ENDPOINT = "0f6c1c9e-0000-4000-8000-00000000000{}"
DEVICE = DeviceId("a:1")


def devices(*, trust: bool = False) -> dict[str, Device]:
    rows = recorded("action1", "endpoints")["items"]
    found = [mapping.device("a", "A", "org", row, trust_assessment=trust) for row in rows]
    return {device.name: device for device in found}


def patches() -> dict[str, Patch]:
    packages = recorded("action1", "missing-updates")["items"]
    found = (version.patch(DEVICE) for version in mapping.versions("A", packages))
    return {patch.title: patch for patch in found}


def patch(start: str) -> Patch:
    return next(item for title, item in patches().items() if title.startswith(start))


# Devices.


def test_endpoint_is_mapped_whole() -> None:
    device = devices()["SRV-DC01"]
    assert device.id == f"a:{ENDPOINT.format(1)}"
    assert (device.organisation, device.kind) == ("org", DeviceKind.SERVER)
    assert (device.os, device.online) == ("Windows Server 2022", Fact.YES)
    assert device.last_seen == datetime(2026, 10, 8, 7, 15, tzinfo=UTC)
    assert (device.reboot_needed, device.domain) == (Fact.YES, "corp.example")
    assert device.last_scan is None


def test_words_nobody_knows_leave_facts_unknown() -> None:
    device = devices()["BUILD"]
    assert (device.online, device.kind, device.last_seen) == (
        Fact.UNKNOWN,
        DeviceKind.UNKNOWN,
        None,
    )
    assert device.reboot_needed is Fact.NO
    assert devices()["MAC-4"].reboot_needed is Fact.UNKNOWN


def test_unit_in_another_form_tells_no_domain() -> None:
    assert devices()["PC-RECEPTION"].domain is None


def test_time_is_utc_in_either_spelling() -> None:
    assert devices()["MAC-4"].last_seen == datetime(2026, 10, 8, 7, 15, tzinfo=UTC)
    assert [mapping.moment(odd) for odd in ("", None, "unknown", "2026-13-08_07-15-00", 7)] == [
        None
    ] * 5


def test_assessment_is_believed_only_where_asked_connected_and_counted() -> None:
    trusted = devices(trust=True)
    assert trusted["SRV-DC01"].last_scan == trusted["SRV-DC01"].last_seen
    assert (trusted["PC-RECEPTION"].last_scan, trusted["BUILD"].last_scan) == (None, None)


def test_counts_come_as_numbers_and_as_text() -> None:
    rows = recorded("action1", "endpoints")["items"]
    assert [mapping.missing(row) for row in rows] == [7, 0, None, 0]


@pytest.mark.parametrize("odd", [None, "", "-1", -1, True, "1.5", "\u0661"])
def test_count_that_is_none_is_not_zero(odd: object) -> None:
    row = {"missing_critical_updates": odd, "missing_other_updates": 0}
    assert mapping.missing(row) is None


def test_endpoint_without_an_id_is_malformed() -> None:
    with pytest.raises(MalformedAnswer):
        mapping.device("a", "A", "org", {"name": "PC"})


# Updates.


def test_update_is_mapped_whole() -> None:
    update = patch("2026-10 Cumulative")
    assert update.key == "Microsoft_2026_10_Cumulative_Update_builtin 2026.10.13"
    assert (update.kb, update.severity) == ("KB5000101", Severity.CRITICAL)
    assert (update.patch_class, update.state) == (PatchClass.CUMULATIVE, PatchState.APPROVED)
    assert (update.released, update.device_id) == (date(2026, 10, 13), DEVICE)
    assert (update.raw_severity, update.raw_state) == ("Critical", "Approved")


def test_product_is_named_with_its_version_and_an_update_is_not() -> None:
    chrome = patch("Google Chrome 142")
    assert chrome.title == "Google Chrome 142.0.7444.60"
    assert (chrome.kb, chrome.state) == (None, PatchState.REJECTED)
    assert chrome.released == date(2026, 10, 28)
    assert patch("Google Chrome 141").state is PatchState.PENDING
    assert patch("2026-10").title.endswith("(KB5000101)")


def test_package_answers_where_its_version_is_silent() -> None:
    definition = patch("Security Intelligence")
    assert (definition.state, definition.kb) == (PatchState.APPROVED, "KB2267602")
    assert (definition.patch_class, definition.released) == (PatchClass.DEFINITION, None)


def test_strange_words_are_kept_and_mean_unknown() -> None:
    driver = patch("Intel")
    assert (driver.state, driver.raw_state) == (PatchState.UNKNOWN, "Quarantined")
    assert (driver.severity, driver.raw_severity) == (Severity.UNRANKED, "Grave")
    assert driver.patch_class is PatchClass.DRIVER


def test_version_that_names_itself_nowhere_is_left_out() -> None:
    assert len(patches()) == 5


def test_version_without_an_id_is_asked_about_by_its_name() -> None:
    found = mapping.versions("A", recorded("action1", "missing-updates")["items"])
    assert {v.id for v in found if v.package == "Microsoft_Defender_builtin"} == {"1.1.2.0"}


# Runs.


def test_run_that_failed_says_why() -> None:
    (result,) = recorded("action1", "endpoint-results")["items"]
    assert runs.state(result) is JobState.FAILED
    assert runs.words(result) == "Action1 says 'Error': 1 of 2 updates failed."


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Pending", JobState.DISPATCHED),
        ("RUNNING", JobState.RUNNING),
        ("Success", JobState.DONE),
        ("Expired", JobState.FAILED),
        ("Rejoicing", None),
        ("", None),
    ],
)
def test_run_is_followed_by_words_we_know(word: str, state: JobState | None) -> None:
    assert runs.state({"status": word}) is state
    assert runs.state({"last_status": word}) is state


def test_run_is_found_by_its_whole_name() -> None:
    listed = [
        {"id": "1", "name": runs.name_of("R4K7Q-12")},
        {"id": "", "name": runs.name_of("R4K7Q-1")},
        {"id": "2", "name": runs.name_of("R4K7Q-1")},
    ]
    assert runs.named(listed, "R4K7Q-1") == "2"
    assert runs.named(listed, "R4K7Q-3") is None


def test_reference_keeps_a_run_id_with_a_slash() -> None:
    reference = Reference(organisation="org", instance="Europe/Paris")
    assert Reference.read(str(reference)) == reference


# Verdicts.


def judged(state: JobState | None, *missing: str, reboot: Fact = Fact.NO) -> tuple[StepState, str]:
    """What an install of the October update and Chrome 141 came to, with these still listed."""
    every = patches().values()
    ordered = frozenset(item.key for item in every if "2026_10" in item.key or "141" in item.key)
    basis = frozenset(item.key for item in every if "2026_10" in item.key)
    still = [item for item in every if item.title.startswith(missing)] if missing else []
    verdict = verdicts.of_install(basis, ordered, still, state=state, reboot_needed=reboot)
    return verdict.state, verdict.reason


def test_install_that_left_nothing_is_verified() -> None:
    assert judged(JobState.DONE) == (StepState.VERIFIED, "1 installed")
    assert judged(JobState.DONE, "Security Intelligence")[0] is StepState.VERIFIED


def test_what_is_listed_still_is_waited_for() -> None:
    assert judged(JobState.DONE, "2026-10") == (StepState.DONE, "still missing: KB5000101")


def test_what_is_missing_after_a_failed_run_has_failed() -> None:
    state, reason = judged(JobState.FAILED, "2026-10", "Intel")
    assert (state, reason) == (StepState.NOT_VERIFIED, "failed: KB5000101")


def test_failed_run_that_left_nothing_is_verified_all_the_same() -> None:
    assert judged(JobState.FAILED)[0] is StepState.VERIFIED


def test_restart_that_is_owed_is_not_verified() -> None:
    assert judged(JobState.DONE, reboot=Fact.YES) == (StepState.NOT_VERIFIED, "restart owed")
    assert judged(JobState.DONE, reboot=Fact.UNKNOWN)[0] is StepState.VERIFIED
