"""Exemptions and proofs hold as they were granted; drafts belong to one person."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.domain.clients import ClientKey
from core.domain.exemptions import Exemption
from core.domain.proofs import Doubt, WriteProof
from core.domain.remediation import RequestId
from core.errors import StorageFailed
from tests.contracts.stores.house import TODAY, House
from tests.storage.making import ACME, MANAGER, START, TECH, plan

DRAFT = RequestId("D1")


def test_a_draft_is_shown_to_its_owner_only(house: House) -> None:
    house.store.drafts.put(DRAFT, plan(), owner=TECH, until=START + timedelta(hours=1))
    assert house.store.drafts.get(DRAFT, owner=MANAGER, now=START) is None
    assert house.store.drafts.get(RequestId("D2"), owner=TECH, now=START) is None
    assert house.store.drafts.get(DRAFT, owner=TECH, now=START) == plan()


def test_a_draft_survives_a_restart_and_expires(house: House) -> None:
    until = START + timedelta(hours=1)
    house.store.drafts.put(DRAFT, plan(), owner=TECH, until=until)
    house.restart()
    assert house.store.drafts.get(DRAFT, owner=TECH, now=START) == plan()
    assert house.store.drafts.get(DRAFT, owner=TECH, now=until) is None


def test_a_later_draft_of_the_same_id_counts(house: House) -> None:
    until = START + timedelta(hours=1)
    house.store.drafts.put(DRAFT, plan(1), owner=TECH, until=until)
    house.store.drafts.put(DRAFT, plan(2), owner=MANAGER, until=until)
    assert house.store.drafts.get(DRAFT, owner=TECH, now=START) is None
    assert house.store.drafts.get(DRAFT, owner=MANAGER, now=START) == plan(2)


def test_an_exemption_is_found_as_it_was_granted_and_survives_a_restart(house: House) -> None:
    granted = exemption()
    house.store.exemptions.grant([granted], actor="tech")
    house.restart()
    assert house.store.exemptions.of(ACME) == (granted,)
    assert house.store.exemptions.of(ClientKey("beta")) == ()
    assert ("exemption.granted", "tech", ACME) in house.record()


def test_a_later_exemption_takes_the_place_of_the_earlier_one(house: House) -> None:
    later = exemption(request="R2", until=TODAY + timedelta(days=60))
    house.store.exemptions.grant([exemption(), exemption("ben")], actor="tech")
    house.store.exemptions.grant([later], actor="tech")
    house.restart()
    assert house.store.exemptions.of(ACME) == (later, exemption("ben"))


def test_only_what_the_named_request_granted_is_ended(house: House) -> None:
    house.store.exemptions.grant([exemption(), exemption("ben")], actor="tech")
    house.store.exemptions.grant([exemption(request="R2")], actor="tech")
    house.store.exemptions.end(ACME, ["ada", "ben"], granted_by=RequestId("R1"), actor="tech2")
    house.restart()
    assert house.store.exemptions.of(ACME) == (exemption(request="R2"),)
    assert ("exemption.ended", "tech2", ACME) in house.record()


def test_an_exemption_that_cannot_be_recorded_is_not_granted(house: House) -> None:
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.exemptions.grant([exemption()], actor="tech")
    house.restart()
    assert house.store.exemptions.of(ACME) == ()


def test_an_exemption_over_for_weeks_is_forgotten_when_another_is_granted(house: House) -> None:
    house.store.exemptions.grant([exemption(until=TODAY)], actor="tech")
    for user, days in (("ben", 35), ("cleo", 36)):
        house.store.exemptions.grant(
            [exemption(user, since=START + timedelta(days=days), until=TODAY + timedelta(days=99))],
            actor="tech",
        )
        names = [item.user_id for item in house.store.exemptions.of(ACME)]
        assert ("ada" in names) is (days == 35)


def test_a_proof_holds_for_its_server_and_reading_alone_and_survives_a_restart(
    house: House,
) -> None:
    given = proof()
    house.store.proofs.put(given, actor="console")
    house.restart()
    doubt = given.doubt
    assert house.store.proofs.find(doubt) == given
    for other in ({"server": "https://b.example"}, {"reading": "EntityType 2"}, {"vendor": "x"}):
        assert house.store.proofs.find(replace(doubt, **other)) is None
    assert ("proof.given", "console", ACME) in house.record()


def test_a_proof_that_cannot_be_recorded_opens_nothing(house: House) -> None:
    with house.disk_full(), pytest.raises(StorageFailed):
        house.store.proofs.put(proof(), actor="console")
    house.restart()
    assert house.store.proofs.find(proof().doubt) is None


def proof() -> WriteProof:
    doubt = Doubt(
        vendor="automate",
        server="https://a.example",
        reading="EntityType 1",
        risk="It hits others.",
    )
    return WriteProof(
        doubt=doubt, client=ACME, device_id="cwa:412", device_name="PC-412", seen="seen there", by="tess",
        at=START,
    )  # fmt: skip


def exemption(
    user: str = "ada",
    *,
    request: str = "R1",
    since: datetime = START,
    until: date = TODAY + timedelta(days=14),
) -> Exemption:
    return Exemption(
        client=ACME,
        user_id=user,
        name=f"{user.title()} ({user}@acme.example)",
        reason="New phone on Monday",
        until=until,
        since=since,
        request=RequestId(request),
        asked_by=TECH,
        asked_by_name="Tess Tech",
        approved_by=(MANAGER,),
        approved_by_names=("Maya Manager",),
    )
