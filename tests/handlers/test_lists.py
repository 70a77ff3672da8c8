"""Lists: answered from what is stored, for clients one may see, refreshed only when asked."""

import pytest

from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import ListView
from tests.handlers.front import Front
from tests.handlers.staff import SHARED_CHANNEL

ACME = ListView(client="acme").encode()


@pytest.mark.parametrize("words", ["/mfa gaps acme", "/patch overdue Acme Dental"])
def test_a_list_is_answered_without_reading_the_source(front: Front, words: str) -> None:
    front.command("UVIK", words)

    assert "Acme Dental" in front.told()
    assert front.scanned == []


@pytest.mark.parametrize("words", ["/mfa gaps acme", "/patch overdue acme"])
def test_whoever_has_no_role_there_is_told_of_no_such_client(front: Front, words: str) -> None:
    front.command("UBO", words)

    assert "Acme Dental" not in front.told()


@pytest.mark.parametrize("act", [Act.MFA_LIST, Act.PATCH_LIST, Act.MFA_CSV, Act.PATCH_CSV])
def test_a_forged_client_shows_nothing(front: Front, act: Act) -> None:
    front.click("UBO", act, ACME)

    assert front.web.files == []
    assert "ada@" not in front.told()
    assert "WS-1" not in front.told()
    assert [actor for actor, _, _ in front.refused()] == ["UBO"]


@pytest.mark.parametrize("value", ["", "acme", "[1]", '["acme","gaps",-1]', '[["acme"],"gaps",0]'])
def test_a_forged_view_is_not_understood(front: Front, value: str) -> None:
    front.click("UTESS", Act.MFA_LIST, value)

    assert "could not be understood" in front.told()
    assert "reference" not in front.told()


@pytest.mark.parametrize(
    ("act", "name"), [(Act.MFA_CSV, "mfa-acme.csv"), (Act.PATCH_CSV, "patches-acme.csv")]
)
def test_a_file_goes_to_whoever_asked_directly(front: Front, act: Act, name: str) -> None:
    front.click("UVIK", act, ACME)

    ((channel, named, content),) = front.web.files
    assert (channel, named) == ("D-UVIK", name)
    assert content


def test_a_refresh_reads_only_what_one_may_see(front: Front) -> None:
    front.click("UBO", Act.REFRESH, f"mfa {ListView().encode()}")
    front.click("UBO", Act.REFRESH, f"mfa {ACME}")

    assert [[client.key for client in clients] for clients in front.scanned] == [["beta"]]


def test_nothing_is_shown_in_a_shared_channel(front: Front) -> None:
    front.command("UTESS", "/mfa gaps acme", channel=SHARED_CHANNEL)

    assert "shared with another company" in front.told()
    assert "ada@" not in front.told()
