"""A machine in two RMMs is one device, and no device begins anew because it came under a new id."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.clients import ClientKey
from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import CountStatus, DeviceId, DeviceKind, LineHistory, ProductLine
from core.rules.inheritance import inherit, lines_by_serial, newcomers
from core.rules.same_device import shown_once
from tests.rendering import making as make
from tests.rules.fleets import START, counts, cumulative, day, device, reading

SEEN = datetime(2026, 11, 23, 7, tzinfo=UTC)


def in_ninja(*lines: Any, **facts: Any) -> DeviceVerdict:
    return make.device("WS-014", *lines, **facts)


def in_datto(*lines: Any, **facts: Any) -> DeviceVerdict:
    here = {"device_id": DeviceId("datto:9"), "account": "datto"}
    return make.device(facts.pop("name", "WS-014"), *lines, **(here | facts))


def joined(*devices: DeviceVerdict) -> PatchSection:
    return shown_once(make.patches(*devices))


def test_a_machine_in_two_rmms_is_shown_once_with_both() -> None:
    section = joined(in_ninja(), in_datto(name="ws-014"))
    (only,) = section.devices
    assert {only.account, *only.also_in} == {"ninja", "datto"}
    assert len(section.by_account()) == 2


def test_overdue_at_one_source_is_overdue() -> None:
    late = in_datto(make.line())
    (only,) = joined(in_ninja(overdue=Fact.NO), late).devices
    assert (only.overdue, only.lines, only.account) == (Fact.YES, late.lines, "datto")


def test_the_source_that_tells_most_is_believed() -> None:
    counted = in_datto(
        counts=counts(CountStatus.MISSING),
        overdue=Fact.UNKNOWN,
        troubles=frozenset({DeviceTrouble.COUNTS_ONLY}),
    )
    (only,) = joined(counted, in_ninja(overdue=Fact.NO)).devices
    assert (only.overdue, only.troubles, only.account) == (Fact.NO, frozenset(), "ninja")


def test_trouble_at_either_source_is_trouble() -> None:
    quiet = in_datto(troubles=frozenset({DeviceTrouble.NO_RECENT_SCAN}), online=Fact.NO)
    (only,) = joined(in_ninja(last_seen=SEEN - timedelta(days=3)), quiet).devices
    assert only.troubles == {DeviceTrouble.NO_RECENT_SCAN}
    assert (only.online, only.last_seen) == (Fact.YES, quiet.last_seen)


@pytest.mark.parametrize(
    "other",
    [
        in_datto(name="WS-015"),
        in_datto(account="ninja"),
        in_datto(kind=DeviceKind.SERVER),
        in_datto(domain="elsewhere.example"),
        in_datto(serial="PF3X9Q2M"),
    ],
    ids=["another name", "the same account", "another kind", "another domain", "another serial"],
)
def test_what_may_be_two_machines_stays_two(other: DeviceVerdict) -> None:
    section = joined(in_ninja(domain="acme.example", serial="PF3X9Q2L"), other)
    assert len(section.devices) == 2
    assert section.apart == ()


def test_joining_again_changes_nothing() -> None:
    once = joined(in_ninja(make.line()), in_datto(), make.device("WS-020"))
    assert shown_once(once) == once


# Coming under a new id.


LINE = ProductLine("Edge")


def history_of(*ids: str) -> dict[DeviceId, dict[ProductLine, LineHistory]]:
    """One line each, missing since a day of its own."""
    return {
        DeviceId(key): {LINE: LineHistory(missing_since=START + timedelta(days=sum(key.encode())))}
        for key in ids
    }


def inherited(history: Any, new: Any, **facts: Any) -> Any:
    usual: dict[str, Any] = {
        "elsewhere": [],
        "before": None,
        "accounts": {"ninja"},
        "by_serial": {},
    }
    return inherit(history, new, **(usual | facts))


def test_a_device_that_moved_between_clients_keeps_its_history() -> None:
    (new,) = newcomers({}, [reading(START, [device()])])
    found = inherited({}, [new], elsewhere=[history_of("ninja:1")])
    assert found == history_of("ninja:1")


def test_a_renamed_account_and_another_rmm_keep_the_history_of_a_name() -> None:
    before = make.patches(make.device("ACME-WS-001", device_id="old:7", account="old"))
    found = inherited(history_of("old:7"), [device()], before=before)
    assert found[DeviceId("ninja:1")] == history_of("old:7")[DeviceId("old:7")]


@pytest.mark.parametrize(
    ("names", "accounts"),
    [(("ACME-WS-001",), {"old", "ninja"}), (("ACME-WS-001", "acme-ws-001"), {"ninja"})],
    ids=["the account is still there", "two had that name"],
)
def test_a_name_alone_is_no_proof(names: tuple[str, ...], accounts: set[str]) -> None:
    before = make.patches(
        *[make.device(n, device_id=f"old:{i}", account="old") for i, n in enumerate(names)]
    )
    known = history_of("old:0", "old:1")
    assert inherited(known, [device()], before=before, accounts=accounts) == known


def test_a_device_that_was_set_up_anew_keeps_the_history_of_its_serial_number() -> None:
    before = make.device("OLD-NAME", device_id="old:7", account="old", serial="PF3X9Q2L")
    was = Snapshot(
        client=ClientKey("beta"), patches=make.patches(before), history=history_of("old:7")
    )
    known = lines_by_serial([was])
    again = inherited({}, [device(serial="pf3x9q2l")], by_serial=known)
    assert list(again.values()) == list(history_of("old:7").values())
    assert inherited({}, [device(serial="PF3X9Q2M")], by_serial=known) == {}


def test_two_names_with_one_serial_number_hand_no_history_on() -> None:
    both = [make.device(n, device_id=f"old:{n}", serial="PF3X9Q2L") for n in ("A", "B")]
    history = history_of("old:A", "old:B")
    was = Snapshot(client=ClientKey("beta"), patches=make.patches(*both), history=history)
    assert lines_by_serial([was]) == {}


def test_a_device_that_is_known_is_no_newcomer() -> None:
    read = reading(day(8, 12), [device()], [cumulative("2026-08")])
    assert newcomers(history_of("ninja:1"), [read]) == ()
