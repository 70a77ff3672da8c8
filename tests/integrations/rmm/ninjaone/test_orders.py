"""What a job at NinjaOne is made of: the system's updates, other makers' software, and the update script."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.domain.clients import ClientKey
from core.domain.patching import Family
from core.domain.remediation import Job, JobId, JobKind, JobState
from core.errors import OutcomeUnknown, VendorBusy, VendorRefused
from integrations.http import Patience
from integrations.rmm import ninjaone
from integrations.rmm.ninjaone.account import NinjaOneAccount
from integrations.rmm.ninjaone.activities import Course, Part, course, together
from integrations.rmm.ninjaone.orders import Orders, Taken, parts_of
from integrations.rmm.ninjaone.settings import NinjaOneSettings
from tests.integrations.rmm.canned import Canned
from tests.storage.making import SetClock

BOTH = frozenset(Family)
SCRIPT = 77


def job(kind: JobKind = JobKind.INSTALL, **more: Any) -> Job:
    made = Job(
        id=JobId("R4K7Q-1"), kind=kind, account="ninja", client=ClientKey("acme"), targets=("ninja:42",)
    )  # fmt: skip
    return replace(made, **more)


class Service:
    """Takes calls, or refuses them; what of NinjaOne's API orders need."""

    source = "NinjaOne"

    def __init__(self, **failures: Exception) -> None:
        self.failures = failures
        self.calls: list[str] = []

    def apply_patches(self, device: str, *, software: bool) -> None:
        self._called("software" if software else "system", f"apply {device}")

    def scan_patches(self, device: str, *, software: bool) -> None:
        self._called("software" if software else "system", f"scan {device}")

    def run_script(self, device: str, script: int, parameters: str) -> str:
        self._called("script", f"{script} on {device}: {parameters}")
        return "0f3c"

    def _called(self, part: str, what: str) -> None:
        self.calls.append(f"{part}: {what}")
        if part in self.failures:
            raise self.failures[part]


def send(service: Service, of: Job, script: int | None = SCRIPT) -> Taken:
    return Orders(api=service, script=script).send(of, "42")  # type: ignore[arg-type]


# Which calls.


@pytest.mark.parametrize(
    ("of", "parts"),
    [
        (job(), [Part.SYSTEM]),
        (job(families=BOTH), [Part.SYSTEM, Part.SOFTWARE]),
        (job(families=frozenset({Family.SOFTWARE})), [Part.SOFTWARE]),
        (job(chosen=("KB5000001",)), [Part.SCRIPT]),
        (job(chosen=("KB5000001",), families=BOTH), [Part.SCRIPT, Part.SOFTWARE]),
        (job(JobKind.SCAN), [Part.SYSTEM, Part.SOFTWARE]),
    ],
)
def test_calls_are_what_was_approved_and_no_others(of: Job, parts: list[Part]) -> None:
    assert list(parts_of(of)) == parts


def test_what_was_taken_is_read_from_the_reference() -> None:
    service = Service()
    taken = send(service, job(chosen=("KB5000002", "KB5000001"), families=BOTH))
    assert service.calls == [
        'script: 77 on 42: -Mode install -RequestId R4K7Q-1 -Kbs "KB5000001,KB5000002"',
        "software: apply 42",
    ]
    again = Taken.of(job(reference=taken.reference))
    assert (again.parts, again.series) == ([Part.SCRIPT, Part.SOFTWARE], "0f3c")


def test_call_that_was_cut_off_may_have_been_taken_in_whole() -> None:
    assert Taken.of(job(families=BOTH)).parts == [Part.SYSTEM, Part.SOFTWARE]


@pytest.mark.parametrize("failure", [VendorBusy("NinjaOne"), OutcomeUnknown("NinjaOne")])
def test_first_call_that_was_not_taken_is_followed_by_no_other(failure: Exception) -> None:
    service = Service(system=failure)
    with pytest.raises(type(failure)):
        send(service, job(families=BOTH))
    assert service.calls == ["system: apply 42"]


def test_second_call_that_was_refused_is_told_and_makes_nothing_be_sent_again() -> None:
    refused = VendorRefused("NinjaOne", "Device is not applicable for software apply")
    taken = send(Service(software=refused), job(families=BOTH))
    assert taken.parts == [Part.SYSTEM]
    assert taken.words == (
        "accepted by NinjaOne; not for other makers' software: Device is not applicable for software apply"
    )


def test_second_call_that_was_cut_off_counts_as_taken() -> None:
    taken = send(Service(software=OutcomeUnknown("NinjaOne")), job(families=BOTH))
    assert taken.parts == [Part.SYSTEM, Part.SOFTWARE]


def test_without_a_script_nothing_that_is_named_is_sent() -> None:
    service = Service()
    with pytest.raises(VendorRefused, match="script_id"):
        send(service, job(chosen=("KB5000001",)), script=None)
    assert service.calls == []


# How they fare.


def row(number: int, kind: str, code: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "activityType": kind, "statusCode": code, "activityTime": 1.79e9, **more}


def test_each_call_has_activities_of_its_own() -> None:
    kind = "SOFTWARE_PATCH_MANAGEMENT"
    rows = [row(1, kind, f"{kind}_APPLY_PATCH_{stage}") for stage in ("STARTED", "COMPLETED")]
    assert course(JobKind.INSTALL, rows).state is JobState.DISPATCHED
    assert course(JobKind.INSTALL, rows[:1], Part.SOFTWARE).state is JobState.RUNNING
    assert course(JobKind.INSTALL, rows, Part.SOFTWARE).state is JobState.DONE


def test_script_is_told_by_its_uid_and_its_end_proves_nothing() -> None:
    others = [row(1, "SCRIPTING", "STARTED", seriesUid="a"), row(2, "SCRIPTING", "COMPLETED", seriesUid="a")]  # fmt: skip
    ours = [
        row(3, "SCRIPTING", "START_REQUESTED", seriesUid="0f3c"),
        row(4, "SCRIPTING", "STARTED", seriesUid="0f3c"),
        row(5, "SCRIPTING", "COMPLETED", seriesUid="0f3c", activityResult="FAILURE"),
    ]
    assert course(JobKind.INSTALL, others, Part.SCRIPT, "0f3c").state is JobState.DISPATCHED
    requested = [*others, *ours[:1]]
    assert course(JobKind.INSTALL, requested, Part.SCRIPT, "0f3c").state is JobState.DISPATCHED
    ended = course(JobKind.INSTALL, [*others, *ours], Part.SCRIPT, "0f3c")
    assert (ended.state, ended.ended_by) == (JobState.DONE, 5)
    # Where no uid was told, another script's run cannot be told from ours.
    assert course(JobKind.INSTALL, others, Part.SCRIPT).state is JobState.DONE


def test_job_ends_with_the_last_of_its_calls() -> None:
    def of(*states: JobState) -> JobState:
        return together([Course(state=state) for state in states]).state

    assert of(JobState.DONE, JobState.DISPATCHED) is JobState.RUNNING
    assert of(JobState.RUNNING, JobState.FAILED) is JobState.RUNNING
    assert of(JobState.DISPATCHED, JobState.DISPATCHED) is JobState.DISPATCHED
    assert of(JobState.DONE, JobState.FAILED) is JobState.FAILED
    assert of(JobState.DONE, JobState.DONE) is JobState.DONE


# What is answered to a script's order.


@pytest.fixture
def canned(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Canned]:
    made = Canned(ca_file=ca_file)
    made.url = serve_tls(made.app())
    made.says("/ws/oauth/token", {"access_token": "t", "expires_in": 3600}, method="POST")
    yield made
    for close in made.closers:
        close()


def account(canned: Canned) -> NinjaOneAccount:
    settings = NinjaOneSettings(
        base_url=canned.url,
        ca_file=canned.ca_file,
        client_id="reader",
        client_secret=SecretStr("x"),
        write_client_id="writer",
        write_client_secret=SecretStr("x"),
        script_id=SCRIPT,
    )
    made = ninjaone.connect("ninja", settings, clock=SetClock(), patience=Patience(tries=1))
    canned.closers.append(made.close)
    return made


def test_any_success_means_that_the_script_was_taken(canned: Canned) -> None:
    run, api = "/v2/device/42/script/run", account(canned).api
    for answer in (4711, {"id": 4711}, {"activityId": 4711}, "accepted", None):
        canned.says(run, answer, method="POST")
        assert api.run_script("42", SCRIPT, "-Mode scan") is None
    canned.says(run, {"jobUid": "0f3c"}, method="POST")
    assert api.run_script("42", SCRIPT, "-Mode scan") == "0f3c"
    canned.says(run, None, status=204, method="POST")
    assert api.run_script("42", SCRIPT, "-Mode scan") is None
    canned.answers["POST", run] = (502, {"message": "bad gateway"})
    with pytest.raises(OutcomeUnknown):
        api.run_script("42", SCRIPT, "-Mode scan")
    sent = [seen.body for seen in canned.seen if seen.path == run]
    assert len(sent) == 8
    assert sent[0] == {
        "type": "SCRIPT", "id": SCRIPT, "parameters": "-Mode scan", "runAs": "system",
    }  # fmt: skip
