"""Home, status and help: what waits, how old things are, what may be done."""

from datetime import timedelta

import pytest

from core.domain.people import Role
from core.domain.remediation import Action, RequestState
from core.ports import Freeze
from integrations.slack.rendering import guide, home, status
from integrations.slack.rendering.ids import Command
from integrations.slack.rendering.message import Message, View
from tests.rendering import making as make
from tests.rendering.making import NOW

FROZEN = Freeze(at=NOW, by=None, by_name="Maya", why="odd sign-ins")


def a_home(**changes: object) -> View:
    facts = {
        "person": make.person(),
        "waiting": [],
        "mine": [],
        "done": [],
        "frozen": None,
        "now": NOW,
    } | changes
    return home.home(**facts)  # type: ignore[arg-type]


def a_status(**changes: object) -> Message:
    facts = {"frozen": None, "open_requests": [], "rows": [], "sockets": 1, "now": NOW} | changes
    return status.status(**facts)  # type: ignore[arg-type]


def test_home_shows_enough_of_a_waiting_request_to_decide_on_it() -> None:
    undo = make.request(of=make.plan(action=Action.UNDO_ENFORCE_MFA, warnings=("Think twice.",)))
    view = a_home(waiting=[undo])
    words = make.words(view)
    who_and_when = ("Tess Morgan", "When: as soon as it is approved")
    for expected in ("R4K7QX", "lowers protection", "`WS-014`", "Think twice.", *who_and_when):
        assert expected in words
    assert make.buttons(view)[:2] == ["approve", "deny"]
    assert "confirm" in make.the_button(view, "approve")


def test_home_of_somebody_with_nothing_to_do_is_quiet() -> None:
    view = a_home()
    assert make.buttons(view) == ["mfa_list", "patch_list"]
    assert "Nothing is open." in make.words(view)


def test_home_says_how_many_more_wait() -> None:
    assert "and 3 more: `/gatehouse status`" in make.words(a_home(waiting=[make.request()] * 13))


def test_a_stranger_sees_the_refusal_and_no_buttons() -> None:
    view = home.stranger("You are not on Gatehouse's list of people.")
    assert make.buttons(view) == []
    assert "not on Gatehouse's list" in make.words(view)


def test_a_freeze_is_named_with_who_when_why_and_the_way_out() -> None:
    for shown in (a_status(frozen=FROZEN), a_home(frozen=FROZEN)):
        words = make.words(shown)
        assert "*Frozen* by Maya, <!date^" in words
        assert "odd sign-ins" in words
        assert "Two approvers have to agree" in words
        assert "unfreeze" in make.buttons(shown)


def test_the_first_agreement_to_unfreeze_is_named() -> None:
    half = Freeze(at=NOW, by=None, by_name="Maya", why="odd", unfreeze_name="Devon")
    assert "Devon has agreed to unfreeze; one more approver has to." in make.words(
        a_status(frozen=half)
    )


def test_status_says_how_old_the_data_is_and_what_was_not_read() -> None:
    snapshot = make.snapshot(
        make.mfa(observed_at=NOW - timedelta(hours=3), coverage=make.coverage(make.unread())),
        failing=make.coverage(make.unread("patches: devices")),
    )
    words = make.words(a_status(rows=[(make.client(), snapshot), (make.client(name="New"), None)]))
    assert "*Acme Dental*: MFA read 3 h ago, patches never read" in words
    assert "❔ not read: registrations and patches (devices)" in words
    assert "*New*: ❔ not scanned yet" in words


def test_clients_of_which_the_same_is_known_share_a_line_below_the_others() -> None:
    read = make.snapshot(make.mfa(observed_at=NOW))
    alike = [(make.client(name=name), read) for name in ("Alder", "Birch", "Cedar")]
    words = make.words(a_status(rows=[*alike, (make.client(name="New"), None)]))
    together = "*3 clients*: MFA read just now, patches never read\nAlder, Birch and Cedar"
    assert words.index("*New*: ❔") < words.index(together)


def test_status_does_not_call_what_is_not_configured_unread() -> None:
    only_devices = make.client(tenant_id=None)
    row = (only_devices, make.snapshot(patches=make.patches()))
    assert "no tenant, patches read 5 min ago" in make.words(a_status(rows=[row]))


def test_status_lists_open_requests_and_says_when_there_are_none() -> None:
    assert "*No open requests*" in make.words(a_status())
    two = a_status(open_requests=[make.request(), make.request(RequestState.RUNNING)])
    assert "*2 open requests*" in make.words(two)
    assert "🔄 Running · asked by Tess Morgan" in make.words(two)
    assert two.text == "2 open requests"


def test_a_second_connection_is_pointed_out() -> None:
    assert "1 connection to Slack" in make.words(a_status(sockets=1))
    assert "another copy of Gatehouse" in make.words(a_status(sockets=2))
    assert "connection" not in make.words(a_status(sockets=None))


@pytest.mark.parametrize(
    ("role", "there", "absent"),
    [
        (None, "/mfa gaps", "/mfa enforce"),
        (Role.VIEWER, "/gatehouse status", "freeze"),
        (Role.TECHNICIAN, "/mfa enforce acme", "/gatehouse approve"),
        (Role.APPROVER, "/gatehouse approve", "no such words"),
    ],
)
def test_help_shows_what_a_role_may_do_and_no_more(
    role: Role | None, there: str, absent: str
) -> None:
    words = make.words(guide.help_message(role))
    assert there in words
    assert absent not in words


@pytest.mark.parametrize("command", Command)
def test_usage_has_an_example_of_the_command(command: Command) -> None:
    assert f"`{command.value} " in make.words(guide.usage(command))
