"""Asking about device after device: a few at a time, everything answered for, and an end to asking in vain."""

import threading
import time

from core.errors import VendorDown, VendorNotFound
from integrations.rmm.per_device import GIVE_UP_AFTER, ask_each
from tests.patience import PATIENCE_S


def test_every_key_is_asked_about_once() -> None:
    seen: list[int] = []

    def double(key: int) -> int:
        seen.append(key)
        return 2 * key

    asked = ask_each([3, 1, 2, 3], double, at_once=2)
    assert asked.found == {1: 2, 2: 4, 3: 6}
    assert asked.failed == {}
    assert sorted(seen) == [1, 2, 3]


def test_no_more_are_asked_about_at_once_than_allowed() -> None:
    lock, now, most = threading.Lock(), 0, 0
    three = threading.Barrier(3, timeout=PATIENCE_S)

    def watched(_: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        three.wait()
        time.sleep(0.01)
        with lock:
            now -= 1

    ask_each(range(12), watched, at_once=3)
    assert most == 3


def test_some_failures_keep_nothing_from_being_asked() -> None:
    def odd_only(key: int) -> int:
        if key % 10 == 0:
            raise VendorNotFound("V", f"no {key}")
        return key

    asked = ask_each(range(40), odd_only, at_once=3)
    assert set(asked.failed) == {0, 10, 20, 30}
    assert len(asked.found) == 36
    assert asked.failed[30].reason == "no 30"


def test_devices_that_are_gone_keep_no_other_from_being_asked_about() -> None:
    def gone(key: int) -> int:
        if key < 2 * GIVE_UP_AFTER:
            raise VendorNotFound("V", f"no {key}")
        return key

    asked = ask_each(range(100), gone, at_once=3)
    assert set(asked.failed) == set(range(2 * GIVE_UP_AFTER))
    assert asked.troubles == []


def test_vendor_in_trouble_is_left_alone_and_every_key_has_a_reason() -> None:
    calls: list[int] = []

    def down(key: int) -> int:
        calls.append(key)
        raise VendorDown("V", "away")

    asked = ask_each(range(100), down, at_once=3)
    assert set(asked.failed) == set(range(100))
    assert {failure.reason for failure in asked.failed.values()} == {"away"}
    assert GIVE_UP_AFTER <= len(calls) <= GIVE_UP_AFTER + 2


def test_nothing_to_ask_is_nothing_asked() -> None:
    asked = ask_each(list[int](), lambda key: key, at_once=3)
    assert (asked.found, asked.failed) == ({}, {})
