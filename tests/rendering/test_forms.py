"""Modals: what they ask, what they show before anybody is asked, and what they carry with them."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.facts import Fact
from core.domain.patching import DeviceKind, Ring
from core.domain.remediation import Action, Options, Plan, RequestId, RequestState, When
from integrations.slack.inbound import parse
from integrations.slack.rendering import forms
from integrations.slack.rendering.ids import Field, Option
from integrations.slack.rendering.message import View
from tests.rendering import making as make
from tests.rendering.making import NOW


def patch_form(**changes: Any) -> View:
    facts: dict[str, Any] = {
        "devices": [make.device("WS-1", make.line())],
        "actions": [Action.INSTALL_PATCHES, Action.SCAN_PATCHES],
        "window": make.window(),
        "nights": 3,
        "now": NOW,
        "channel": "C1",
    }
    return forms.patch_form(make.client(), **(facts | changes))


def preview(plan: Plan, **changes: Any) -> View:
    facts: dict[str, Any] = {
        "request_id": RequestId("R4K7QX"),
        "reason": "Overdue.",
        "ticket": "T-1",
        "approvers": ["Maya", "Devon"],
        "approvals_needed": 1,
        "channel": "C1",
        "ask_reason": False,
        "needs_ticket": False,
    }
    return forms.preview(plan, **(facts | changes))


def field(view: View, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(b for b in view["blocks"] if b.get("block_id") == name)
    return found


def values(view: View, name: str) -> list[str]:
    return [option["value"] for option in field(view, name)["element"]["options"]]


# Asking.


def test_an_action_that_the_vendor_cannot_do_is_not_offered() -> None:
    assert values(patch_form(), "patch_action") == ["install_patches", "scan_patches"]
    assert values(patch_form(actions=[Action.RESTART_DEVICES]), "patch_action") == [
        "restart_devices"
    ]


def test_the_window_is_offered_only_where_there_is_one_and_in_the_clients_time() -> None:
    assert values(patch_form(window=None), "when") == ["now"]
    assert values(patch_form(nights=1), "when") == ["now", "window"]
    assert values(patch_form(), "when") == ["now", "window", "several_windows"]
    later = field(patch_form(), "when")["element"]["options"][1]
    assert later["description"]["text"] == "Sat 28 Nov 22:00 to 02:00 (Europe/London)"
    inside = datetime(2026, 11, 28, 23, 0, tzinfo=ZoneInfo("Europe/London"))
    now_open = field(patch_form(now=inside), "when")["element"]["options"][1]
    assert now_open["description"]["text"] == (
        "Open now: Sat 28 Nov 22:00 to 02:00 (Europe/London)"
    )


def test_several_windows_are_offered_with_their_end() -> None:
    several = field(patch_form(nights=2), "when")["element"]["options"][2]
    assert several["text"]["text"] == "In the next 2 maintenance windows, as far as it needs them"
    assert several["description"]["text"] == "Until Sun 06 Dec 02:00 (Europe/London) at the latest"


@pytest.mark.parametrize("needed", [True, False])
def test_a_ticket_is_demanded_where_the_client_wants_one(needed: bool) -> None:
    form = forms.mfa_form(make.client(needs_ticket=needed), users=[], mixed=False, channel=None)
    assert field(form, "ticket")["optional"] is not needed
    assert field(form, "reason")["optional"] is False


def test_chosen_devices_are_filled_in_and_none_leaves_the_menu_empty() -> None:
    assert field(patch_form(), "devices")["element"]["initial_options"][0]["value"] == "ninja:WS-1"
    assert "initial_options" not in field(patch_form(devices=[]), "devices")["element"]


def test_an_option_says_what_is_known_of_a_device_or_a_person() -> None:
    server = make.device("S", make.line(), kind=DeviceKind.SERVER, online=Fact.NO, protected=True)
    [option] = forms.device_options([server])
    assert option["description"]["text"] == "server, offline, overdue, 40 days, protected"
    [unsure] = forms.device_options([make.device("W", online=Fact.UNKNOWN)])
    assert unsure["description"]["text"] == "online or not: unknown"
    [admin] = forms.user_options([make.verdict(admin=True)])
    assert admin["text"]["text"] == "Ann Archer (ann.archer@acmedental.example)"
    assert admin["description"]["text"] == "admin, no usable method"
    [narrow] = forms.user_options([make.verdict(admin=True, part_admin=True)])
    assert narrow["description"]["text"] == "admin of a part, no usable method"


def test_signing_out_is_ticked_beforehand_for_administrators_alone() -> None:
    view = forms.mfa_form(make.client(), users=[], mixed=False, channel=None)
    [block] = [b for b in view["blocks"] if b.get("block_id") == Field.OPTIONS]
    assert [o["value"] for o in block["element"]["initial_options"]] == [Option.REVOKE_ADMINS]


# Previewing.


def test_a_preview_shows_the_exact_change_before_anybody_is_asked() -> None:
    plan = make.plan(
        make.target("Ann", capable=False, is_admin=True),
        action=Action.ENFORCE_MFA,
        options=Options(revoke_sessions=True, when=When.WINDOW),
        warnings=("Whoever signs in first registers it.",),
    )
    words = make.words(preview(plan))
    for expected in (
        "Enforce MFA for 1 person · Acme Dental",
        "added to the group *MFA required*",
        "signed out everywhere",
        "Among them: 1 administrator and 1 without a usable method.",
        "`Ann` (admin, no usable method yet)",
        "Whoever signs in first registers it.",
        "first maintenance window after approval",
        "Overdue.",
        "It needs *1 approval*. Who can approve it: Maya and Devon.",
    ):
        assert expected in words


def test_a_preview_says_who_goes_first_and_what_follows() -> None:
    first = make.target("WS-1", ring=Ring.CANARY)
    words = make.words(preview(make.plan(first, make.target("WS-2"), make.target("WS-3"))))
    assert "*1 device goes first*, and the other 2 follow once it has gone well." in words
    assert "`WS-1` (goes first)" in words
    assert "go first" not in make.words(preview(make.plan(make.target("WS-2"))))


def test_a_preview_that_lowers_protection_says_so() -> None:
    assert "This lowers protection." in make.words(
        preview(make.plan(action=Action.UNDO_ENFORCE_MFA))
    )


def test_a_preview_says_when_nobody_could_approve_it() -> None:
    words = make.words(preview(make.plan(), approvers=["Maya"], approvals_needed=2))
    assert "It needs *2 approvals*, but 1 other person may approve here" in words
    assert "0 other people" in make.words(preview(make.plan(), approvers=[]))


def test_a_preview_carries_request_reason_and_ticket_and_they_come_back_whole() -> None:
    reason = 'Über "alles":\n\U0001f600 & <b>'
    view = preview(make.plan(), reason=reason, ticket="T-1")
    submitted = parse(
        {
            "type": "view_submission",
            "user": {"id": "U1", "team_id": "T1"},
            "view": {
                "id": "V1",
                "callback_id": view["callback_id"],
                "private_metadata": view["private_metadata"],
                "state": {"values": {}},
            },
        }
    )
    assert submitted.callback_id == "preview"
    assert json.loads(submitted.private_metadata) == {
        "client": "acme",
        "channel": "C1",
        "request": "R4K7QX",
        "reason": reason,
        "ticket": "T-1",
    }


def test_a_preview_holds_nothing_a_decision_could_rest_on() -> None:
    """Targets and options stay on the server; the form names the draft only."""
    metadata = json.loads(preview(make.plan())["private_metadata"])
    assert set(metadata) <= {"client", "channel", "request", "reason", "ticket"}


def test_a_preview_asks_for_the_reason_only_where_it_is_missing() -> None:
    assert not any(b["type"] == "input" for b in preview(make.plan())["blocks"])
    asking = preview(make.plan(), reason=None, ask_reason=True)
    assert field(asking, "reason")["element"]["multiline"] is True
    assert "reason" not in json.loads(asking["private_metadata"])


# Deciding and settling.


def test_denying_asks_for_the_reason_and_names_the_request() -> None:
    form = forms.deny_form(make.request(), "C1")
    assert "R4K7QX: Install approved updates on 2 devices at Acme Dental" in make.words(form)
    assert field(form, "reason")["optional"] is False
    assert json.loads(form["private_metadata"]) == {"request": "R4K7QX", "channel": "C1"}


def test_settling_lists_only_what_is_unknown() -> None:
    words = make.words(forms.settle_form(make.request(RequestState.NEEDS_PERSON), None))
    assert "`SRV-02`" in words
    assert "`WS-014`" not in words
    assert "your name and your words take the place of proof" in words


def test_a_note_is_text_only() -> None:
    note = forms.note("Not possible", "No: <!channel>")
    assert "submit" not in note
    assert "&lt;!channel&gt;" in make.words(note)
