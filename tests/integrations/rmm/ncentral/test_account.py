"""An account at N-central, against its stand-in and canned answers: errors that look like success, lanes, tasks."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from core.domain.facts import Fact
from core.domain.patching import CountStatus, RmmReading
from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorForbidden,
    VendorRefused,
)
from core.ports import Truth
from integrations.http import Patience
from integrations.rmm import ncentral
from integrations.rmm.ncentral.account import NCentralAccount
from integrations.rmm.ncentral.lanes import CallLanes
from integrations.rmm.ncentral.settings import NCentralSettings
from sandbox.rmm.ncentral import lanes as stand_in_lanes
from tests.contracts.vendor_bench import REQUEST, Bench, Serve
from tests.contracts.vendor_rigs.ncentral import RIG
from tests.integrations.rmm.canned import Canned
from tests.patience import PATIENCE_S
from tests.sandbox.rmm_desk import make_world, willing
from tests.storage.making import SetClock

SERVICES = "/service-monitor-status"


@pytest.fixture
def bench(serve_tls: Serve, ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    yield made
    made.close()


def read(bench: Bench, **settings: Any) -> RmmReading:
    (reading,) = bench.account({**RIG.settings, **settings}).read(bench.bindings()).values()
    return reading


def words(reading: RmmReading) -> set[CountStatus]:
    return {device.counts.status for device in reading.devices if device.counts}


# Reading.


def test_every_device_is_asked_about_once_within_its_lanes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in_lanes, "_OTHERS", 2)
    reading = read(bench, calls_at_once=2)
    (company,) = bench.companies
    asked = [item.path for item in bench.wire.sent if item.path.endswith(SERVICES)]
    assert len(asked) == len(set(asked)) == len(company.devices)
    assert reading.coverage.complete
    rows = bench.world.calls.rows("ncentral")
    assert not any("429" in row["by_status"] for row in rows)


def test_words_of_all_sorts_are_there_and_normal_has_to_be_trusted(bench: Bench) -> None:
    assert words(read(bench)) == {
        CountStatus.MISSING,
        CountStatus.NO_DATA,
        CountStatus.NO_POLICY,
        CountStatus.UNKNOWN,
    }
    trusting = words(read(bench, trust_normal=True))
    assert CountStatus.FULLY_PATCHED in trusting
    assert CountStatus.UNKNOWN not in trusting


def test_device_that_cannot_be_read_is_not_fine_and_the_reading_says_so(bench: Bench) -> None:
    (company,) = bench.companies
    device = next(d for d in company.devices if d.online)
    bench.fault("status", f"*/{device.number}{SERVICES}", status=403)
    reading = read(bench)
    assert not reading.coverage.covers("missing patches")
    (found,) = (d for d in reading.devices if d.vendor_id == str(device.number))
    assert found.counts is not None
    assert found.counts.status is CountStatus.NO_DATA


# Acting.


def test_order_names_script_customer_and_device(bench: Bench) -> None:
    company, device = bench.pick(willing)
    account = bench.account()
    job = bench.job(bench.plan(account, company, device), account)
    account.dispatch(bench.client(company), job, REQUEST)
    (order,) = (item.body for item in bench.wire.sent if item.body)
    assert (order["customerId"], order["deviceId"]) == (company.rmm_number, device.number)
    assert order["name"] == f"Gatehouse job {job.id}"
    (effect,) = bench.effects()
    assert effect["variables"] == {"mode": "install", "requestId": job.id}


def test_name_that_is_taken_is_not_taken_for_a_new_run(bench: Bench) -> None:
    """The server refuses it with HTTP 200; what there is under that name is what became of the job."""
    company, device = bench.pick(willing)
    account = bench.account()
    job = bench.job(bench.plan(account, company, device), account)
    first = account.dispatch(bench.client(company), job, REQUEST)
    with pytest.raises(OutcomeUnknown, match="already exists"):
        account.dispatch(bench.client(company), job, REQUEST)
    evidence = account.reconcile(bench.client(company), job, REQUEST)
    assert (evidence.truth, evidence.reference) == (Truth.SENT, first.reference)
    assert len(bench.effects()) == 1


def test_script_that_is_not_enabled_or_not_there_is_a_refusal(bench: Bench) -> None:
    company, device = bench.pick(willing)
    for item, kind in ((1003, VendorForbidden), (4711, VendorRefused)):
        account = bench.account({**RIG.settings, "script_item_id": item})
        job = bench.job(bench.plan(account, company, device), account)
        with pytest.raises(kind):
            account.dispatch(bench.client(company), job, REQUEST)
    assert bench.effects() == []


def test_job_whose_mark_names_no_customer_is_not_sent(bench: Bench) -> None:
    company, device = bench.pick(willing)
    account = bench.account()
    job = replace(bench.job(bench.plan(account, company, device), account), mark={})
    with pytest.raises(VendorRefused):
        account.dispatch(bench.client(company), job, REQUEST)


# Proving.


def test_proof_says_which_service_is_not_there(bench: Bench) -> None:
    bench.wire.rewrite = {"Agent Status": "Something else"}
    facts = {p.name: p.present for p in bench.account().prove(bench.bindings()).permissions}
    assert facts["service 'agent status'"] is Fact.NO
    assert facts["monitored services"] is Fact.YES
    bench.fault("status", f"*{SERVICES}", status=403)
    facts = {p.name: p.present for p in bench.account().prove(bench.bindings()).permissions}
    assert facts["monitored services"] is Fact.NO
    assert facts["service 'agent status'"] is Fact.UNKNOWN


# What answers may be.


@pytest.fixture
def canned(serve_tls: Serve, ca_file: Path) -> Iterator[Canned]:
    made = Canned(ca_file=ca_file)
    made.url = serve_tls(made.app())
    tokens = {"access": {"token": "t", "expirySeconds": 3600}}
    made.says("/api/auth/authenticate", {"tokens": tokens}, method="POST")
    yield made
    for close in made.closers:
        close()


def connected(canned: Canned) -> NCentralAccount:
    settings = NCentralSettings(
        base_url=canned.url, ca_file=canned.ca_file, jwt=SecretStr("the jwt"), script_item_id=1
    )
    account = ncentral.connect("n", settings, clock=SetClock(), patience=Patience(tries=1))
    canned.closers.append(account.close)
    return account


def test_jwt_goes_to_the_sign_in_alone(canned: Canned) -> None:
    canned.says("/api/customers", {"data": [], "totalItems": 0, "totalPages": 0})
    assert connected(canned).api.customers() == []
    sent = {item.path: item.headers["authorization"] for item in canned.seen}
    assert sent == {"/api/auth/authenticate": "Bearer the jwt", "/api/customers": "Bearer t"}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"tokens": {}},
        {"tokens": {"access": {"token": ""}}},
        {"tokens": {"access": {"token": "t", "expirySeconds": None}}},
    ],
)
def test_sign_in_without_a_token_or_its_life_is_malformed(canned: Canned, answer: Any) -> None:
    canned.says("/api/auth/authenticate", answer, method="POST")
    with pytest.raises(MalformedAnswer):
        connected(canned).api.customers()


def test_refused_jwt_says_what_to_renew(canned: Canned) -> None:
    canned.says("/api/auth/authenticate", {"message": "no"}, status=401, method="POST")
    with pytest.raises(VendorAuthError) as caught:
        connected(canned).api.customers()
    assert "90 days" in caught.value.remedy


@pytest.mark.parametrize("key", ["error message", "errorMessage"])
def test_error_in_the_guise_of_success_is_an_error(canned: Canned, key: str) -> None:
    canned.says("/api/customers", {key: "Too bad.", "data": [{"customerId": 1}]})
    with pytest.raises(VendorRefused, match="Too bad"):
        connected(canned).api.customers()


@pytest.mark.parametrize(
    ("told", "calls"), [({"totalPages": 3}, 3), ({"totalItems": 5}, 3), ({}, 4)]
)
def test_list_is_read_to_its_end_however_that_is_told(
    canned: Canned, told: dict[str, int], calls: int
) -> None:
    def answer(request: web.Request) -> tuple[int, Any]:
        place = int(request.query["pageNumber"])
        size = {1: 2, 2: 2, 3: 1}.get(place, 0)
        return 200, {"data": [{"customerId": place * 10 + n} for n in range(size)], **told}

    canned.answers["GET", "/api/customers"] = answer
    assert len(connected(canned).api.customers()) == 5
    assert canned.count("/api/customers") == calls


def test_list_that_repeats_a_row_is_read_once_more_and_not_believed(canned: Canned) -> None:
    canned.says("/api/customers", {"data": [{"customerId": 1}] * 2, "totalItems": 2})
    with pytest.raises(MalformedAnswer, match="Only 1 of 2"):
        connected(canned).api.customers()
    assert canned.count("/api/customers") == 2


@pytest.mark.parametrize("answer", [{}, [], {"data": {}}, {"data": {"taskId": "x"}}])
def test_accepted_task_without_a_number_is_not_known_to_be_carried_out(
    canned: Canned, answer: Any
) -> None:
    canned.says("/api/scheduled-tasks/direct", answer, status=201, method="POST")
    with pytest.raises(OutcomeUnknown):
        connected(canned).api.run_script("n", 1, {"customerId": 1, "deviceId": 2}, "-Mode scan")


def test_no_more_calls_of_one_kind_than_lanes_run_side_by_side() -> None:
    lanes, running, most = CallLanes(2), [0], [0]
    lock, both = threading.Lock(), threading.Barrier(2, timeout=PATIENCE_S)

    def call(kind: str) -> None:
        with lanes.one(kind):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            both.wait()
            time.sleep(0.01)
            with lock:
                running[0] -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(call, ["devices"] * 6))
    assert most[0] == 2
    with lanes.one("devices"), lanes.one("devices"), lanes.one("customers"):
        pass


# Settings.


@pytest.mark.parametrize("wrong", [{"script_item_id": 0}, {"calls_at_once": 6}, {"jwt": None}])
def test_settings_no_server_knows_are_refused(wrong: dict[str, Any]) -> None:
    given = {"base_url": "https://n.example.com", "jwt": SecretStr("x")}
    with pytest.raises(ValidationError):
        NCentralSettings(**{**given, **wrong})
