"""Without a proven number for a computer nothing is deployed; what proves one, and what the account proves."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from core.domain.facts import Fact
from core.domain.patching import DeviceId
from core.domain.remediation import JobKind, JobState
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.automate.trial import DeploymentTrial
from tests.integrations.rmm.automate.server import (
    ACTING,
    BASE,
    BINDING,
    CLIENT,
    DEPLOY,
    HISTORY,
    REQUEST,
    Server,
    a_job,
    attempt,
    computer,
    stats,
)

NO_NUMBER: dict[str, Any] = {"write_username": "writer", "write_password": SecretStr("x")}


def test_account_without_a_number_for_a_computer_deploys_nothing_and_says_why(
    server: Server,
) -> None:
    account = server.account(**NO_NUMBER)
    assert not account.capabilities.install
    with pytest.raises(VendorForbidden, match="entity_type_computer is not set"):
        account.dispatch(CLIENT, a_job(), REQUEST)
    assert server.seen == []


def test_proof_says_that_the_number_is_not_set(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats())
    names = {p.name: p for p in server.account(**NO_NUMBER).prove([BINDING]).permissions}
    unset = names["deploying updates (entity_type_computer is not set)"]
    assert unset.present is Fact.UNKNOWN
    assert "prove" in unset.remedy


def prover(server: Server) -> DeploymentTrial:
    return DeploymentTrial(server.account())


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"Client": {"Id": "12"}, "Location": {"Id": "121"}}, None),
        ({"Location": {"Id": 412}}, "a location's id"),
    ],
)
def test_computer_whose_id_is_a_place_as_well_proves_nothing(
    server: Server, more: Any, word: str | None
) -> None:
    server.fleet(computer(412, **more), computer(12))
    unfit = prover(server).unfit(DeviceId("cwa:412"))
    assert unfit is None if word is None else word in str(unfit)
    assert "a client's id" in str(prover(server).unfit(DeviceId("cwa:12")))


def test_running_job_and_new_attempts_are_traces_on_any_computer(server: Server) -> None:
    server.fleet(computer(412), computer(500, Client={"Id": 13}))
    server.patching(412, stats())
    server.patching(500, stats())
    before = prover(server).traces()
    assert {trace.name for trace in before.values()} == {"PC-412", "PC-500"}
    server.patching(500, stats(PatchJobRunning=True))
    server.lists("PatchHistory", [attempt(500001, 0.1)])
    after = prover(server).traces()
    assert {key for key in before if before[key].mark != after[key].mark} == {"cwa:412", "cwa:500"}


def test_traces_of_half_a_fleet_are_none(server: Server) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(412, stats())
    with pytest.raises(VendorRefused):
        prover(server).traces()


def test_proof_names_what_the_reading_user_may_not_read(server: Server) -> None:
    server.fleet(computer(412))
    server.says(f"{BASE}/Computers/412/PatchingStats", {"Message": "no"}, status=403)
    server.says(HISTORY, "bad condition", status=400)
    present = {p.name: p.present for p in server.account().prove([BINDING]).permissions}
    assert present["patching stats"] is Fact.NO
    assert present["patch history"] is Fact.NO
    assert present["clients and computers"] is Fact.YES


def test_deployment_names_the_kind_that_was_proven_and_the_one_computer(server: Server) -> None:
    server.says(DEPLOY, None, status=204, method="POST")
    account = server.account(**{**ACTING, "entity_type_computer": 7})
    report = account.dispatch(CLIENT, a_job(), REQUEST)
    assert report.state is JobState.DISPATCHED
    assert [i.body for i in server.seen if i.path == DEPLOY] == [{"EntityType": 7, "EntityId": 412}]


def test_scan_cannot_be_started(server: Server) -> None:
    account = server.account()
    assert not account.capabilities.scan
    with pytest.raises(VendorRefused, match="no call that starts a patch scan"):
        account.dispatch(CLIENT, a_job(JobKind.SCAN), REQUEST)
    assert server.seen == []


@pytest.mark.parametrize("target", ["cwa:", "cwa:x", "cwa:4 or 1=1", "other:412", "412", "cwa:²"])
def test_target_that_is_no_number_of_ours_is_refused_unsent(server: Server, target: str) -> None:
    job = replace(a_job(), targets=(target,))
    with pytest.raises(VendorRefused):
        server.account().dispatch(CLIENT, job, REQUEST)
    assert server.seen == []
