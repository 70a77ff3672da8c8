"""Everything that is kept comes back as it was."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.domain.digest import Digest, Numbers
from core.domain.events import Event, PersonNeeded
from core.domain.findings import Snapshot
from core.domain.remediation import Plan, Request
from core.ports import Freeze, Post, Received
from storage.codec import (
    canonical,
    decode,
    decode_event,
    encode,
    from_bytes,
    plain,
    to_bytes,
)
from tests.storage.domain_strategies import of
from tests.storage.making import requested

KEPT = (Request, Snapshot, Plan, Digest, Numbers, Freeze, Post, Received)
careful = settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("kind", KEPT)
@careful
@given(data=st.data())
def test_what_is_kept_comes_back_equal(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(of(kind))
    assert decode(kind, json.loads(canonical(encode(value)))) == value
    assert from_bytes(kind, to_bytes(value)) == value


@pytest.mark.parametrize("kind", get_args(Event))
@careful
@given(data=st.data())
def test_every_event_comes_back_as_its_own_kind(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(of(kind))
    back = decode_event(json.loads(canonical(encode(event))))
    assert type(back) is kind
    assert back == event


def test_an_event_of_unknown_type_is_refused() -> None:
    with pytest.raises(ValidationError):
        decode_event({"type": "vanished", "at": "2026-11-22T09:00:00Z"})


def test_a_field_added_later_takes_its_default_and_one_removed_is_passed_over() -> None:
    data = encode(requested())
    del data["plan"]["warnings"]
    data["plan"]["colour"] = "blue"
    assert decode_event(data) == requested()


OLD_PLAN = {
    "client": "acme",
    "client_name": "Acme Dental",
    "account": "entra",
    "action": "step_back_policy",
    "direction": "lowers",
    "options": {"when": "now", "revoke_sessions": False, "include_without_method": False},
    "targets": [{"id": "policy-1", "name": "MFA for all", "weight": 25, "is_admin": True}],
    "change": {
        "type": "set_policy_state",
        "policy_id": "policy-1",
        "name": "MFA for all",
        "before": "enabled",
        "after": "report_only",
        "fingerprint": "f00",
        "essence": "e00",
        "add_excluded": [],
        "sample": None,
    },
    "undo_of": "R00001",
    "made_at": "2026-10-01T09:00:00Z",
}
OLD_DIGEST = "c545903728ed95daafd4f35bec81fe17deb3e0aca8b232bc856c5deb1c76da8f"


def test_a_request_of_an_older_version_loads_and_what_was_approved_of_it_still_holds() -> None:
    """All that has come to plans, jobs and steps since is not there."""
    job = {
        "id": "R00002-1",
        "kind": "set_policy_state",
        "account": "entra",
        "client": "acme",
        "targets": ["policy-1"],
        "change": OLD_PLAN["change"],
    }
    request = {
        "id": "R00002",
        "version": 2,
        "state": "pending",
        "plan": OLD_PLAN,
        "digest": OLD_DIGEST,
        "requester": "tess",
        "requester_name": "Tess",
        "reason": "It refuses the scanners.",
        "created_at": "2026-10-01T09:00:00Z",
        "expires_at": "2026-10-01T10:00:00Z",
        "approvals_needed": 2,
        "steps": [{"target": "policy-1"}],
        "jobs": [job],
    }
    back = decode(Request, request)
    assert back.plan.digest == back.digest == OLD_DIGEST
    assert back.jobs[0].change == back.plan.change


def test_times_of_other_zones_stay_the_same_moment() -> None:
    at = datetime(2026, 11, 22, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    back = decode(PersonNeeded, encode(PersonNeeded(at=at, note="")))
    assert back.at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_half_a_surrogate_pair_from_outside_does_not_stop_the_record() -> None:
    event = PersonNeeded(at=datetime(2026, 11, 22, tzinfo=UTC), note="cut \ud83d here")
    assert decode_event(json.loads(canonical(encode(event)))) == event
    assert from_bytes(PersonNeeded, to_bytes(event)) == event
    assert b"\\ud83d" in canonical(encode(event))


def test_canonical_json_is_one_sorted_ascii_line() -> None:
    text = canonical({"b": "line\nbreak \u2028", "a": [1, None, True], "ä": {"z": 1, "y": 2}})
    assert text == (b'{"a":[1,null,true],"b":"line\\nbreak \\u2028","\\u00e4":{"y":2,"z":1}}')


def test_numbers_json_cannot_say_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"share": float("nan")})


def test_what_json_has_no_word_for_becomes_text() -> None:
    assert plain({"why": ValueError("odd"), "ids": frozenset({"a"})}) == {
        "why": "odd",
        "ids": ["a"],
    }
