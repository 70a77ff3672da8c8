"""Who is asking: read anew for a decision, of our own workspace only, one person per account."""

from dataclasses import replace

import pytest

from core.domain.people import People, Role
from core.errors import GatehouseError, NotAllowed, NotFound, Refused
from integrations.slack.inbound import Inbound
from tests.handlers.front import Front
from tests.handlers.staff import ACME_CHANNEL, BO, DEVON, MAYA, SHARED_CHANNEL, TESS, VIK


def inbound(user: str, channel: str | None = ACME_CHANNEL) -> Inbound:
    return Inbound(kind="command", user_id=user, team_id="T1", channel_id=channel)


@pytest.mark.parametrize("user", ["UGUEST", "UGONE", "UBOT", "UFAR"])
def test_accounts_that_are_not_full_members_are_nobody_whatever_address_they_show(
    front: Front, user: str
) -> None:
    for who in (front.desk.reader, front.desk.decider):
        with pytest.raises(NotAllowed):
            who(inbound(user))


@pytest.mark.parametrize("user", ["UEVE", "UNKNOWN", "UTYPED"])
def test_nobody_is_taken_for_a_person_without_proof(front: Front, user: str) -> None:
    with pytest.raises(NotAllowed):
        front.desk.decider(inbound(user))


def test_a_person_is_the_same_by_any_of_their_accounts(front: Front) -> None:
    people = [front.desk.decider(inbound(user)).person for user in ("UDEVON", "UDEVON2")]

    assert people == [DEVON, DEVON]


def test_an_account_that_two_people_claim_is_nobodys() -> None:
    other = replace(VIK, chat_ids=frozenset({"UVIK", "UMAYA"}))
    front = Front(people=People((MAYA, other)))

    with pytest.raises(NotAllowed):
        front.desk.decider(inbound("UMAYA"))


def test_whoever_was_deactivated_since_they_last_read_decides_no_more(front: Front) -> None:
    front.desk.reader(inbound("UMAYA"))
    front.web.users["UMAYA"]["deleted"] = True

    with pytest.raises(NotAllowed, match="deactivated"):
        front.desk.decider(inbound("UMAYA"))


def test_reading_asks_slack_who_it_is_only_now_and_then(front: Front) -> None:
    for _ in range(5):
        front.desk.reader(inbound("UTESS"))
    assert front.web.asked.count("users.info") == 1

    front.desk.decider(inbound("UTESS"))
    front.desk.decider(inbound("UTESS"))
    assert front.web.asked.count("users.info") == 3


def test_while_slack_does_not_say_who_it_is_nobody_decides(front: Front) -> None:
    front.desk.decider(inbound("UMAYA"))
    front.web.down = True

    with pytest.raises(GatehouseError, match="could not be reached"):
        front.desk.decider(inbound("UMAYA"))


def test_nothing_is_read_in_a_channel_shared_with_another_company(front: Front) -> None:
    with pytest.raises(Refused, match="shared with another company"):
        front.desk.reader(inbound("UTESS", SHARED_CHANNEL))


@pytest.mark.parametrize("channel", [None, "D-UTESS", "C-unseen"])
def test_private_answers_are_given_elsewhere(front: Front, channel: str | None) -> None:
    assert front.desk.reader(inbound("UTESS", channel)).person == TESS


def test_roles_hold_for_their_client_only(front: Front) -> None:
    assert [client.key for client in front.desk.visible(BO)] == ["beta"]
    assert front.desk.readable("beta", BO).name == "Beta Legal"
    with pytest.raises(NotAllowed):
        front.desk.readable("acme", BO)
    with pytest.raises(NotFound):
        front.desk.named("acme", BO)
    with pytest.raises(NotFound, match="no longer"):
        front.desk.readable("gone", TESS)


def test_deciders_are_approvers_who_can_be_reached_without_the_one_who_asks(front: Front) -> None:
    beta = front.desk.client("beta")
    assert front.desk.deciders(beta, besides=MAYA.key) == [DEVON, BO]

    front.web.users["UBO"]["deleted"] = True
    fresh = Front(web=front.web)
    assert fresh.desk.deciders(beta, besides=TESS.key) == [MAYA, DEVON]
    assert fresh.desk.people.who_may(Role.APPROVER, beta.key) == (MAYA, DEVON, BO)
