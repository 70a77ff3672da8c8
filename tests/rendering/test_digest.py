"""The digest: what needs a person first, honest numbers, and buttons that lead on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from core.domain.clients import ClientKey
from core.domain.digest import AttentionKind, ClientDigest, Digest, Numbers
from core.domain.findings import DeviceTrouble
from core.domain.mfa_history import MfaChange, MfaChangeKind
from core.domain.remediation import RequestState
from integrations.slack.rendering.device_words import TROUBLE_WORDS
from integrations.slack.rendering.digest import digest_message
from integrations.slack.rendering.message import ListView
from tests.rendering import making as make
from tests.rendering.making import NOW

NEVER: dict[str, Any] = {"now": Numbers(), "mfa_observed_at": None, "patches_observed_at": None}


def words(digest: Digest) -> str:
    return make.words(digest_message(digest))


def several(count: int) -> list[ClientDigest]:
    return [
        make.client_digest(
            f"c{n}",
            client_name=f"Client {n:02}",
            now=Numbers(mfa_gaps=n, accounts=40, overdue_devices=0, devices=9),
        )
        for n in range(count)
    ]


def test_what_needs_a_person_stands_above_the_numbers() -> None:
    item = make.attention(
        AttentionKind.SERVER_OVERDUE, subject="SRV-02", detail="45 days old, 14 allowed"
    )
    shown = words(make.digest(attention=(item,)))
    assert "🖥️ Server overdue: `SRV-02`\n      45 days old, 14 allowed" in shown
    assert shown.index("Needs a person") < shown.index("3 MFA gaps")


def test_what_changed_leads_with_its_date_and_names_three() -> None:
    changes = tuple(
        MfaChange(kind=kind, client=ClientKey("acme"), subject=f"Subject {kind}", detail="was, is")
        for kind in MfaChangeKind
    )
    made = make.digest(compared_with=date(2026, 11, 20), changes=changes)
    shown = words(replace(made, attention=(make.attention(),)))
    assert shown.index("MFA changed since") < shown.index("Needs a person")
    assert "🔑 New admin without MFA: `Subject admin_without_mfa`" in shown
    assert "_and 3 more_" in shown
    assert "Subject uncovered" not in shown
    assert "MFA changed" not in words(make.digest(compared_with=date(2026, 11, 20)))


def test_nothing_needs_a_person_only_where_everything_was_read() -> None:
    assert "Nothing needs a person today." in words(make.digest())
    half = make.client_digest(coverage=make.coverage(make.unread()))
    assert "Not everything could be read." in words(make.digest(half))
    assert "Not everything could be read." in words(make.digest(make.client_digest(**NEVER)))


def test_a_request_that_waits_is_not_nothing() -> None:
    waiting = make.digest(pending=(make.request_line(RequestState.PENDING, counts=""),))
    assert "Nothing but the requests below needs a person today." in words(waiting)


def test_what_was_never_read_is_no_zero() -> None:
    never = digest_message(make.digest(make.client_digest(**NEVER)))
    assert never.text == "Monday 23 November · Acme Dental: MFA never read, patches never read"
    assert "❔ *MFA:* never read" in make.words(never)
    assert "❔ *Patches:* never read" in make.words(never)
    assert "0 MFA gaps" not in make.words(never)
    assert set(make.buttons(never)) == {"mfa_list", "patch_list"}


def test_a_sum_says_how_many_clients_are_missing_from_it() -> None:
    both = make.digest(make.client_digest("a"), make.client_digest("b", **NEVER))
    assert "3 MFA gaps (1 client never read)" in digest_message(both).text


def test_the_first_digest_has_nothing_to_compare_with() -> None:
    shown = words(make.digest())
    assert "First scan, no comparison yet" in shown
    assert "▲" not in shown


def test_a_change_is_told_with_the_date_it_is_counted_from() -> None:
    part = make.client_digest(before=Numbers(mfa_gaps=5, overdue_devices=5))
    shown = words(make.digest(part, compared_with=date(2026, 11, 20)))
    assert "*3 MFA gaps* (▼ 2 fewer) in 40 accounts" in shown
    assert "*5 overdue devices* (unchanged) of 60" in shown
    assert "Compared with the digest of <!date^" in shown
    assert "|20 Nov 2026>" in shown


def test_numbers_name_admins_unknowns_and_other_trouble() -> None:
    shown = words(make.digest())
    assert "🔑 1 admin without MFA" in shown
    assert "❔ 2 could not be judged" in shown
    assert "🟡 4 with another problem" in shown


def test_no_gap_found_is_no_good_news_while_accounts_could_not_be_judged() -> None:
    part = make.client_digest(now=Numbers(accounts=52, mfa_gaps=0, mfa_unknown=49, exempt=1))
    told = digest_message(make.digest(part))
    assert "❔ *49 of 52 accounts could not be judged for MFA*, no gap in the others, 🕊️" in words(
        make.digest(part)
    )
    assert "0 MFA gaps, patches never read, 49 accounts not judged" in told.text


def test_other_trouble_is_told_kind_by_kind_with_the_rmm_it_comes_from() -> None:
    troubles = {DeviceTrouble.COUNTS_ONLY: 60, DeviceTrouble.STUCK: 3, DeviceTrouble.REJECTED: 1}
    part = make.client_digest(troubles=troubles, sources=("Datto RMM", "A & B"))
    shown = words(make.digest(part))
    assert "⚪ 60 known by counts only · from Datto RMM and A &amp; B · read" in shown
    assert (
        "🟡 4 with another problem (an approved update does not get installed: 3,"
        " an update was rejected: 1)"
    ) in shown


def test_where_several_clients_share_a_digest_their_troubles_are_one_number() -> None:
    part = make.client_digest(troubles={DeviceTrouble.STUCK: 4})
    shown = words(make.digest(part, make.client_digest("other")))
    assert "🟡 4 with another problem" in shown
    assert TROUBLE_WORDS[DeviceTrouble.STUCK] not in shown


def test_data_says_when_it_was_read_in_the_readers_own_time() -> None:
    """A digest is read hours later: "5 min ago" would be a lie by then."""
    shown = words(make.digest())
    assert f"read <!date^{int((NOW - timedelta(minutes=5)).timestamp())}" in shown
    assert "ago" not in shown


def test_what_could_not_be_read_says_since_when_and_what_to_do() -> None:
    half = make.client_digest(coverage=make.coverage(make.unread()))
    shown = words(make.digest(half))
    assert "*Not read: registrations* (Entra) since <!date^" in shown
    assert "→ Grant AuditLog.Read.All" in shown
    assert digest_message(make.digest(half)).text.endswith("1 thing not read")


def test_buttons_open_the_right_client() -> None:
    shown = digest_message(make.digest())
    assert make.buttons(shown) == ["mfa_list", "patch_list", "mfa_form", "patch_form"]
    assert ListView.decode(make.the_button(shown, "mfa_list")["value"]) == ListView(client="acme")
    assert make.the_button(shown, "patch_form")["value"] == "acme"


def test_a_request_is_offered_only_for_what_was_found() -> None:
    clean = Numbers(mfa_gaps=0, accounts=40, overdue_devices=0, troubled_devices=0, devices=9)
    shown = digest_message(make.digest(make.client_digest(now=clean)))
    assert make.buttons(shown) == ["mfa_list", "patch_list"]


def test_running_finished_and_waiting_requests_are_listed_with_their_state() -> None:
    shown = words(
        make.digest(
            pending=(make.request_line(RequestState.PENDING, request_id="RPEND1", counts=""),),
            running=(make.request_line(RequestState.RUNNING, request_id="RRUNS1"),),
            finished=(make.request_line(RequestState.PARTIAL, request_id="RENDS1"),),
        )
    )
    assert "*RPEND1*" in shown
    assert "⏳ Waiting for approval" in shown
    assert "🔄 Running · 3 verified, 9 still open" in shown
    assert "⚠️ Done in part" in shown


def test_a_digest_calls_an_end_without_a_failure_none() -> None:
    def ended(*, nothing_failed: bool) -> str:
        line = make.request_line(RequestState.FAILED, nothing_failed=nothing_failed)
        return words(make.digest(finished=(line,)))

    assert "⚠️ Ended, but nothing is verified" in ended(nothing_failed=True)
    assert "❌ Failed: nothing is verified" in ended(nothing_failed=False)


def test_a_frozen_digest_says_so_at_the_top() -> None:
    shown = words(make.digest(frozen=True))
    assert shown.index("Gatehouse is frozen") < shown.index("MFA gaps")


def test_a_channel_of_many_clients_shows_the_worst_first_and_keeps_its_buttons_few() -> None:
    shown = digest_message(make.digest(*several(9), channel="soc"))
    told = make.words(shown)
    assert told.index("*Client 08*") < told.index("*Client 01*")
    assert make.buttons(shown).count("mfa_list") == 6
    assert "Monday 23 November · #soc" in shown.text


def test_clients_that_do_not_fit_are_counted() -> None:
    assert "and 5 more clients" in words(make.digest(*several(20)))


def test_an_item_of_a_channel_with_several_clients_names_the_client() -> None:
    parts = (make.client_digest(), make.client_digest("b", client_name="Blue River"))
    item = make.attention(client=ClientKey("b"))
    assert "`ann@acmedental.example` · Blue River" in words(make.digest(*parts, attention=(item,)))


def test_the_audit_logs_head_is_anchored_outside_the_host() -> None:
    assert "audit log at entry 1234, `abababababababab`" in words(make.digest())
