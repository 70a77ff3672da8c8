"""The card of a request: what it says and which buttons it has, in every state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.identity import PolicyState
from core.domain.patching import Family
from core.domain.remediation import Action, Options, RequestState, Skipped, Step, StepState, When
from core.domain.tenant_change import EnableInTurn, EndNotice, SetPolicyState
from integrations.slack.rendering.request_card import card
from tests.fakes.tenant import a_change
from tests.rendering import making as make
from tests.rendering.making import NOW

BUTTONS = {
    RequestState.PENDING: ["approve", "deny", "cancel"],
    RequestState.APPROVED: ["cancel"],
    RequestState.SCHEDULED: ["cancel"],
    RequestState.RUNNING: ["cancel"],
    RequestState.NEEDS_PERSON: ["settle", "cancel"],
}


@pytest.mark.parametrize("state", RequestState)
def test_a_card_has_exactly_the_buttons_of_its_state(state: RequestState) -> None:
    assert make.buttons(card(make.request(state), now=NOW)) == BUTTONS.get(state, [])


@pytest.mark.parametrize(
    ("action", "state", "words"),
    [
        (Action.PROMOTE_POLICY, PolicyState.ENABLED, "Enable a policy"),
        (Action.PROMOTE_POLICY, PolicyState.REPORT_ONLY, "Make a policy report-only"),
        (Action.STEP_BACK_POLICY, PolicyState.DISABLED, "Disable a policy"),
    ],
)
def test_a_policys_step_is_called_by_what_it_leads_to(
    action: Action, state: PolicyState, words: str
) -> None:
    change, rest = a_change(action), a_change(Action.END_NOTICE)
    assert isinstance(change, SetPolicyState)
    assert isinstance(rest, EndNotice)
    step = replace(change, after=state)
    in_turn = EnableInTurn(enable=step, rest=rest)
    late = make.target("Ann", not_before=NOW)
    for one in (step, in_turn):
        request = make.request(of=make.plan(late, action=action, change=one))
        assert card(request, now=NOW).text.startswith(f"R4K7QX: {words} at Acme Dental. ")


def test_a_button_carries_the_request_id_and_nothing_else() -> None:
    for state in BUTTONS:
        for button in make.buttons(card(make.request(state), now=NOW)):
            assert make.the_button(card(make.request(state), now=NOW), button)["value"] == "R4K7QX"


def test_a_request_whose_time_is_over_can_no_longer_be_decided() -> None:
    late = card(make.request(), now=NOW + timedelta(hours=2))
    assert make.buttons(late) == []
    assert "Nobody decided in time" in make.words(late)


def test_undo_is_offered_only_where_there_is_something_to_undo() -> None:
    enforced = make.plan(make.target("Ann"), action=Action.ENFORCE_MFA)
    done = make.request(RequestState.SUCCEEDED, enforced)
    assert make.buttons(card(done, now=NOW)) == ["undo"]
    already_so = replace(done, steps=tuple(replace(step, changed=False) for step in done.steps))
    assert make.buttons(card(already_so, now=NOW)) == []
    assert make.buttons(card(make.request(RequestState.SUCCEEDED), now=NOW)) == []


# Before it runs.


def test_a_waiting_card_says_what_why_who_when_and_for_whom() -> None:
    words = make.words(card(make.request(ticket="T-4711"), now=NOW))
    for expected in (
        "Install approved updates on 2 devices · Acme Dental",
        "Waiting for approval",
        "0 of 1 approval",
        "Overdue since October.",
        "Tess Morgan",
        "T-4711",
        "`WS-014` (7 updates today)",
        "`SRV-02` (server)",
        "raises protection",
        "as soon as it is approved",
    ):
        assert expected in words


def test_a_card_calls_the_rmm_by_its_product_name() -> None:
    words = make.words(card(make.request(of=make.plan(vendor_name="Tactical <RMM>")), now=NOW))
    assert "Tactical &lt;RMM&gt; installs what is approved for them." in words
    older = make.words(card(make.request(of=make.plan()), now=NOW))
    assert "The RMM account `ninja` installs" in older


def test_every_chosen_option_is_on_the_card_that_is_approved() -> None:
    waiting = make.plan(options=Options(wait_for_offline=True, when=When.WINDOW))
    words = make.words(card(make.request(of=waiting), now=NOW))
    assert "offline are waited for" in words
    assert "in the first maintenance window after approval" in words
    opening = make.window().next_opening(NOW)
    dated = replace(waiting, opening=opening, time_zone="Europe/London")
    words = make.words(card(make.request(of=dated), now=NOW))
    assert "the maintenance window Sat 28 Nov 22:00 to 02:00 (Europe/London) if it is" in words
    day = "Sat 28 Nov 22:00 (Europe/London), if that is not over by then."
    assert f"It starts in the next maintenance window, {day}" in words
    skipping = make.words(card(make.request(of=make.plan()), now=NOW))
    assert "offline by then are left out" in skipping
    signing_out = make.plan(action=Action.ENFORCE_MFA, options=Options(revoke_sessions=True))
    assert "signed out everywhere" in make.words(card(make.request(of=signing_out), now=NOW))
    staying = make.plan(action=Action.ENFORCE_MFA)
    assert "signed out" not in make.words(card(make.request(of=staying), now=NOW))


def test_a_card_that_lowers_protection_says_so_first_and_in_the_confirmation() -> None:
    undo = make.request(of=make.plan(action=Action.UNDO_ENFORCE_MFA), approvals_needed=2)
    shown = card(undo, now=NOW)
    assert "⚠️ *This lowers protection.*" in make.words(shown)
    sure = make.the_button(shown, "approve")["confirm"]["text"]["text"]
    assert "It lowers protection." in sure


def test_approving_says_whether_it_starts_then_or_waits_for_another_approval() -> None:
    def sure(**changes: object) -> str:
        request = make.request(**changes)  # type: ignore[arg-type]
        return str(make.the_button(card(request, now=NOW), "approve")["confirm"]["text"]["text"])

    assert sure().endswith("It starts at once, unless Gatehouse is frozen.")
    assert sure(approvals_needed=2).endswith("After yours, 1 more approval is needed.")
    assert sure(approvals_needed=2, decisions=(make.approval(),)).endswith(
        "It starts at once, unless Gatehouse is frozen."
    )
    later = make.plan(options=Options(when=When.WINDOW))
    assert sure(of=later).endswith("It starts in the next maintenance window.")


def test_what_the_approver_has_to_know_stands_above_the_buttons() -> None:
    warned = make.plan(warnings=("The RMM decides about restarts.",))
    words = make.words(card(make.request(of=warned), now=NOW))
    assert "*Before you approve*\n• The RMM decides about restarts." in words
    over = make.words(card(make.request(RequestState.SUCCEEDED, warned), now=NOW))
    assert "restarts" not in over


def test_servers_admins_and_offline_devices_are_counted_at_a_glance() -> None:
    mixed = make.plan(
        make.target("A", is_server=True), make.target("B", online=False), make.target("C")
    )
    assert "*Among them: 1 server and 1 offline now.*" in make.words(
        card(make.request(of=mixed), now=NOW)
    )


def test_many_targets_share_lines_and_none_is_lost_without_being_counted() -> None:
    people = tuple(make.target(f"Person {n:02}") for n in range(40))
    shown = make.words(card(make.request(of=make.plan(*people)), now=NOW))
    assert all(f"`Person {n:02}`" in shown for n in range(40))
    crowd = tuple(
        make.target(f"A person with quite a long name, number {n:04}") for n in range(900)
    )
    text = make.words(card(make.request(of=make.plan(*crowd)), now=NOW))
    told = text.count("`A person")
    assert f"_and {900 - told} more_" in text


def test_who_was_left_out_is_named_with_the_reason() -> None:
    plan = make.plan(
        skipped=(
            Skipped(id="1", name="WS-9", reason="protected in the configuration"),
            Skipped(id="2", name="WS-8", reason="protected in the configuration"),
        )
    )
    words = make.words(card(make.request(of=plan), now=NOW))
    assert "*2 left out*: `WS-9` and `WS-8`\n      protected in the configuration" in words


# While and after it runs.


def test_a_running_card_tells_how_its_targets_stand_what_went_wrong_first() -> None:
    plan = make.plan(*(make.target(name) for name in "ABCDE"))
    states = (
        StepState.VERIFIED,
        StepState.FAILED,
        StepState.RUNNING,
        StepState.FAILED,
        StepState.UNKNOWN,
    )
    steps = tuple(
        Step(target=t.id, state=s, reason="disk full" if s is StepState.FAILED else "")
        for t, s in zip(plan.targets, states, strict=True)
    )
    request = replace(make.request(RequestState.RUNNING, plan), steps=steps)
    words = make.words(card(request, now=NOW))
    order = [
        words.index(part)
        for part in (
            "❔ *1 unknown*: `E`",
            "❌ *2 failed*: `B` and `D`\n      disk full",
            "🔄 *1 running*: `C`",
            "✅ *1 verified*: `A`",
        )
    ]
    assert order == sorted(order)
    assert "1 verified, 2 failed, 1 unknown, 1 still open" in words


def test_a_cancelled_card_counts_what_is_at_the_vendor_in_devices() -> None:
    plan = make.plan(*(make.target(name) for name in "ABC"))
    request = replace(
        make.request(RequestState.CANCELLING, plan),
        steps=tuple(Step(target=t.id, state=StepState.DISPATCHED) for t in plan.targets),
        jobs=(make.job("ninja:A", "ninja:B", cancellable=True), make.job("ninja:C", id="R4K7QX-2")),
    )
    words = make.words(card(request, now=NOW))
    assert "3 at the vendor already: 2 can be stopped, 1 cannot" in words


def test_an_ended_card_says_when_it_began_and_ended_and_who_approved_it() -> None:
    words = make.words(card(make.request(RequestState.PARTIAL, note="Two are offline."), now=NOW))
    assert "Done in part" in words
    assert "Two are offline." in words
    assert "👍 Maya approved it" in words
    assert words.count("<!date^") >= 4


@pytest.mark.parametrize(
    "state",
    [RequestState.DENIED, RequestState.EXPIRED, RequestState.WITHDRAWN, RequestState.SUPERSEDED],
)
def test_a_card_that_never_ran_says_that_nothing_was_done(state: RequestState) -> None:
    words = make.words(card(make.request(state), now=NOW))
    assert "it never started" in words
    assert "nothing was done" in words or "Not run" in words
    assert "verified" not in words


def test_a_failed_card_does_not_claim_that_nothing_happened() -> None:
    words = make.words(card(make.request(RequestState.FAILED), now=NOW))
    assert "nothing is verified" in words
    assert "nothing was done" not in words


def test_an_end_without_a_failure_is_not_called_one() -> None:
    """An installed update that owes a restart is the usual end at a vendor that restarts nothing."""
    plan = make.plan()
    owed = [
        Step(target=one.id, state=StepState.NOT_VERIFIED, reason="restart owed")
        for one in plan.targets
    ]
    request = make.request(RequestState.FAILED, plan, steps=tuple(owed))
    shown = card(request, now=NOW)
    assert "Ended, but nothing is verified" in shown.text
    assert "*⚠️ Ended, but nothing is verified* · 2 not verified" in make.words(shown)
    assert "Failed" not in make.words(shown)

    failed = replace(request, steps=(replace(owed[0], state=StepState.FAILED), owed[1]))
    assert "*❌ Failed: nothing is verified*" in make.words(card(failed, now=NOW))


def test_a_person_is_named_in_words_with_the_sign_in_name_as_code() -> None:
    ann = make.target("Ann *B* (ann@acme.example)", aliases=frozenset({"ann@acme.example"}))
    asked = make.request(plan=make.plan(ann, action=Action.ENFORCE_MFA))
    assert "• Ann B `ann@acme.example`" in make.words(card(asked, now=NOW))
    done = make.request(RequestState.SUCCEEDED, asked.plan)
    assert "✅ *1 verified*: Ann B `ann@acme.example`" in make.words(card(done, now=NOW))


def test_the_notification_says_which_request_what_it_does_where_and_how_it_stands() -> None:
    shown = card(make.request(RequestState.NEEDS_PERSON), now=NOW)
    assert shown.text == (
        "R4K7QX: Install approved updates on 2 devices at Acme Dental. Needs a person."
    )


def test_the_same_request_always_gives_the_same_card() -> None:
    """An edit is made only where the face changed, so a face may not change by itself."""
    request = make.request(RequestState.RUNNING)
    assert card(request, now=NOW) == card(request, now=NOW + timedelta(minutes=3))


def test_card_names_the_updates_that_will_be_installed() -> None:
    chosen = {f"7-Zip {n}": f"KB500000{n}" for n in range(5)}
    named = make.plan(make.target("WS-014", count=5, chosen=chosen))
    words = make.words(card(make.request(plan=named), now=NOW))
    assert "`WS-014` (KB5000000, KB5000001, KB5000002 and 2 more)" in words
    assert "today" not in words
    both = make.plan(make.target("WS-014", count=2, families=frozenset(Family)))
    words = make.words(card(make.request(plan=both), now=NOW))
    assert "`WS-014` (2 updates today, other makers' too)" in words
    foul = make.plan(make.target("WS-014", count=1, chosen={"9": f"<!channel> {'x' * 99}"}))
    words = make.words(card(make.request(plan=foul), now=NOW))
    assert "<!channel>" not in words
    assert "x" * 41 not in words


def test_a_server_that_has_not_come_back_is_marked_with_since_when() -> None:
    running = make.request(RequestState.RUNNING)
    first, *others = running.steps
    shown = replace(running, started_at=NOW, steps=(replace(first, away_since=NOW), *others))
    assert "(offline since <!date^" in make.words(card(shown, now=NOW))


def test_a_scheduled_card_says_when_in_the_clients_time_and_until_when_it_may_go_on() -> None:
    opens, closes = NOW + timedelta(days=5, hours=15), NOW + timedelta(days=5, hours=19)
    plan = make.plan(options=Options(when=When.WINDOW, nights=2), time_zone="America/New_York")
    waiting = make.request(
        RequestState.SCHEDULED, plan, window=(opens, closes), valid_until=closes + timedelta(days=7)
    )
    words = make.words(card(waiting, now=NOW))
    assert "Sat 28 Nov 17:00 to 21:00 (America/New_York), for you <!date^" in words
    assert "where needed until Sat 05 Dec 21:00 (America/New_York)" in words
    asked = make.words(card(make.request(of=plan), now=NOW))
    assert "after approval, and where needed in the one after it" in asked
