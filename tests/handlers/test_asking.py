"""From a form over a preview to a request: planned for who asks now, asked for once, refusals recorded."""

import json
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt import BoltRequest

from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, Snapshot
from core.domain.people import EVERY_CLIENT, People, Role
from core.domain.policy import RingPolicy
from core.domain.remediation import Action, RequestState, When
from core.errors import VendorDown
from integrations.slack.rendering.ids import Act, Field, Form, Option
from tests.fakes.tenant import controls
from tests.handlers.front import Front
from tests.handlers.staff import DEVON, MAYA, TESS
from tests.patience import PATIENCE_S
from tests.usecases.requests_made import ACME

PATCHES = {
    Field.DEVICES: ["ninja:1"],
    Field.PATCH_ACTION: Action.INSTALL_PATCHES,
    Field.WHEN: When.NOW,
    Field.REASON: "They are overdue.",
}
PEOPLE = {Field.USERS: ["ada"], Field.REASON: "The audit asks for it."}


def planned(
    front: Front, form: Form, values: Any, *, user: str = "UTESS", client: str = "acme"
) -> Any:
    """Send the form; the view that took its place."""
    front.submit(user, form, values, client=client, channel="C1")
    return front.views("views.update")[-1]


def held(view: Any) -> Any:
    return json.loads(view["private_metadata"])


def confirm(front: Front, view: Any, *, user: str = "UTESS") -> None:
    front.submit(user, Form.PREVIEW, {}, **held(view))


def requests(front: Front) -> list[str]:
    return [request.id for request in front.requests.open()]


@pytest.mark.parametrize(("form", "values"), [(Form.PATCH, PATCHES), (Form.MFA, PEOPLE)])
def test_a_confirmed_preview_becomes_one_request(front: Front, form: Form, values: Any) -> None:
    preview = planned(front, form, values)
    assert preview["callback_id"] == Form.PREVIEW
    assert requests(front) == []

    confirm(front, preview)
    confirm(front, preview)

    (request,) = front.requests.open()
    assert request.id == held(preview)["request"]
    assert request.requester == "tess"
    assert request.reason == values[Field.REASON]
    assert request.state is RequestState.PENDING


def test_a_form_is_answered_at_once_and_what_it_lacks_is_named(front: Front) -> None:
    response = front.submit("UTESS", Form.PATCH, PATCHES | {Field.DEVICES: []}, client="acme")
    assert json.loads(response.body) == {
        "response_action": "errors",
        "errors": {"devices": "Choose at least one."},
    }

    response = front.submit("UTESS", Form.PATCH, PATCHES, client="acme")
    assert json.loads(response.body)["response_action"] == "update"


def test_a_preview_belongs_to_whoever_made_it(front: Front) -> None:
    preview = planned(front, Form.PATCH, PATCHES)

    confirm(front, preview, user="UMAYA")

    assert requests(front) == []
    assert "too old to be sent" in front.told()


def test_a_preview_does_not_last(front: Front) -> None:
    preview = planned(front, Form.PATCH, PATCHES)
    front.clock.move(minutes=61)

    confirm(front, preview)

    assert requests(front) == []


@pytest.mark.parametrize("user", ["UVIK", "UBO", "UEVE", "UGUEST"])
@pytest.mark.parametrize(("form", "values"), [(Form.PATCH, PATCHES), (Form.MFA, PEOPLE)])
def test_whoever_may_not_ask_gets_no_preview_and_the_try_is_recorded(
    front: Front, user: str, form: Form, values: Any
) -> None:
    view = planned(front, form, values, user=user)

    assert view["callback_id"] == Form.NOTE
    assert front.refused() == [(user, "preview", "acme")]


def test_whoever_lost_their_role_after_the_preview_asks_for_nothing(front: Front) -> None:
    preview = planned(front, Form.PATCH, PATCHES)
    viewer = replace(TESS, roles={EVERY_CLIENT: Role.VIEWER})
    front.people = People((viewer, MAYA, DEVON))
    front.restart()

    confirm(front, preview)

    assert requests(front) == []
    assert len(front.refused()) == 1


def test_a_break_glass_account_in_a_forged_form_is_left_out(front: Front) -> None:
    preview = planned(front, Form.MFA, PEOPLE | {Field.USERS: ["ada", "bg1"]})
    confirm(front, preview)

    (request,) = front.requests.open()
    assert [target.id for target in request.plan.targets] == ["ada"]

    only = planned(front, Form.MFA, PEOPLE | {Field.USERS: ["bg1"]})
    assert only["callback_id"] == Form.NOTE
    assert front.refused()[-1][0] == "UTESS"


@pytest.mark.parametrize("action", [Action.UNDO_ENFORCE_MFA, "format_disk", "", None])
def test_a_forged_action_is_refused_in_the_form(front: Front, action: str | None) -> None:
    view = planned(front, Form.PATCH, PATCHES | {Field.PATCH_ACTION: action})

    assert view["callback_id"] == Form.NOTE


def test_a_forged_window_is_refused_where_there_is_none(front: Front) -> None:
    front.acme = replace(front.acme, maintenance_window=None)
    front.restart()

    view = planned(front, Form.PATCH, PATCHES | {Field.WHEN: When.WINDOW})

    assert view["callback_id"] == Form.NOTE
    assert "no maintenance window" in json.dumps(view)


@pytest.mark.parametrize(
    ("chosen", "nights"), [(When.WINDOW, 1), (Option.SEVERAL_WINDOWS, RingPolicy().nights)]
)
def test_the_nights_chosen_in_the_form_are_those_asked_for(
    front: Front, chosen: str, nights: int
) -> None:
    confirm(front, planned(front, Form.PATCH, PATCHES | {Field.WHEN: chosen}))

    (request,) = front.requests.open()
    options = request.plan.options
    assert (options.when, options.nights) == (When.WINDOW, nights)
    assert request.plan.time_zone == front.acme.time_zone


def test_a_source_that_cannot_be_read_is_told_in_the_form_and_is_no_refusal(front: Front) -> None:
    front.directory.down = True

    view = planned(front, Form.MFA, PEOPLE)

    assert "could not be reached" in json.dumps(view)
    assert "Try again later" in json.dumps(view)
    assert front.refused() == []


def test_what_cannot_be_told_afterwards_is_asked_before_the_request_is_made(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = planned(front, Form.PATCH, PATCHES)

    def down(*_: object, **__: object) -> None:
        raise VendorDown("Slack")

    monkeypatch.setattr(type(front.desk), "deciders", down)
    confirm(front, preview)

    assert requests(front) == []


def test_an_id_that_is_taken_is_not_given_again(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.asked_for()
    ids = iter(["R00001", "R00001", "R00002"])
    monkeypatch.setattr("handlers.asking.new_request_id", lambda: next(ids))

    assert held(planned(front, Form.PATCH, PATCHES))["request"] == "R00002"


def test_nothing_is_asked_for_while_frozen_and_the_try_is_recorded(front: Front) -> None:
    preview = planned(front, Form.PATCH, PATCHES)
    front.command("UTESS", "/gatehouse freeze odd clicks")

    confirm(front, preview)

    assert requests(front) == []
    assert front.refused()[0][0] == "UTESS"


def test_an_undo_starts_with_the_same_looks(front: Front) -> None:
    front.asked_for()
    front.click("UTESS", Act.UNDO, "R00001")

    assert front.views("views.open")[0]["callback_id"] == Form.NOTE
    assert front.views("views.update")[0]["callback_id"] == Form.NOTE
    assert front.refused() == [("UTESS", "preview", "R00001")]


@pytest.mark.parametrize("act", [Act.PATCH_FORM, Act.MFA_FORM])
def test_forms_open_for_technicians_of_the_client_only(front: Front, act: Act) -> None:
    for user in ("UVIK", "UBO", "UEVE"):
        front.click(user, act, "acme")
    assert front.views("views.open") == []
    assert len(front.refused()) == 3

    front.click("UTESS", act, "acme")
    (form,) = front.views("views.open")
    assert held(form)["client"] == "acme"


@pytest.mark.parametrize(
    ("act", "told"), [(Act.MFA_FORM, "No MFA gap is known"), (Act.PATCH_FORM, "has been read yet")]
)
def test_no_form_opens_where_there_is_nobody_and_nothing_to_choose(
    front: Front, act: Act, told: str
) -> None:
    front.store.snapshots.put(Snapshot(client=ACME))
    front.click("UTESS", act, "acme")
    assert front.views("views.open") == []
    assert told in front.told()


def test_the_form_for_a_restart_has_those_chosen_that_wait_for_one(front: Front) -> None:
    front.rmm.capabilities = replace(front.rmm.capabilities, reboot=True)
    snapshot = front.store.snapshots.get(ACME)
    assert snapshot is not None
    assert snapshot.patches is not None
    first, second = snapshot.patches.devices
    waiting = replace(second, troubles=frozenset({DeviceTrouble.WAITING_FOR_REBOOT}))
    section = replace(snapshot.patches, devices=(first, waiting))
    front.store.snapshots.put(replace(snapshot, patches=section))

    front.command("UTESS", "/patch restart acme")
    front.command("UTESS", "/patch run acme")

    restart, run = (json.dumps(view["blocks"]) for view in front.views("views.open"))
    assert [restart.count(device.device_id) for device in (first, second)] == [0, 1]
    assert run.count(first.device_id) == 1
    assert '"initial_option": {"text": {"type": "plain_text", "text": "Restart' in restart
    assert '"initial_option": {"text": {"type": "plain_text", "text": "Install' in run


def test_no_restart_is_offered_where_the_rmm_has_no_call_for_it(front: Front) -> None:
    front.command("UTESS", "/patch restart acme")
    front.command("UTESS", "/patch run acme")

    (form,) = front.views("views.open")
    assert "restart_devices" not in json.dumps(form)


def test_in_a_tenant_without_conditional_access_the_form_plans_per_user_mfa(front: Front) -> None:
    snapshot = front.store.snapshots.get(ACME)
    assert snapshot is not None
    assert snapshot.mfa is not None
    front.directory.settings = controls(licensed=Fact.NO)
    front.store.snapshots.put(replace(snapshot, mfa=replace(snapshot.mfa, licensed=Fact.NO)))
    confirm(front, planned(front, Form.MFA, PEOPLE))
    (request,) = front.requests.open()
    assert request.plan.action is Action.ENABLE_PER_USER


@pytest.mark.parametrize(
    ("means", "action"),
    [(Option.PER_USER, Action.ENABLE_PER_USER), (Option.MFA_GROUP, Action.ENFORCE_MFA)],
)
def test_in_a_mixed_tenant_the_form_asks_by_which_means(
    front: Front, means: Option, action: Action
) -> None:
    snapshot = front.store.snapshots.get(ACME)
    assert snapshot is not None
    assert snapshot.mfa is not None
    verdicts = tuple(replace(verdict, premium=Fact.NO) for verdict in snapshot.mfa.verdicts)
    section = replace(snapshot.mfa, licensed=Fact.YES, verdicts=verdicts)
    front.directory.settings = controls(licensed=Fact.YES)
    front.command("UTESS", "/mfa enforce acme")
    front.store.snapshots.put(replace(snapshot, mfa=section))
    front.command("UTESS", "/mfa enforce acme")
    without, with_means = (json.dumps(view["blocks"]) for view in front.views("views.open"))
    assert (Field.MFA_MEANS in without, Field.MFA_MEANS in with_means) == (False, True)
    confirm(front, planned(front, Form.MFA, PEOPLE | {Field.MFA_MEANS: means}))
    (request,) = front.requests.open()
    assert request.plan.action is action


def test_a_preview_is_shown_only_once_slack_has_the_form_that_waits_for_it(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else Slack would put the waiting form over the preview, and it would wait for ever."""
    monkeypatch.setattr("handlers.answers.SLACK_WAITS_SECONDS", PATIENCE_S)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(front, "send", sent.append)
    front.submit("UTESS", Form.PATCH, PATCHES, client="acme", channel="C9")
    front.app.dispatch(BoltRequest(mode="socket_mode", body=sent[0]))
    assert front.executor.drain(0) is False
    assert front.views("views.update") == []

    front.answers.given(sent[0])

    assert front.executor.drain(PATIENCE_S)
    assert front.views("views.update") != []
