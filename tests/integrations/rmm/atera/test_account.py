"""What Atera's API tells and what not, and what becomes of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr, ValidationError

from core.domain.facts import Fact
from core.domain.patching import RmmReading
from core.domain.remediation import JobKind
from core.errors import VendorNotFound
from integrations.rmm.atera.account import AteraAccount
from integrations.rmm.atera.settings import AteraSettings
from integrations.rmm.vendor import AccountProof
from sandbox.estate.model import Device
from sandbox.rmm.atera import LIMITED_API_KEY
from sandbox.rmm.atera.rows import look, on_windows
from tests.contracts.vendor_bench import Bench
from tests.contracts.vendor_rigs.atera import RIG
from tests.sandbox.rmm_desk import make_world


@pytest.fixture
def bench(serve_tls: Callable[[web.Application], str], ca_file: Path) -> Iterator[Bench]:
    made = Bench.make(RIG, make_world(RIG.key), serve_tls, ca_file)
    yield made
    made.close()


def account(bench: Bench, **more: Any) -> AteraAccount:
    made = bench.account({**RIG.settings, **more})
    assert isinstance(made, AteraAccount)
    return made


def read(bench: Bench, **more: Any) -> RmmReading:
    (reading,) = account(bench, **more).read(bench.bindings()).values()
    return reading


def prove(bench: Bench, **more: Any) -> AccountProof:
    return account(bench, **more).prove(bench.bindings())


def devices(bench: Bench) -> list[Device]:
    (company,) = bench.companies
    return company.devices


def answer(bench: Bench, path: str, body: object) -> None:
    """Answer every request whose path ends so with that body."""

    def intercept(request: web.Request, before: int) -> web.Response | None:
        return web.json_response(body) if request.path.endswith(path) else None

    bench.wire.intercept = intercept


def test_every_windows_machine_is_asked_once_and_again_only_where_nothing_is_missing(
    bench: Bench,
) -> None:
    read(bench)
    paths = [item.path for item in bench.wire.sent]
    asked = sum(path.endswith("/available-patches") for path in paths)
    assert asked == sum(on_windows(device) for device in devices(bench))
    clean = [d for d in devices(bench) if on_windows(d) and not look(d).available]
    assert sum(path.endswith("/installed-patches") for path in paths) == len(clean) > 0


def test_device_that_lists_nothing_at_all_is_not_known(bench: Bench) -> None:
    reading = read(bench, trust_last_seen=True)
    silent = {bench.device_id(d) for d in devices(bench) if not look(d).installed}
    assert silent
    assert reading.rows_known_for == {bench.device_id(d) for d in devices(bench)} - silent
    scanned = {device.id for device in reading.devices if device.last_scan is not None}
    assert scanned == reading.rows_known_for


def test_time_of_the_last_scan_is_not_told_unless_the_contact_is_trusted(bench: Bench) -> None:
    assert {device.last_scan for device in read(bench).devices} == {None}


def test_key_that_may_not_look_at_patches_leaves_devices_shown_and_unread(bench: Bench) -> None:
    limited = SecretStr(LIMITED_API_KEY)
    reading = read(bench, api_key=limited)
    assert len(reading.devices) == len(devices(bench))
    assert (reading.rows_known_for, reading.coverage.covers("missing patches")) == (
        frozenset(),
        False,
    )
    proof = prove(bench, api_key=limited)
    assert [item.name for item in proof.permissions if item.present is Fact.NO] == [
        "available and installed patches"
    ]


def test_check_names_words_that_nobody_knows(bench: Bench) -> None:
    assert {item.present for item in prove(bench).permissions} == {Fact.YES}
    bench.wire.rewrite = {'"Status": "Available"': '"Status": "Deferred"'}
    (strange,) = [item for item in prove(bench).permissions if item.present is Fact.NO]
    assert strange.name == "words for the states of updates"
    assert "Deferred" in strange.remedy


def test_check_that_sees_no_updates_does_not_call_their_words_known(bench: Bench) -> None:
    nobody = [replace(binding, organisation="424242") for binding in bench.bindings()]
    proof = account(bench).prove(nobody)
    assert [item.present for item in proof.permissions] == [Fact.YES, Fact.UNKNOWN, Fact.UNKNOWN]
    assert [item.name for item in proof.organisations] == [None]


def test_agent_without_a_guid_is_one_that_could_not_be_read(bench: Bench) -> None:
    some = next(device for device in devices(bench) if look(device).available)
    bench.wire.rewrite = {f'"DeviceGuid": "{some.uid}"': '"DeviceGuid": null'}
    reading = read(bench)
    (unread,) = reading.coverage.unread
    assert "1 of " in unread.reason
    assert bench.device_id(some) not in reading.rows_known_for


@pytest.mark.parametrize("body", [{}, {"a": [], "b": []}, {"AvailableUpdates": ["x"]}])
def test_answer_that_is_no_list_of_updates_is_not_taken_for_none(
    bench: Bench, body: dict[str, Any]
) -> None:
    answer(bench, "/available-patches", body)
    reading = read(bench)
    assert (reading.rows_known_for, reading.coverage.covers("missing patches")) == (
        frozenset(),
        False,
    )


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"totalPages": 1},
        {"totalPages": "1", "totalItemCount": 0},
        {"totalPages": 1, "totalItemCount": 9},
    ],
)
def test_list_that_is_shorter_than_told_is_not_read(bench: Bench, told: dict[str, Any]) -> None:
    answer(bench, "/agents", {"items": [], **told})
    assert not read(bench).coverage.covers("devices")


def test_preview_names_the_clients_devices_and_counts_nothing(bench: Bench) -> None:
    made, device = account(bench), devices(bench)[0]
    client, wanted = bench.client(bench.companies[0]), bench.device_id(device)
    gone = type(wanted)(f"{made.account}:999999")
    (shown,) = made.preview(client, JobKind.INSTALL, [wanted, gone]).values()
    assert (shown.name, shown.count, shown.patch_keys) == (device.name, None, None)
    for other in ("other:7", f"{made.account}:x"):
        with pytest.raises(VendorNotFound):
            made.preview(client, JobKind.INSTALL, [type(wanted)(other)])


@pytest.mark.parametrize(
    "wrong", [{"requests_per_minute": 0}, {"install": True}, {"api_key": None}]
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"base_url": "https://app.atera.com", "api_key": SecretStr("hidden")}
    assert "hidden" not in repr(AteraSettings(**right))
    with pytest.raises(ValidationError):
        AteraSettings(**{**right, **wrong})
