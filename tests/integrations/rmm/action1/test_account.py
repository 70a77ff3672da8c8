"""An account at Action1, against its stand-in and canned answers: what it asks, and what it believes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from core.domain.facts import Fact
from core.domain.patching import DeviceId, PatchState, RmmReading
from core.domain.remediation import JobState, StepState
from core.errors import MalformedAnswer, OutcomeUnknown, VendorForbidden, VendorRefused
from integrations.http import Patience
from integrations.rmm import action1
from integrations.rmm.action1 import mapping
from integrations.rmm.action1.account import Action1Account
from integrations.rmm.action1.settings import Action1Settings
from tests.contracts.vendor_bench import REQUEST, Bench, Serve
from tests.contracts.vendor_rigs.action1 import RIG
from tests.integrations.rmm.canned import Canned
from tests.sandbox.rmm_desk import make_world, missing, willing
from tests.storage.making import SetClock

API = "/api/3.0"
SETTINGS: dict[str, Any] = {
    "base_url": "https://app.action1.com",
    "client_id": "reader",
    "client_secret": SecretStr("hidden"),
}


@pytest.fixture
def bench(serve_tls: Serve, ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    made.world.pace = 0.2
    yield made
    made.close()


def read(bench: Bench, **settings: Any) -> RmmReading:
    (reading,) = bench.account({**RIG.settings, **settings}).read(bench.bindings()).values()
    return reading


def asked(bench: Bench, part: str) -> int:
    return sum(part in item.path for item in bench.wire.sent)


def rows(reading: RmmReading) -> set[tuple[DeviceId, str, PatchState]]:
    return {(patch.device_id, patch.key, patch.state) for patch in reading.patches}


# Reading.


def test_small_fleet_is_read_device_by_device_where_something_is_missing(bench: Bench) -> None:
    (company,) = bench.companies
    for device in company.devices[3:]:
        device.updates = []
    reading = read(bench)
    assert asked(bench, "/missing-updates") <= 3
    assert asked(bench, "/versions/") == 0
    assert reading.rows_known_for >= {d.id for d in reading.devices if d.online is Fact.YES} - {
        bench.device_id(d) for d in company.devices if d.last_scan is None
    }


def few_versions(bench: Bench) -> None:
    """Leave the fleet fewer missing versions than devices."""
    (company,) = bench.companies
    keep = {u.id for u in next(d for d in company.devices if willing(d)).updates}
    for device in company.devices:
        device.updates = [u for u in device.updates if u.id in keep and u.kind != "third_party"]


def test_large_fleet_is_read_version_by_version_and_says_the_same(bench: Bench) -> None:
    few_versions(bench)
    account, (company,) = bench.account(), bench.companies
    reading = account.read(bench.bindings())[company.rmm_uid]
    assert asked(bench, "/missing-updates") == 0
    assert 0 < asked(bench, "/versions/") < len(company.devices)
    one_by_one = set()
    for device in reading.devices:
        packages = account.api.missing_updates(company.rmm_uid, device.vendor_id)  # type: ignore[attr-defined]
        found = [v.patch(device.id) for v in mapping.versions("A", packages)]
        one_by_one |= {(patch.device_id, patch.key, patch.state) for patch in found}
    assert rows(reading) == one_by_one != set()


def test_version_that_cannot_be_read_leaves_every_device_unknown(bench: Bench) -> None:
    few_versions(bench)
    bench.fault("status", "*/versions/*", status=403)
    reading = read(bench)
    assert not reading.coverage.covers("missing patches")
    assert (reading.rows_known_for, reading.patches) == (frozenset(), ())
    assert len(reading.devices) == len(bench.companies[0].devices)


def test_clean_device_is_known_to_be_clean_and_a_silent_one_is_not(bench: Bench) -> None:
    (company,) = bench.companies
    online = next(d for d in company.devices if d.online and d.last_scan)
    offline = next(d for d in company.devices if not d.online)
    online.updates, offline.updates = [], []
    reading = read(bench)
    assert bench.device_id(online) in reading.rows_known_for
    assert bench.device_id(offline) not in reading.rows_known_for


def test_scan_is_unknown_unless_the_assessment_is_trusted(bench: Bench) -> None:
    assert {device.last_scan for device in read(bench).devices} == {None}
    trusted = read(bench, trust_assessment=True).devices
    assert {d.last_scan == d.last_seen for d in trusted if d.last_scan} == {True}
    assert 0 < sum(d.last_scan is None for d in trusted) < len(trusted)


# Acting.


def test_order_names_what_was_approved_and_nothing_else(bench: Bench) -> None:
    company, device = bench.pick(willing)
    account = bench.account()
    plan = bench.plan(account, company, device)
    for update in [u for u in device.updates if u.kind == "dotnet"][:1]:
        update.state = "approved"
    job = bench.job(plan, account)
    account.dispatch(bench.client(company), job, REQUEST)
    (effect,) = bench.effects()
    ordered = {f"{key} {version}" for key, version in effect["packages"].items()}
    assert ordered == {key for key in job.mark if key != "organisation"}
    assert ordered == set(plan.targets[0].chosen)
    (order,) = (item.body for item in bench.wire.sent if item.method == "POST" and item.body)
    assert order["name"] == f"Gatehouse job {job.id}"
    assert order["actions"][0]["params"]["reboot_options"] == {"auto_reboot": "no"}


def test_what_is_in_already_is_done_and_no_order(bench: Bench) -> None:
    company, device = bench.pick(willing)
    account = bench.account()
    plan = bench.plan(account, company, device)
    for update in device.updates:
        update.state = "installed"
    client, job = bench.client(company), bench.job(plan, account)
    assert account.dispatch(client, job, REQUEST).state is JobState.DONE
    (result,) = account.verify(client, job, plan)
    assert result.state is StepState.VERIFIED
    with pytest.raises(VendorRefused, match="names no updates"):
        account.dispatch(client, replace(job, chosen=()), REQUEST)
    assert bench.effects() == []


def test_either_name_of_the_runs_leads_to_the_end(bench: Bench) -> None:
    company, device = bench.pick(willing)
    account = bench.account({**RIG.settings, "instances_path": "policies"})
    job = bench.job(bench.plan(account, company, device), account)
    report = account.dispatch(bench.client(company), job, REQUEST)
    bench.world.clock.advance(30)
    job = replace(job, reference=report.reference, state=report.state)
    assert account.follow(bench.client(company), job).state.final
    assert asked(bench, "/automations/") == 0


def test_device_that_stays_away_lets_the_order_expire(bench: Bench) -> None:
    company, device = bench.pick(willing)
    account = bench.account({**RIG.settings, "retry_minutes": 5})
    job = bench.job(bench.plan(account, company, device), account)
    device.online = False
    job = replace(job, reference=account.dispatch(bench.client(company), job, REQUEST).reference)
    bench.world.clock.advance(60)
    assert not account.follow(bench.client(company), job).state.final
    bench.world.clock.advance(timedelta(minutes=5).total_seconds())
    assert "'Expired'" in account.follow(bench.client(company), job).detail
    assert list(missing(device))


# Proving, and what answers may be.


def test_proof_says_what_the_updates_do_not_tell(bench: Bench) -> None:
    bench.wire.rewrite = {'"release_date"': '"renamed"'}
    facts = {p.name: p.present for p in bench.account().prove(bench.bindings()).permissions}
    assert facts["release dates of updates"] is Fact.NO
    assert facts["approval of updates"] is Fact.YES
    assert facts["run automations"] is Fact.UNKNOWN


def test_proof_tries_the_writing_credentials_too(bench: Bench) -> None:
    wrong = {**RIG.settings, "write_client_secret": SecretStr("not it")}
    facts = {p.name: p.present for p in bench.account(wrong).prove(bench.bindings()).permissions}
    assert facts["write_client_id"] is Fact.NO


@pytest.fixture
def canned(serve_tls: Serve, ca_file: Path) -> Iterator[Canned]:
    made = Canned(ca_file=ca_file)
    made.url = serve_tls(made.app())
    made.says(f"{API}/oauth2/token", {"access_token": "t", "expires_in": "3600"}, method="POST")
    yield made
    for close in made.closers:
        close()


def connected(canned: Canned) -> Action1Account:
    settings = Action1Settings(
        **{**SETTINGS, "base_url": canned.url},
        ca_file=canned.ca_file,
        write_client_id="writer",
        write_client_secret=SecretStr("x"),
        requests_per_minute=6000,
    )
    account = action1.connect("a", settings, clock=SetClock(), patience=Patience(tries=1))
    canned.closers.append(account.close)
    return account


def pages(*sizes: int, **told: Any) -> Callable[[web.Request], tuple[int, Any]]:
    """A list in pages of these sizes; `told` is said on each of them."""
    starts = [sum(sizes[:place]) for place in range(len(sizes))]

    def answer(request: web.Request) -> tuple[int, Any]:
        start = int(request.query["from"])
        size = sizes[starts.index(start)]
        return 200, {"items": [{"id": str(start + n), "name": "n"} for n in range(size)], **told}

    return answer


def test_list_without_a_total_goes_on_while_a_next_page_is_named(canned: Canned) -> None:
    def answer(request: web.Request) -> tuple[int, Any]:
        status, page = pages(2, 2, 1)(request)
        last = request.query["from"] == "4"
        return status, page | ({} if last else {"next_page": "anything"})

    canned.answers["GET", f"{API}/organizations"] = answer
    assert len(connected(canned).api.organizations()) == 5


def test_list_shorter_than_told_is_read_once_more_and_not_believed(canned: Canned) -> None:
    canned.answers["GET", f"{API}/organizations"] = pages(2, 0, total_items="3")
    with pytest.raises(MalformedAnswer, match="Only 2 of 3"):
        connected(canned).api.organizations()
    assert canned.count(f"{API}/organizations") == 4


def test_signing_in_sends_no_grant_type(canned: Canned) -> None:
    canned.answers["GET", f"{API}/organizations"] = pages(0)
    connected(canned).api.organizations()
    (token,) = (item for item in canned.seen if item.path.endswith("/token"))
    assert token.body == {"client_id": "reader", "client_secret": "hidden"}


def test_forbidden_endpoint_of_a_known_organisation_is_a_missing_right(canned: Canned) -> None:
    canned.says(f"{API}/endpoints/managed/1/e", {"message": "no"}, status=403)
    canned.answers["GET", f"{API}/organizations"] = pages(2, total_items=2)
    with pytest.raises(VendorForbidden):
        connected(canned).api.endpoint("1", "e")
    canned.says(f"{API}/endpoints/managed/9/e", {"message": "no"}, status=403)
    assert connected(canned).api.endpoint("9", "e") is None


@pytest.mark.parametrize("answer", [{}, {"id": ""}, [], {"id": 7}])
def test_accepted_order_without_a_run_is_not_known_to_be_carried_out(
    canned: Canned, answer: Any
) -> None:
    canned.says(f"{API}/automations/instances/1", answer, method="POST")
    with pytest.raises(OutcomeUnknown):
        connected(canned).api.deploy("1", "e", [("p", "v")], name="n", retry_minutes="60")


# Settings.


def test_second_pair_of_credentials_makes_it_able_to_act() -> None:
    writer: dict[str, Any] = {"write_client_id": "w", "write_client_secret": SecretStr("x")}
    able = [
        action1.connect("a", Action1Settings(**SETTINGS, **more), clock=SetClock()).capabilities
        for more in ({}, writer)
    ]
    assert [(can.scan, can.install) for can in able] == [(False, False), (False, True)]
    with pytest.raises(ValidationError):
        Action1Settings(**SETTINGS, write_client_id="w")


@pytest.mark.parametrize(
    "wrong", [{"instances_path": "jobs"}, {"retry_minutes": 4}, {"requests_per_minute": 0}]
)
def test_settings_no_server_knows_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Action1Settings(**SETTINGS, **wrong)
