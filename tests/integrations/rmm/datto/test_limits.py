"""Staying below nine tenths of a limit that other keys of the account use, too."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import VendorAuthError, VendorBusy, VendorForbidden, VendorNotFound
from integrations.rmm.datto.limits import Limits


def status(reads: int = 0, writes: int = 0, jobs: int = 0) -> dict[str, Any]:
    return {
        "slidingTimeWindowSizeSeconds": 60,
        "accountCount": reads,
        "accountRateLimit": 600,
        "accountWriteCount": writes,
        "accountWriteRateLimit": 100,
        "operationWriteStatus": {"device-job-create": {"limit": 50, "count": jobs}},
    }


def limits(*told: dict[str, Any]) -> tuple[Limits, list[float]]:
    slept: list[float] = []
    answers: Iterator[dict[str, Any]] = iter(told)
    return Limits(source="D", ask=lambda: next(answers), sleep=slept.append), slept


def test_reading_starts_at_once_where_there_is_room() -> None:
    made, slept = limits(status(reads=539))
    made.before_reading()
    assert slept == []


def test_reading_waits_until_others_have_left_room() -> None:
    made, slept = limits(status(reads=540), status(reads=600), status(reads=12))
    made.before_reading()
    assert slept == [10.0, 10.0]


def test_reading_gives_up_where_others_never_stop() -> None:
    made, slept = limits(*[status(reads=590)] * 20)
    with pytest.raises(VendorBusy):
        made.before_reading()
    assert sum(slept) >= 60


@pytest.mark.parametrize("told", [status(writes=90), status(jobs=45)])
def test_full_write_limit_is_busy_before_anything_is_sent(told: dict[str, Any]) -> None:
    made, slept = limits(told)
    with pytest.raises(VendorBusy) as caught:
        made.before_writing()
    assert caught.value.wait is not None
    assert slept == []


def test_writes_do_not_care_about_reads() -> None:
    made, _ = limits(status(reads=599, writes=89, jobs=44))
    made.before_writing()


def test_account_of_the_older_kind_tells_less_and_is_not_held_up() -> None:
    made, _ = limits({"accountCount": 10, "accountRateLimit": 600}, {}, {"operationWriteStatus": 3})
    made.before_writing()
    made.before_reading()
    made.before_writing()


@pytest.mark.parametrize("failure", [VendorForbidden("D"), VendorNotFound("D")])
def test_account_without_that_reading_is_not_held_up(failure: Exception) -> None:
    def refuse() -> dict[str, Any]:
        raise failure

    Limits(source="D", ask=refuse).before_reading()
    Limits(source="D", ask=refuse).before_writing()


def test_wrong_credentials_are_not_swallowed() -> None:
    def refuse() -> dict[str, Any]:
        raise VendorAuthError("D")

    with pytest.raises(VendorAuthError):
        Limits(source="D", ask=refuse).before_reading()
