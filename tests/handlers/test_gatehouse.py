"""/gatehouse: the one switch, and what everybody may see."""

import json

import pytest

from integrations.slack.rendering.ids import Act
from tests.handlers.front import Front


def test_any_technician_freezes_and_it_is_on_the_record(front: Front) -> None:
    front.command("UTESS", "/gatehouse freeze odd clicks")

    freeze = front.switch.frozen()
    assert freeze is not None
    assert (freeze.by, freeze.why) == ("tess", "odd clicks")
    assert "switch.frozen" in front.store.audit.kinds


@pytest.mark.parametrize("user", ["UVIK", "UEVE", "UGUEST", "UFAR"])
def test_others_do_not(front: Front, user: str) -> None:
    front.command(user, "/gatehouse freeze")

    assert front.switch.frozen() is None
    assert [actor for actor, _, _ in front.refused()] == [user]


def test_unfreezing_takes_two_people_by_whichever_way(front: Front) -> None:
    front.command("UTESS", "/gatehouse freeze")
    front.command("UMAYA", "/gatehouse unfreeze")
    front.click("UMAYA2", Act.UNFREEZE)
    assert front.switch.frozen() is not None
    assert len(front.refused()) == 1

    front.click("UDEVON", Act.UNFREEZE)
    assert front.switch.frozen() is None


def test_status_shows_requests_of_ones_own_clients_only(front: Front) -> None:
    front.asked_for()

    front.command("UBO", "/gatehouse status")
    assert "R00001" not in front.told()
    front.command("UVIK", "/gatehouse status")
    assert "R00001" in front.told()


@pytest.mark.parametrize("words", ["", "help", "dance"])
def test_whatever_is_not_understood_gets_help(front: Front, words: str) -> None:
    front.command("UVIK", f"/gatehouse {words}")

    (_, answer) = front.web.responses[0]
    assert "/gatehouse status" in json.dumps(answer)


def test_an_answer_that_slack_no_longer_takes_comes_as_a_message(front: Front) -> None:
    front.command("UTESS", "/gatehouse help", response_url=None)

    assert [method for method, _ in front.web.written] == ["chat.postEphemeral"]

    front.web.refuse["chat.postEphemeral"] = "channel_not_found"
    front.command("UTESS", "/gatehouse help", response_url=None)
    assert front.web.written[-1][1]["channel"] == "D-UTESS"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/mfa gasp", "/mfa does not know “gasp”. Did you mean /mfa gaps?"),
        ("/patch overdu acme", "/patch does not know “overdu”. Did you mean /patch overdue?"),
        (
            "/gatehouse freze now",
            "/gatehouse does not know “freze”. Did you mean /gatehouse freeze?",
        ),
        ("/gatehouse <!x>", "/gatehouse does not know “&lt;!x&gt;”. There is:"),
        ("/gatehouse cancel", "as in: /gatehouse cancel R4K7QX. /gatehouse status lists"),
        ("/gatehouse cancel `<!here>`", "as in: /gatehouse cancel R4K7QX. /gatehouse status lists"),
        ("/gatehouse deny r00001", "Say why, as in: /gatehouse deny R00001 wrong weekend"),
        ("/mfa gaps " + "x" * 300, f"There is no client “{'x' * 59}…”. /gatehouse status"),
    ],
)
def test_a_slip_is_named_with_what_to_type_instead(front: Front, typed: str, told: str) -> None:
    front.command("UTESS", typed)
    assert told in front.told()
    assert "<!" not in front.told()
    assert front.switch.frozen() is None
