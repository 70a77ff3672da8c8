"""Who and where: identities as Slack tells them now, and channels nobody else reads."""

import pytest

from core.domain.people import EVERY_CLIENT, ChatIdentity, Person, PersonKey, Role
from core.errors import NotAllowed, Refused
from core.rules.approval_policy import check_identity
from integrations.slack.inbound import Inbound
from sandbox.slack.installation import BOT_USER_ID, OTHER_TEAM_ID, TEAM_ID
from tests.integrations.slack.rig import (
    APPROVALS,
    CLIENT_CHANNEL,
    DEVON,
    MAYA,
    TESS,
    Rig,
    with_user,
)

TECH2, VIEWER, GUEST = "U0TECH0002", "U0VIEWER01", "U0GUEST001"
EXTERNAL, DEACTIVATED, SHARED = "U0EXTERN01", "U0DEACTIV1", "C0SHARED01"


def person(*chat_ids: str, emails: tuple[str, ...] = ()) -> Person:
    key = "-".join((*chat_ids, *emails))
    return Person(
        key=PersonKey(key),
        name="Someone",
        chat_ids=frozenset(chat_ids),
        emails=frozenset(emails),
        roles={EVERY_CLIENT: Role.APPROVER},
    )


# Who.


def test_a_member_is_told_with_team_name_and_confirmed_address(rig: Rig) -> None:
    assert rig.workspace.who(TESS) == ChatIdentity(
        user_id=TESS, team_id=TEAM_ID, name="Tess Morgan", email="tess@harborit.example"
    )


@pytest.mark.parametrize(
    ("user_id", "flag"),
    [(GUEST, "guest"), (EXTERNAL, "external"), (DEACTIVATED, "deactivated"), (BOT_USER_ID, "bot")],
)
def test_whoever_is_no_full_member_is_recognised_and_turned_away(
    rig: Rig, user_id: str, flag: str
) -> None:
    identity = rig.workspace.who(user_id)
    assert getattr(identity, flag) is True
    with pytest.raises(NotAllowed):
        check_identity(identity)


def test_somebody_of_another_workspace_is_external_though_slack_does_not_call_them_a_stranger(
    rig: Rig,
) -> None:
    identity = rig.workspace.who(EXTERNAL)
    assert identity.team_id == OTHER_TEAM_ID
    assert identity.external


def test_who_somebody_is_is_never_taken_from_memory(rig: Rig) -> None:
    assert not rig.workspace.who(TESS).deactivated
    with with_user(rig.sandbox, TESS, deleted=True):
        assert rig.workspace.who(TESS).deactivated
    with with_user(rig.sandbox, TESS, guest=True):
        assert rig.workspace.who(TESS).guest


def test_somebody_slack_does_not_show_is_turned_away(rig: Rig) -> None:
    with pytest.raises(NotAllowed, match="does not show us who you are"):
        rig.workspace.who("UNOSUCH")


def test_two_accounts_of_one_person_are_one_person(rig: Rig) -> None:
    first = rig.people.behind(rig.workspace.who(DEVON))
    second = rig.people.behind(rig.workspace.who(TECH2))
    assert first is not None
    assert first is second


def test_an_address_that_nobody_confirmed_makes_nobody_anyone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anyone may type somebody else's address into their profile."""
    monkeypatch.setattr(
        "sandbox.slack.web_api.users.user_json",
        lambda slack, user: {
            "id": user.id,
            "team_id": TEAM_ID,
            "real_name": user.name,
            "profile": {"email": user.email},
            "is_email_confirmed": False,
        },
    )
    identity = rig.workspace.who(TECH2)
    assert identity.email is None
    assert rig.people.behind(identity) is None


@pytest.mark.parametrize(
    ("team", "grid", "ours"),
    [
        (TEAM_ID, None, True),
        (OTHER_TEAM_ID, None, False),
        (None, None, False),
        (OTHER_TEAM_ID, "E1", True),
        (OTHER_TEAM_ID, "E2", False),
    ],
)
def test_ours_is_what_comes_from_our_workspace_or_its_grid(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, team: str | None, grid: str | None, ours: bool
) -> None:
    monkeypatch.setattr(rig.workspace, "own", lambda: {"team_id": TEAM_ID, "enterprise_id": "E1"})
    inbound = Inbound(kind="command", user_id=TESS, team_id=team, enterprise_id=grid)
    assert rig.workspace.is_ours(inbound) is ours


def test_a_workspace_without_a_grid_shares_none(rig: Rig) -> None:
    inbound = Inbound(kind="command", user_id=EXTERNAL, team_id=OTHER_TEAM_ID)
    assert not rig.workspace.is_ours(inbound)


# Reaching people.


def test_a_person_is_reached_by_the_configured_account_before_the_address(rig: Rig) -> None:
    devon = person(DEVON, emails=("devon@harborit.example",))
    assert rig.workspace.account_of(devon) == DEVON


def test_a_person_is_reached_by_address_where_no_account_is_configured(rig: Rig) -> None:
    assert rig.workspace.account_of(person(emails=("maya@harborit.example",))) == MAYA


@pytest.mark.parametrize("user_id", [DEACTIVATED, GUEST, EXTERNAL, BOT_USER_ID, "UNOSUCH"])
def test_only_full_members_are_written_to(rig: Rig, user_id: str) -> None:
    assert rig.workspace.account_of(person(user_id)) is None


def test_a_second_account_is_found_where_the_first_is_gone(rig: Rig) -> None:
    assert rig.workspace.account_of(person(DEACTIVATED, VIEWER)) == VIEWER


def test_reaching_somebody_again_and_again_asks_slack_once(rig: Rig) -> None:
    for _ in range(5):
        rig.workspace.account_of(person(MAYA))
    assert rig.calls("users.info") == 1
    rig.time.sleep(301)
    rig.workspace.account_of(person(MAYA))
    assert rig.calls("users.info") == 2


def test_a_direct_channel_is_opened_once(rig: Rig) -> None:
    channel = rig.workspace.direct_channel(VIEWER)
    assert channel.startswith("D")
    assert rig.workspace.direct_channel(VIEWER) == channel
    assert rig.calls("conversations.open") == 1


# Where.


@pytest.mark.parametrize("name", ["gatehouse-approvals", "#gatehouse-approvals", APPROVALS])
def test_a_channel_is_found_by_name_or_id(rig: Rig, name: str) -> None:
    assert rig.workspace.channel(name) == APPROVALS


@pytest.mark.parametrize("name", ["general", "no-such-channel", "old-projects"])
def test_a_channel_that_gatehouse_is_not_in_is_refused_with_what_to_do(rig: Rig, name: str) -> None:
    with pytest.raises(Refused, match="/invite @Gatehouse"):
        rig.workspace.channel(name)


def test_a_channel_shared_with_another_company_is_refused(rig: Rig) -> None:
    with pytest.raises(Refused, match="shared with another company"):
        rig.workspace.channel("client-shared")


def test_a_channel_that_becomes_shared_is_refused_from_the_next_look_on(rig: Rig) -> None:
    assert rig.workspace.channel("gatehouse-approvals") == APPROVALS
    room = rig.sandbox.slack.workspace.channels[APPROVALS]
    room.shared_with.append(OTHER_TEAM_ID)
    try:
        rig.time.sleep(61)
        with pytest.raises(Refused, match="shared with another company"):
            rig.workspace.channel("gatehouse-approvals")
    finally:
        room.shared_with.clear()


def test_looking_a_channel_up_again_and_again_asks_slack_once(rig: Rig) -> None:
    for _ in range(5):
        rig.workspace.channel("gatehouse-approvals")
    assert (rig.calls("users.conversations"), rig.calls("conversations.info")) == (1, 1)


def test_what_gatehouse_cannot_see_is_not_called_shared(rig: Rig) -> None:
    assert rig.workspace.surely_shared(SHARED) is True
    assert rig.workspace.surely_shared(CLIENT_CHANNEL) is False
    assert rig.workspace.surely_shared("CNOSUCH") is False


def test_all_pages_of_channels_are_read(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.slack.directory.PAGE", 1)
    assert rig.workspace.channel("gatehouse-approvals") == APPROVALS
    assert rig.calls("users.conversations") > 1
