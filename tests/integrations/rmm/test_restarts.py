"""What a device shows of a restart, and the very calls that order one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.domain.clients import ClientKey
from core.domain.facts import Fact
from core.domain.remediation import Job, JobId, JobKind, JobState, RequestId, StepState
from core.errors import OutcomeUnknown, VendorRefused
from integrations.rmm import ninjaone, tactical
from integrations.rmm.ninjaone.settings import NinjaOneSettings
from integrations.rmm.restarts import Look
from integrations.rmm.tactical.settings import TacticalSettings
from tests.contracts.vendor_bench import PATIENCE
from tests.integrations.rmm.canned import Canned
from tests.usecases.requests_made import HandClock, a_client

BOOTED = datetime(2026, 11, 1, 3, 10, tzinfo=UTC)
REQUEST = RequestId("R4K7QX")


def look(
    *, online: Fact = Fact.YES, booted: datetime | None = BOOTED, owed: Fact = Fact.YES
) -> Look:
    return Look(online=online, booted_at=booted, owed=owed)


def a_job(account: str = "ninja", vendor_id: str = "42", *, before: Look | None = None) -> Job:
    return Job(
        id=JobId(f"{REQUEST}-1"),
        kind=JobKind.RESTART,
        account=account,
        client=ClientKey("acme"),
        targets=(f"{account}:{vendor_id}",),
        mark=(before or look()).mark(),
    )


# What is seen.


def test_a_device_that_started_later_has_restarted() -> None:
    later = look(booted=BOOTED + timedelta(days=20), owed=Fact.NO)
    assert later.report(a_job()).state is JobState.DONE
    assert later.verdict(a_job()).state is StepState.VERIFIED


def test_a_start_that_is_only_worked_out_anew_is_no_restart() -> None:
    wobbling = look(booted=BOOTED + timedelta(minutes=4))
    assert wobbling.report(a_job()).state is JobState.DISPATCHED
    assert wobbling.verdict(a_job()).state is StepState.DONE


def test_without_a_start_the_restart_that_is_no_longer_owed_tells_it() -> None:
    job = a_job(before=look(booted=None))
    assert look(booted=None).verdict(job).state is StepState.DONE
    assert look(booted=None, owed=Fact.UNKNOWN).verdict(job).state is StepState.DONE
    assert look(booted=None, owed=Fact.NO).verdict(job).state is StepState.VERIFIED


def test_that_no_restart_is_owed_proves_nothing_where_none_was_known_to_be() -> None:
    job = a_job(before=look(owed=Fact.UNKNOWN))
    assert look(owed=Fact.NO).verdict(job).state is StepState.DONE


def test_a_device_that_is_away_is_restarting_and_not_verified() -> None:
    away = look(online=Fact.NO, booted=BOOTED + timedelta(days=20), owed=Fact.NO)
    assert away.report(a_job()).state is JobState.RUNNING
    assert away.verdict(a_job()).state is StepState.DONE


def test_a_device_that_is_back_and_does_not_say_more_yet_goes_on() -> None:
    job = replace(a_job(), state=JobState.RUNNING)
    assert look().report(job).state is JobState.RUNNING
    assert look(online=Fact.UNKNOWN).verdict(job).state is StepState.DONE


def test_a_device_that_waits_for_yet_another_restart_is_not_verified() -> None:
    result = look(booted=BOOTED + timedelta(days=20)).verdict(a_job())
    assert result.state is StepState.DONE
    assert "waits for a restart" in result.reason


# The calls.


@pytest.fixture
def canned(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Canned]:
    made = Canned(ca_file=ca_file)
    made.url = serve_tls(made.app())
    yield made
    for close in made.closers:
        close()


def test_ninjaone_is_asked_for_the_restart_that_forces_nobody_out(canned: Canned) -> None:
    canned.says("/ws/oauth/token", {"access_token": "t", "expires_in": 3600}, method="POST")
    canned.says("/v2/device/42/reboot/NORMAL", None, status=204, method="POST")
    account = ninjaone.connect(
        "ninja",
        NinjaOneSettings(
            base_url=canned.url, ca_file=canned.ca_file, client_id="r", client_secret=SecretStr("x"),
            write_client_id="w", write_client_secret=SecretStr("x"),
        ),
        clock=HandClock(),
        patience=PATIENCE,
    )  # fmt: skip
    canned.closers.append(account.close)

    account.dispatch(a_client(), a_job(), REQUEST)

    assert canned.seen[-1].path == "/v2/device/42/reboot/NORMAL"
    assert canned.seen[-1].body == {"reason": "Gatehouse request R4K7QX"}
    assert canned.count("/v2/device/42/reboot/NORMAL") == 1


@pytest.mark.parametrize(
    ("status", "words", "error"),
    [
        (400, "Unable to contact the agent", VendorRefused),
        (502, "bad gateway|502", OutcomeUnknown),
    ],
)
def test_tactical_says_where_the_agent_cannot_be_reached_and_is_asked_once(
    canned: Canned, status: int, words: str, error: type[Exception]
) -> None:
    path = "/agents/abc-1/reboot/"
    canned.says(path, words, status=status, method="POST")
    account = tactical.connect(
        "tactical",
        TacticalSettings(
            base_url=canned.url, ca_file=canned.ca_file, api_key=SecretStr("k"), may_restart=True
        ),
        clock=HandClock(),
        patience=PATIENCE,
    )
    canned.closers.append(account.close)

    with pytest.raises(error, match=words):
        account.dispatch(a_client(), a_job("tactical", "abc-1"), REQUEST)

    assert canned.count(path) == 1


def test_tactical_restarts_only_where_that_is_set_by_itself() -> None:
    settings = TacticalSettings(
        base_url="https://localhost:9", api_key=SecretStr("k"), may_act=True
    )
    can = tactical.connect("tactical", settings, clock=HandClock()).capabilities
    assert (can.install, can.reboot) == (True, False)
