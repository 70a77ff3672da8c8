"""Exemptions from the command over the form to the request, and the reminders before they end."""

import json
from datetime import timedelta
from typing import Any

import pytest

from core.domain.exemptions import Reminder
from core.domain.remediation import Action, Direction
from core.errors import VendorDown
from handlers.clock.reminders import Reminders
from integrations.slack.rendering.ids import Act, Field, Form
from integrations.slack.rendering.message import ListView
from tests.fakes.memory_store import MemoryStore
from tests.handlers.front import Front
from tests.handlers.test_asking import confirm, planned
from tests.rendering import making as make
from tests.rules.test_exemptions import an_exemption
from tests.usecases.requests_made import START, HandClock, a_client

LAST = START.date() + timedelta(days=14)
ADA = {
    Field.EXEMPT_USERS: ["ada"],
    Field.UNTIL: LAST.isoformat(),
    Field.REASON: "New phone on Monday.",
}


def form_opened(front: Front) -> Any:
    return front.views("views.open")[-1]


def field(view: Any, name: str) -> Any:
    return next(block["element"] for block in view["blocks"] if block.get("block_id") == name)


def test_a_technician_asks_for_an_exemption_and_it_becomes_a_request_that_lowers(
    front: Front,
) -> None:
    front.command("UTESS", "/mfa exempt acme")
    assert field(form_opened(front), "until")["initial_date"] == LAST.isoformat()

    preview = planned(front, Form.EXEMPT, ADA)
    assert "lowers protection" in make.words(preview)
    assert "7 December 2026" in make.words(preview)
    assert "2 approvals" in make.words(preview)
    confirm(front, preview)

    (request,) = front.requests.open()
    assert request.plan.action is Action.EXEMPT_MFA
    assert request.plan.direction is Direction.LOWERS
    assert request.plan.options.until == LAST
    assert (request.approvals_needed, request.reason) == (2, "New phone on Monday.")


def test_the_button_of_an_explained_account_opens_the_form_with_that_account_chosen(
    front: Front,
) -> None:
    front.command("UTESS", "/mfa why ben@acme.example")
    assert Act.EXEMPT_FORM in front.told()
    front.click("UTESS", Act.EXEMPT_FORM, "acme ben", channel="C1")
    (chosen,) = field(form_opened(front), "exempt_users")["initial_options"]
    assert chosen["value"] == "ben"


def test_a_form_without_a_day_or_without_people_is_answered_at_once(front: Front) -> None:
    lacking = ADA | {Field.UNTIL: "some day", Field.EXEMPT_USERS: []}
    response = front.submit("UTESS", Form.EXEMPT, lacking, client="acme")
    assert set(json.loads(response.body)["errors"]) == {"until", "exempt_users"}


@pytest.mark.parametrize(
    ("day", "told"), [("2020-01-01", "is over already"), ("2099-01-01", "90 days at most")]
)
def test_a_day_that_cannot_be_is_named_in_the_form_which_stays(
    front: Front, day: str, told: str
) -> None:
    response = front.submit("UTESS", Form.EXEMPT, ADA | {Field.UNTIL: day}, client="acme")
    assert told in json.loads(response.body)["errors"]["until"]


def test_viewers_are_not_offered_exemptions_and_cannot_ask_for_one(front: Front) -> None:
    front.command("UVIK", "/mfa gaps acme")
    front.command("UVIK", "/mfa why ben@acme.example")
    assert Act.EXEMPT_FORM not in front.told()
    front.click("UVIK", Act.EXEMPT_FORM, "acme ben", channel="C1")
    assert front.views("views.open") == []
    assert "you need the role technician" in front.told()
    assert "you need the role technician" in make.words(
        planned(front, Form.EXEMPT, ADA, user="UVIK")
    )
    assert front.requests.open() == ()


def test_break_glass_accounts_are_not_suggested(front: Front) -> None:
    front.command("UTESS", "/mfa exempt acme")
    offered = front.suggest("UTESS", Field.EXEMPT_USERS, "", client="acme")
    assert [item["value"] for item in offered] == ["ada", "ben"]


def test_the_exempt_are_listed_under_a_filter_with_reason_and_end_and_not_counted(
    front: Front,
) -> None:
    front.store.exemptions.grant([an_exemption(days=14)], actor="tess")
    view = ListView(client="acme", filter="exempt").encode()
    front.command("UTESS", "/mfa gaps acme")
    assert "*2 gaps*" in front.told()
    assert "1 exempt" in front.told()
    front.web.responses.clear()
    front.click("UTESS", Act.MFA_FILTER, view, channel="C1")
    assert "New phone on Monday" in front.told()
    assert "7 December 2026" in front.told()


def test_ending_early_is_asked_for_with_a_button_and_raises_protection(front: Front) -> None:
    confirm(front, planned(front, Form.EXEMPT, ADA))
    (request,) = front.requests.open()
    front.click("UTESS", Act.UNDO, request.id)
    assert "none to end" in make.words(front.views("views.update")[-1])


# Reminding.


class FakeChat:
    """Keeps reminders by key, as the outbox does."""

    def __init__(self) -> None:
        self.reminded: dict[str, Reminder] = {}
        self.tries = 0
        self.down = False

    def remind(self, reminder: Reminder) -> None:
        self.tries += 1
        if self.down:
            raise VendorDown("Slack")
        self.reminded.setdefault(reminder.key, reminder)


class Office:
    def __init__(self) -> None:
        self.clock, self.chat = HandClock(), FakeChat()
        self.store = MemoryStore(self.clock)
        self.store.exemptions.grant([an_exemption(days=8)], actor="tess")

    def tell(self) -> list[str]:
        Reminders(
            clients=(a_client(),),
            exemptions=self.store.exemptions,
            chat=self.chat,  # type: ignore[arg-type]
            days=7,
            clock=self.clock,
        ).tell_due()
        return sorted(reminder.to for reminder in self.chat.reminded.values())


def test_requester_and_approvers_are_reminded_a_week_before_the_end() -> None:
    office = Office()
    assert office.tell() == []
    office.clock.move(days=1)
    assert office.tell() == ["devon", "maya", "tess"]
    office.clock.move(days=1)
    assert len(office.tell()) == 3


def test_nobody_is_reminded_in_the_night() -> None:
    office = Office()
    office.clock.move(hours=21, minutes=59)
    assert office.tell() == []
    office.clock.move(minutes=2)
    assert len(office.tell()) == 3


def test_a_reminder_that_could_not_be_delivered_is_delivered_later() -> None:
    office = Office()
    office.clock.move(days=1)
    office.chat.down = True
    assert office.tell() == []
    assert office.chat.tries == 3
    office.chat.down = False
    assert len(office.tell()) == 3


def test_a_reminder_is_posted_to_each_person_once(front: Front) -> None:
    reminder = Reminder(
        key="R1:ends:2026-11-28:tess",
        to=an_exemption().asked_by,
        client_name="Acme Dental",
        exemptions=(an_exemption(),),
    )
    for _ in range(2):
        front.desk.chat.remind(reminder)
    posts = [args for method, args in front.web.written if method == "chat.postMessage"]
    assert len(posts) == 1
    assert posts[0]["channel"] == "D-UTESS"
    assert "Saturday 28 November 2026" in posts[0]["text"]
