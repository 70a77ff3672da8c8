"""Text from outside is data: it cannot ping, link, hide, break out, or grow past its room."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.remediation import RequestState
from integrations.slack.rendering import mfa_lists, patch_lists, request_card, sentences
from integrations.slack.rendering.blocks import mrkdwn, plain_text, shortened
from integrations.slack.rendering.message import ListView
from integrations.slack.rendering.mrkdwn import (
    LONGEST_NAME,
    ago,
    bold,
    calendar_day,
    code,
    escape,
    in_a_row,
    listed,
    moment,
    plain,
)
from tests.rendering import making as make
from tests.rendering.making import ACME, HOSTILE, NOW

#: Text as a vendor may send it: anything, and a good deal of what Slack gives a meaning to.
foreign = st.text(max_size=200) | st.text(alphabet="<>&|!@#*_~`^\u202e\u200b\n -x", max_size=200)


@given(foreign)
def test_escaped_text_has_none_of_slacks_control_characters(text: str) -> None:
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert re.sub(r"&(amp|lt|gt);", "", escaped).count("&") == 0


@given(foreign, st.integers(1, 120))
def test_escaped_text_keeps_within_its_room_and_is_cut_between_characters(
    text: str, room: int
) -> None:
    escaped = escape(text, room)
    assert len(escaped) <= room
    assert not re.search(r"&[a-z]*(…|$)", escaped)


@given(foreign)
def test_short_harmless_text_stays_as_it_is(text: str) -> None:
    shown = plain(text)
    if len(shown) < LONGEST_NAME // 5:
        unescaped = escape(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert unescaped == shown


@given(foreign)
def test_a_name_is_one_line_with_nothing_hidden_in_it(text: str) -> None:
    shown = plain(text)
    assert "\n" not in shown
    assert not set(shown) & set("\u202e\u200b\u0000\u2066")


@given(foreign)
def test_a_name_as_code_cannot_end_the_code(text: str) -> None:
    assert code(text).count("`") == 2
    assert len(code(text)) <= LONGEST_NAME + 2


@given(foreign)
def test_a_name_in_bold_cannot_end_the_bold(text: str) -> None:
    assert bold(text).count("*") == 2


@pytest.mark.parametrize("nothing", ["", " \n", "\u200b\u202e"])
def test_a_name_of_nothing_visible_is_said_to_have_none(nothing: str) -> None:
    assert code(nothing) == "`(no name)`"
    assert bold(nothing) == "*(no name)*"
    assert plain_text(nothing, 75)["text"] == "(no name)"


def test_hostile_device_name_cannot_ping_or_link() -> None:
    named = make.snapshot(patches=make.patches(make.device("<!channel>", make.line())))
    view = ListView(client=ACME)
    shown = patch_lists.overdue(
        make.client(), named, view, now=NOW, may_request=False, vendor_names={}
    )
    assert "<!channel>" not in make.words(shown)
    assert "`&lt;!channel&gt;`" in make.words(shown)


def test_hostile_user_name_cannot_ping_or_link() -> None:
    named = make.snapshot(make.mfa(make.verdict("<@U1|boss>", upn="<https://evil.example|x>")))
    shown = mfa_lists.gaps(
        make.client(), named, ListView(client=ACME), now=NOW, may_enforce=False, may_exempt=False
    )
    assert "&lt;@U1|boss&gt;" in make.words(shown)
    assert "<https" not in make.words(shown)


def test_a_refusal_that_names_a_hostile_device_pings_nobody_in_the_notification_either() -> None:
    shown = sentences.refusal("No device is left to work on. <!channel>: offline")
    assert "<!channel>" not in shown.text
    assert "&lt;!channel&gt;" in shown.text


def test_slack_is_told_to_make_no_links_of_its_own() -> None:
    assert mrkdwn("see https://evil.example")["verbatim"] is True


def test_a_card_full_of_hostile_text_still_has_its_buttons() -> None:
    card = request_card.card(make.huge_request(RequestState.PENDING, HOSTILE, 1_000), now=NOW)
    assert make.buttons(card) == ["approve", "deny", "cancel"]


# Cutting.


def test_a_cut_falls_between_lines() -> None:
    assert shortened("first line\nsecond line", 18) == "first line\n…"


def test_a_cut_never_leaves_half_a_date_or_half_a_character() -> None:
    dated = "x" * 30 + moment(NOW)
    assert shortened(dated, 60) == "x" * 30 + "\n…"
    assert shortened("x" * 30 + "&amp;" * 10, 34) == "x" * 30 + "\n…"


def test_a_list_says_how_many_it_leaves_out_for_their_number_or_their_length() -> None:
    assert listed(["a", "b", "c"], 2) == "a\nb\n_and 1 more_"
    assert listed(["a" * 50, "b" * 50, "c"], 9, room=60) == "a" * 50 + "\n_and 2 more_"


def test_a_row_reads_like_a_sentence() -> None:
    assert in_a_row([], 3) == ""
    assert in_a_row(["a"], 3) == "a"
    assert in_a_row(["a", "b"], 3) == "a and b"
    assert in_a_row(["a", "b", "c"], 3) == "a, b and c"
    assert in_a_row(["a", "b", "c", "d"], 3) == "a, b, c and 1 more"


# Times.


def test_a_time_is_shown_in_the_readers_zone_with_utc_as_the_fallback() -> None:
    half_past_eight = datetime(2026, 11, 23, 8, 30, tzinfo=timezone(timedelta(hours=1)))
    token = moment(half_past_eight)
    assert token.startswith(f"<!date^{int(half_past_eight.timestamp())}^{{date_short_pretty}}")
    assert token.endswith("|23 Nov 07:30 UTC>")


def test_a_date_is_the_same_day_on_both_sides_of_the_world() -> None:
    token = calendar_day(date(2026, 11, 22))
    stamp = int(token.split("^")[1])
    for hours in (-11, 0, 11):
        there = datetime.fromtimestamp(stamp, UTC) + timedelta(hours=hours)
        assert there.date() == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=3, hours=5), "3 days ago"),
    ],
)
def test_an_age_is_said_roughly(passed: timedelta, words: str) -> None:
    assert ago(NOW - passed, NOW) == words
