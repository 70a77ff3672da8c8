"""/mfa gaps and /patch overdue: facts, ages and what is not known, said so that nobody is misled."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from core.domain.clients import ClientKey
from core.domain.facts import Fact
from core.domain.findings import (
    AgeBasis,
    DeviceRegister,
    DeviceTrouble,
    DeviceVerdict,
    Requirement,
    Snapshot,
)
from core.domain.identity import DirectoryDevice, PolicyState, Strength
from core.domain.mfa_history import PolicyMark
from core.domain.patching import CountStatus, DeviceKind, PatchCounts, PatchState, Severity
from core.domain.tenant_change import PolicyTemplate
from core.errors import BadInput
from core.rules.policy_templates import NAMES
from integrations.slack.rendering import mfa_lists, patch_lists
from integrations.slack.rendering.csv_files import patch_csv
from integrations.slack.rendering.message import ListView, Message
from tests.rendering import making as make
from tests.rendering.making import ACME, NOW


def gaps(snapshot: Snapshot, *, may_request: bool = False, **view: object) -> Message:
    asked = ListView(client=ACME, **view)  # type: ignore[arg-type]
    return mfa_lists.gaps(
        make.client(), snapshot, asked, now=NOW, may_enforce=may_request, may_exempt=may_request
    )


def overdue(
    snapshot: Snapshot,
    *,
    may_request: bool = False,
    client_names: Mapping[str, str] | None = None,
    **view: object,
) -> Message:
    asked = ListView(client=ACME, **view)  # type: ignore[arg-type]
    return patch_lists.overdue(
        make.client(),
        snapshot,
        asked,
        now=NOW,
        may_request=may_request,
        vendor_names={"ninja": "NinjaOne"},
        client_names={ClientKey(key): name for key, name in (client_names or {}).items()},
    )


# What is not known is never shown as fine.


@pytest.mark.parametrize("show", [gaps, overdue])
def test_a_section_that_was_never_read_is_never_shown_as_fine(show: object) -> None:
    shown = show(make.snapshot())  # type: ignore[operator]
    words = make.words(shown)
    assert "❔" in words
    assert "never read" in shown.text
    assert not any(fine in words for fine in ("🟢", "✅", "0 gaps", "0 overdue"))


def test_a_section_that_could_not_be_read_says_what_since_when_why_and_what_to_do() -> None:
    failing = make.coverage(make.unread("mfa: users", reason="HTTP 401"))
    words = make.words(gaps(make.snapshot(failing=failing)))
    assert "nothing is known about MFA there" in words
    since = int((NOW - timedelta(days=2)).timestamp())
    assert f"*Not read: MFA (users)* (Entra) since <!date^{since}" in words
    assert "HTTP 401. → Grant AuditLog.Read.All" in words


def test_old_data_is_said_to_be_old_where_the_newest_reading_failed() -> None:
    failing = make.coverage(make.unread("patches: devices", source="NinjaOne"))
    old = make.patches(make.device(), observed_at=NOW - timedelta(days=3))
    words = make.words(overdue(make.snapshot(patches=old, failing=failing)))
    assert "read 3 days ago" in words
    assert "❔ not read since <!date^" in words
    assert "older data is shown" in words


def test_no_gap_among_half_read_data_is_not_green() -> None:
    half = make.mfa(make.verdict(gap=Fact.NO), coverage=make.coverage(make.unread()))
    overview = mfa_lists.overview([(make.client(), make.snapshot(half))], now=NOW)
    assert "❔ *Acme Dental*" in make.words(overview)
    assert "🟢" not in make.words(overview)
    assert overview.text == "0 MFA gaps at 1 client, 1 client not read in full"


def test_devices_of_which_one_could_not_be_judged_are_not_green() -> None:
    some = make.patches(make.device("A"), make.device("B", overdue=Fact.UNKNOWN))
    overview = make.words(
        patch_lists.overview([(make.client(), make.snapshot(patches=some))], now=NOW)
    )
    assert "❔ *Acme Dental*" in overview
    assert "❔ 1 could not be judged" in overview


def test_a_device_with_trouble_of_its_own_is_not_green() -> None:
    troubled = make.device("A", troubles=frozenset({DeviceTrouble.WAITING_FOR_REBOOT}))
    snapshot = make.snapshot(patches=make.patches(troubled))
    assert "🟡 *Acme Dental*" in make.words(
        patch_lists.overview([(make.client(), snapshot)], now=NOW)
    )
    words = make.words(overdue(snapshot, filter="all"))
    assert "🟡 `A`" in words
    assert "⚠️ waiting for a restart" in words


def test_green_is_what_was_read_in_full_and_has_no_finding() -> None:
    clean = make.snapshot(make.mfa(make.verdict(gap=Fact.NO)), make.patches(make.device()))
    rows = [(make.client(), clean)]
    assert "🟢 *Acme Dental*" in make.words(mfa_lists.overview(rows, now=NOW))
    assert "🟢 *Acme Dental*" in make.words(patch_lists.overview(rows, now=NOW))


def test_the_worst_client_comes_first_and_an_unread_one_before_a_clean_one() -> None:
    rows = [
        (make.client(key=ClientKey("clean"), name="Clean"), make.snapshot(make.mfa())),
        (make.client(key=ClientKey("unread"), name="Unread"), None),
        (make.client(key=ClientKey("bad"), name="Bad"), make.snapshot(make.mfa(make.verdict()))),
    ]
    words = make.words(mfa_lists.overview(rows, now=NOW))
    assert words.index("*Bad*") < words.index("*Unread*") < words.index("*Clean*")


def test_a_client_without_a_tenant_is_told_apart_from_one_that_was_not_read() -> None:
    without = make.client(tenant_id=None, rmm=())
    rows: list[tuple[object, object]] = [(without, make.snapshot())]
    assert "no tenant configured" in make.words(mfa_lists.overview(rows, now=NOW))  # type: ignore[arg-type]
    assert "no RMM configured" in make.words(patch_lists.overview(rows, now=NOW))  # type: ignore[arg-type]


# Numbers and facts.


def test_numbers_come_first_and_the_age_with_them() -> None:
    section = make.mfa(
        make.verdict(admin=True), make.verdict("Bob Best"), make.verdict("Cid", Fact.NO)
    )
    shown = gaps(make.snapshot(section))
    assert "*2 gaps* in 3 accounts, 🔑 1 admin among them · read 5 min ago" in make.words(shown)
    assert shown.text == "2 MFA gaps at Acme Dental"


def test_registered_capable_and_enforced_are_three_facts() -> None:
    mixed = make.verdict(
        registered=Fact.YES, capable=Fact.NO, enforced=Fact.UNKNOWN, requirement=Requirement.UNKNOWN
    )
    words = make.words(gaps(make.snapshot(make.mfa(mixed))))
    assert "registered *yes* · capable *no* · enforced *unknown*" in words


def test_how_strong_the_registered_methods_are_is_said_and_can_be_filtered() -> None:
    texts = make.verdict("Tex", Fact.NO, strength=Strength.SMS_OR_VOICE_ONLY)
    key = make.verdict("Kay", Fact.NO, strength=Strength.PHISHING_RESISTANT)
    words = make.words(gaps(make.snapshot(make.mfa(texts, key)), filter="sms_only"))
    assert "registered *yes* (SMS or voice only) · capable *yes*" in words
    assert "Kay" not in words


def test_who_is_asked_for_mfa_without_a_licence_for_it_is_marked_and_can_be_filtered() -> None:
    asked: dict[str, Any] = {"requirement": Requirement.ENFORCED, "enforced": Fact.YES}
    beyond = make.verdict("Bea", Fact.NO, premium=Fact.NO, **asked)
    paid = make.verdict("Pat", Fact.NO, premium=Fact.YES, **asked)
    snapshot = make.snapshot(make.mfa(beyond, paid))
    assert make.words(gaps(snapshot, filter="all")).count("no Entra ID P1 of its own") == 1
    words = make.words(gaps(snapshot, filter="beyond_licence"))
    assert "Bea" in words
    assert "Pat" not in words


def test_administrators_of_a_part_are_told_apart_and_come_later() -> None:
    part = make.verdict("Ada", admin=True, part_admin=True)
    whole = make.verdict("Zoe", admin=True)
    words = make.words(gaps(make.snapshot(make.mfa(part, whole))))
    assert "🔑 admin of a part" in words
    assert words.index("Zoe") < words.index("Ada")


def test_nobody_is_dropped_the_blocked_and_the_long_unused_have_filters_of_their_own() -> None:
    off = make.verdict("Olga", Fact.NO, enabled=Fact.NO)
    old = make.verdict("Otto", stale=True)
    snapshot = make.snapshot(make.mfa(old, blocked=(off,)))
    assert "1 gap* in 1 account" in make.words(gaps(snapshot))
    assert "Olga" not in make.words(gaps(snapshot, filter="all"))
    blocked = make.words(gaps(snapshot, filter="blocked"))
    assert "Olga" in blocked
    assert "sign-in is blocked" in blocked
    assert "Otto" not in blocked
    assert "Otto" in make.words(gaps(snapshot, filter="stale"))


def test_report_only_is_said_not_to_be_enforcement() -> None:
    planned = make.verdict(requirement=Requirement.REPORT_ONLY)
    words = make.words(gaps(make.snapshot(make.mfa(planned))))
    assert "enforced *no* (the policy is report-only)" in words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (make.line(), "40 days since the oldest release missed, allowed 14"),
        (make.line("Hotfix KB5066835"), "40 days since its release, allowed 14"),
        (make.line(basis=AgeBasis.LAST_CLEAN), "40 days since it was last clean, allowed 14"),
        (
            make.line(basis=AgeBasis.WATCHING),
            "at least 40 days (watching since <!date^1791979200^{date_short}|14 Oct 2026>), allowed 14",
        ),
        (
            make.line(basis=AgeBasis.WATCHING, overdue=Fact.UNKNOWN, age_days=9),
            "age unknown (watching since <!date^1791979200^{date_short}|14 Oct 2026>), allowed 14",
        ),
        (
            make.line(overdue=Fact.UNKNOWN, age_days=9),
            "at least 9 days since the oldest release missed, allowed 14",
        ),
    ],
)
def test_an_age_says_from_when_it_is_counted(line: object, words: str) -> None:
    device = make.device("A", line, overdue=Fact.YES)  # type: ignore[arg-type]
    assert words in make.words(overdue(make.snapshot(patches=make.patches(device))))


def test_watching_for_nine_days_is_not_nine_days_old() -> None:
    watched = make.line(basis=AgeBasis.WATCHING, overdue=Fact.UNKNOWN, age_days=9)
    device = make.device("A", watched, overdue=Fact.UNKNOWN)
    shown = overdue(make.snapshot(patches=make.patches(device)), filter="unknown")
    assert "9 days" not in make.words(shown)


def test_an_update_says_its_severity_number_and_what_became_of_it() -> None:
    failed = make.line(state=PatchState.FAILED)
    words = make.words(overdue(make.snapshot(patches=make.patches(make.device("A", failed)))))
    assert "critical · install failed · Windows 11 24H2 cumulative `KB5066835`" in words


def test_an_update_names_a_few_of_the_vulnerabilities_it_closes() -> None:
    few = make.line(cves=("CVE-2026-2", "CVE-2026-1"))
    many = make.line("Edge", cves=tuple(f"CVE-2026-{n}" for n in range(9)))
    device = make.device("A", few, many)
    words = make.words(overdue(make.snapshot(patches=make.patches(device))))
    assert "`KB5066835` · CVE-2026-2 and CVE-2026-1" in words
    assert "CVE-2026-0, CVE-2026-1, CVE-2026-2 and 6 more" in words


def test_a_device_that_tells_counts_only_says_so_with_the_counts_it_has() -> None:
    counts = PatchCounts(status=CountStatus.MISSING, approved=5, not_approved=None)
    device = make.device(
        "A", overdue=Fact.UNKNOWN, counts=counts, troubles=frozenset({DeviceTrouble.COUNTS_ONLY})
    )
    words = make.words(overdue(make.snapshot(patches=make.patches(device)), filter="unknown"))
    assert "⚪ the RMM tells counts only: 5 approved" in words
    assert "not approved" not in words


def test_counts_by_severity_are_told_worst_first() -> None:
    graded = {Severity.UNRANKED: 4, Severity.CRITICAL: 2}
    counts = PatchCounts(status=CountStatus.MISSING, missing=6, by_severity=graded)
    device = make.device(
        "A", overdue=Fact.UNKNOWN, counts=counts, troubles=frozenset({DeviceTrouble.COUNTS_ONLY})
    )
    words = make.words(overdue(make.snapshot(patches=make.patches(device)), filter="unknown"))
    assert "counts only: 6 missing (2 critical, 4 no severity given)" in words


def test_telling_counts_only_is_no_problem_of_the_device() -> None:
    counted = make.device("COUNTED", troubles=frozenset({DeviceTrouble.COUNTS_ONLY}))
    both = frozenset({DeviceTrouble.COUNTS_ONLY, DeviceTrouble.WAITING_FOR_REBOOT})
    waiting = make.device("WAITING", troubles=both)
    snapshot = make.snapshot(patches=make.patches(counted, waiting))
    shown = make.words(overdue(snapshot, filter="not_fine"))
    assert "🟡 `WAITING`" in shown
    assert "COUNTED" not in shown
    assert "1 with another problem, ⚪ 2 known by counts only" in shown
    assert "⚪ `COUNTED`" in make.words(overdue(snapshot, filter="all"))


def test_why_an_approval_does_not_help_is_told_with_its_product_line() -> None:
    replaced = make.line(superseded=True, state=PatchState.REJECTED)
    waiting = make.line("Mozilla Firefox", kb=None, stuck_days=17, state=PatchState.APPROVED)
    troubles = frozenset({DeviceTrouble.SUPERSEDED, DeviceTrouble.STUCK})
    snapshot = make.snapshot(
        patches=make.patches(make.device("A", replaced, waiting, troubles=troubles))
    )
    words = make.words(overdue(snapshot))
    assert (
        "rejected · Windows 11 24H2 cumulative `KB5066835` · only an older release is approved"
        in words
    )
    assert "approved · Mozilla Firefox · approved and not installed on 17 days online" in words
    assert (
        "⚠️ an approved update does not get installed,"
        " what is approved was replaced by a release that is not"
    ) in words
    file = patch_csv(make.client(), snapshot).decode("utf-8-sig")
    assert ",stuck superseded,Windows 11 24H2 cumulative," in file
    assert ",only an older release is approved," in file
    assert ",approved and not installed on 17 days online," in file


def test_each_trouble_can_be_looked_at_by_itself() -> None:
    stuck = make.device("STUCK", troubles=frozenset({DeviceTrouble.STUCK}))
    waiting = make.device("WAITING", troubles=frozenset({DeviceTrouble.WAITING_FOR_REBOOT}))
    snapshot = make.snapshot(patches=make.patches(stuck, waiting))
    shown = make.words(overdue(snapshot, filter="stuck"))
    assert "🟡 `STUCK`" in shown
    assert "Only: an approved update does not get installed: 1 to 1 of 1" in shown
    assert "WAITING" not in shown


def test_servers_come_first_among_overdue_devices() -> None:
    devices = (
        make.device("WS", make.line(age_days=90)),
        make.device("SRV", make.line(age_days=20), kind=DeviceKind.SERVER),
    )
    words = make.words(overdue(make.snapshot(patches=make.patches(*devices))))
    assert words.index("`SRV`") < words.index("`WS`")
    assert "*2 overdue* of 2 devices, 🖥️ 1 server among them" in words


def test_only_so_many_updates_are_shown_and_the_others_counted() -> None:
    lines = tuple(make.line(f"Product {n}", age_days=40 - n) for n in range(5))
    words = make.words(overdue(make.snapshot(patches=make.patches(make.device("A", *lines)))))
    assert "Product 0" in words
    assert "_and 3 more updates_" in words


# Getting about.


def devices(count: int) -> Snapshot:
    some: list[DeviceVerdict] = [make.device(f"WS-{n:03}", make.line()) for n in range(count)]
    return make.snapshot(patches=make.patches(*some))


def test_a_page_says_where_it_stands_and_leads_on_and_back() -> None:
    middle = overdue(devices(34), page=1)
    assert "Overdue: 11 to 20 of 34" in make.words(middle)
    back = make.the_button(middle, "patch_back")["value"]
    on = make.the_button(middle, "patch_list")["value"]
    assert ListView.decode(back) == ListView(client="acme", filter="gaps", page=0)
    assert ListView.decode(on) == ListView(client="acme", filter="gaps", page=2)


def test_the_first_page_leads_no_further_back_and_the_last_no_further_on() -> None:
    assert "patch_back" not in make.buttons(overdue(devices(34)))
    assert "patch_list" not in make.buttons(overdue(devices(34), page=3))


def test_a_page_that_is_gone_by_now_shows_the_last_one() -> None:
    assert "11 to 12 of 12" in make.words(overdue(devices(12), page=9))


def test_an_empty_filter_says_none() -> None:
    assert "Could not be judged: none" in make.words(overdue(devices(3), filter="unknown"))


def test_the_request_button_is_drawn_only_for_who_may_request() -> None:
    assert "patch_form" in make.buttons(overdue(devices(1), may_request=True))
    assert "patch_form" not in make.buttons(overdue(devices(1)))
    gap = make.snapshot(make.mfa(make.verdict()))
    assert "mfa_form" in make.buttons(gaps(gap, may_request=True))
    assert "mfa_form" not in make.buttons(gaps(gap))


def test_every_list_can_be_refreshed_even_where_nothing_was_read() -> None:
    for shown in (gaps(make.snapshot()), overdue(make.snapshot()), overdue(devices(1))):
        which, _, encoded = make.the_button(shown, "refresh")["value"].partition(" ")
        assert which in ("mfa", "patch")
        assert ListView.decode(encoded).client == "acme"


def test_a_list_view_survives_its_button() -> None:
    for view in (ListView(), ListView(client="acme", filter="unknown", page=12)):
        assert ListView.decode(view.encode()) == view


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "5",
        "null",
        "[]",
        "{}",
        '["a","gaps",-1]',
        '["a","gaps",true]',
        '[1,"gaps",0]',
        '["a",0,0]',
        "[[",
    ],
)
def test_a_forged_list_view_is_refused(forged: str) -> None:
    with pytest.raises(BadInput):
        ListView.decode(forged)


def test_a_device_in_two_rmms_is_one_line_that_names_both() -> None:
    device = make.device("WS-014", make.line(), also_in=("datto",))
    words = make.words(overdue(make.snapshot(patches=make.patches(device))))
    assert "in NinjaOne and datto" in words


def test_other_clients_that_list_a_device_are_named_to_those_only_who_may_know_of_them() -> None:
    shared = make.device("WS-014", make.line(), also_in=("datto",), also_under=("beta", "gamma"))
    shot = make.snapshot(patches=make.patches(shared))
    assert "also listed under another client" in make.words(overdue(shot))
    assert "🔀 1 listed under another client, too" in make.words(overdue(shot))
    told = make.words(overdue(shot, client_names={"beta": "Beta <Law>"}))
    assert "also listed under Beta &lt;Law&gt;" in told


def test_what_is_shown_under_another_client_is_counted_and_found_by_its_filter_alone() -> None:
    moved = make.device("WS-014", make.line(), also_under=("beta",))
    shot = make.snapshot(patches=make.patches(make.device("WS-020"), elsewhere=(moved,)))
    assert "🔀 1 listed here and shown under another client" in make.words(overdue(shot))
    assert "WS-014" not in make.words(overdue(shot, filter="all"))
    assert "WS-014" in make.words(overdue(shot, filter="twice"))


def test_computers_in_no_rmm_are_counted_and_listed() -> None:
    known = DirectoryDevice(id="1", name="NEW-01", os="Windows", joined=Fact.YES, enabled=Fact.YES)
    register = DeviceRegister(observed_at=make.NOW, devices=(known,))
    shot = make.snapshot(patches=make.patches(make.device("WS-014")), register=register)
    assert "1 computer in Entra, but in no RMM" in make.words(overdue(shot))
    assert "NEW-01" in make.words(overdue(shot, filter="strays"))
    assert "NEW-01" not in make.words(overdue(shot, filter="all"))


def test_a_policy_of_ours_that_is_still_report_only_is_not_forgotten() -> None:
    ours = f"{NAMES[PolicyTemplate.MFA_ALL_USERS]} [R4K7QX-1]"
    marks = {
        "p1": PolicyMark(name=ours, state=PolicyState.REPORT_ONLY),
        "p2": PolicyMark(name="Pilot", state=PolicyState.REPORT_ONLY),
    }
    shown = gaps(make.snapshot(make.mfa(make.verdict(), policies=marks)), may_request=True)
    assert f"Still report-only: *{ours}*" in make.words(shown)
    assert "Pilot" not in make.words(shown)
    on = {"p1": PolicyMark(name=ours, state=PolicyState.ENABLED)}
    shown = gaps(make.snapshot(make.mfa(make.verdict(), policies=on)), may_request=True)
    assert "Still report-only" not in make.words(shown)
