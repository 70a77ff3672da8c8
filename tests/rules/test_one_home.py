"""A machine that two clients' organisations list is shown under the one it belongs to, and told of at both."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.clients import ClientKey
from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, DeviceVerdict, PatchSection, Snapshot
from core.domain.patching import CountStatus, DeviceId, DeviceKind
from core.rules.one_home import LEFT_AFTER, kept_away, settled
from core.rules.serials import telling
from tests.rendering import making as make
from tests.rules.fleets import counts

SEEN = datetime(2026, 11, 23, 7, tzinfo=UTC)
ACME, BETA = ClientKey("acme"), ClientKey("beta")


def in_ninja(*lines: Any, **facts: Any) -> DeviceVerdict:
    here = {"device_id": DeviceId("ninja:1"), "serial": "PF3X9Q2L", "last_seen": SEEN}
    return make.device(facts.pop("name", "WS-014"), *lines, **(here | facts))


def in_datto(*lines: Any, **facts: Any) -> DeviceVerdict:
    here = {"device_id": DeviceId("datto:9"), "account": "datto"}
    return in_ninja(*lines, **(here | facts))


def snapshot(client: ClientKey, *devices: DeviceVerdict, **facts: Any) -> Snapshot:
    return Snapshot(client=client, patches=make.patches(*devices, **facts))


def sections(*snapshots: Snapshot) -> Mapping[ClientKey, PatchSection]:
    found = {s.client: s.patches for s in settled(snapshots)}
    return {client: section for client, section in found.items() if section is not None}


def homes(*snapshots: Snapshot) -> list[ClientKey]:
    return [client for client, section in sections(*snapshots).items() if section.devices]


def test_a_machine_that_two_clients_list_is_shown_once_with_both_sources() -> None:
    after = sections(snapshot(ACME, in_ninja()), snapshot(BETA, in_datto()))
    (shown,), (other,) = after[ACME].devices, after[BETA].elsewhere
    assert (shown.account, shown.also_in, shown.also_under) == ("ninja", ("datto",), (BETA,))
    assert (other.account, other.also_under) == ("datto", (ACME,))
    assert after[BETA].devices == ()


def test_the_client_that_sees_it_now_has_it_whatever_its_domain() -> None:
    old = in_ninja(domain="acme.example", last_seen=SEEN - LEFT_AFTER)
    left = snapshot(ACME, old, main_domain="acme.example")
    assert homes(left, snapshot(BETA, in_datto(domain="acme.example"))) == [BETA]


def test_an_account_that_cannot_be_read_does_not_lose_its_machine() -> None:
    seen = SEEN - LEFT_AFTER
    unread = in_ninja(domain="acme.example", last_seen=seen, read_at=seen)
    ours = snapshot(ACME, unread, main_domain="acme.example")
    theirs = in_datto(domain="acme.example", read_at=SEEN)
    assert homes(ours, snapshot(BETA, theirs)) == [ACME]
    read = replace(unread, read_at=SEEN)
    left = snapshot(ACME, read, main_domain="acme.example")
    assert homes(left, snapshot(BETA, theirs)) == [BETA]


def test_seen_at_both_it_belongs_to_the_client_whose_domain_it_is_in() -> None:
    facts = {"domain": "beta.example"}
    newer = snapshot(ACME, in_ninja(**facts))
    older = in_datto(last_seen=SEEN - timedelta(days=1), **facts)
    assert homes(newer, snapshot(BETA, older, main_domain="beta.example")) == [BETA]


def test_rows_tell_more_than_counts_and_nothing_else_makes_a_machine_change_its_client() -> None:
    counted = in_ninja(counts=counts(CountStatus.MISSING))
    assert homes(snapshot(ACME, counted), snapshot(BETA, in_datto())) == [BETA]
    later = in_datto(last_seen=SEEN + timedelta(hours=1), overdue=Fact.YES)
    assert homes(snapshot(ACME, in_ninja()), snapshot(BETA, later)) == [ACME]


def test_what_is_wrong_at_the_other_client_is_wrong() -> None:
    failed = frozenset({DeviceTrouble.INSTALL_FAILED})
    late = in_datto(make.line(), troubles=failed)
    after = sections(snapshot(ACME, in_ninja(overdue=Fact.NO)), snapshot(BETA, late))
    (shown,) = after[ACME].devices
    assert (shown.overdue, shown.lines, shown.troubles) == (Fact.YES, late.lines, failed)
    assert shown.device_id == "ninja:1"


def test_a_leftover_listing_says_nothing_of_the_machine() -> None:
    left = in_datto(make.line(), last_seen=SEEN - LEFT_AFTER)
    after = sections(snapshot(ACME, in_ninja(overdue=Fact.NO)), snapshot(BETA, left))
    (shown,) = after[ACME].devices
    assert (shown.overdue, shown.also_in, shown.last_seen) == (Fact.NO, ("datto",), SEEN)


def test_its_full_name_in_one_clients_domain_is_proof_where_no_serial_number_is_told() -> None:
    facts = {"domain": "acme.example", "serial": None}
    ours = snapshot(ACME, in_ninja(**facts), main_domain="acme.example")
    assert homes(ours, snapshot(BETA, in_datto(**facts))) == [ACME]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"serial": None}, {"serial": None}),
        ({}, {"serial": "PF3X9Q2M"}),
        ({"serial": "Default string"}, {"serial": "Default string"}),
        ({}, {"kind": DeviceKind.SERVER}),
        ({}, {"name": "WS-015", "account": "ninja"}),
        ({"domain": "corp.local", "serial": None}, {"domain": "corp.local", "serial": None}),
    ],
    ids=["a name alone", "other serials", "a filler", "another kind", "one RMM", "anyone's domain"],
)
def test_what_may_be_two_machines_stays_two(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    one = snapshot(ACME, in_ninja(**ours), main_domain=ours.get("domain"))
    both = (one, snapshot(BETA, in_datto(**theirs)))
    assert settled(both) == both


def test_two_machines_of_one_client_with_one_serial_number_are_no_proof() -> None:
    twice = snapshot(ACME, in_ninja(), in_ninja(device_id="ninja:2"))
    both = (twice, snapshot(BETA, in_datto()))
    assert settled(both) == both


def test_to_settle_again_changes_nothing() -> None:
    joined_here = [in_ninja(), in_datto(device_id="vsa:3", account="vsa"), make.device("WS-020")]
    once = settled((snapshot(ACME, *joined_here), snapshot(BETA, in_datto())))
    assert settled(once) == once
    (shown,) = (d for d in _patches(once[0]).devices if d.joined)
    assert set(shown.also_in) | {shown.account} == {"ninja", "vsa", "datto"}


def test_machines_that_are_listed_twice_keep_their_place_among_the_others() -> None:
    late = in_ninja(make.line())
    calm = make.device("WS-001", device_id=DeviceId("ninja:7"), overdue=Fact.NO)
    once = settled((snapshot(ACME, late, calm), snapshot(BETA, in_datto())))
    assert [device.name for device in _patches(once[0]).devices] == ["WS-014", "WS-001"]
    assert settled(once) == once


def test_listings_that_are_tied_together_one_by_one_are_one_machine() -> None:
    """By its id to one client, by its serial number to another."""
    gamma = ClientKey("gamma")
    here = in_ninja(serial=None)
    there = in_ninja()
    after = sections(snapshot(ACME, here), snapshot(gamma, in_datto()), snapshot(BETA, there))
    assert [d.also_under for d in after[ACME].devices] == [(BETA, gamma)]
    assert [len(after[client].elsewhere) for client in (BETA, gamma)] == [1, 1]


def test_a_machine_comes_back_once_the_other_client_lists_it_no_more() -> None:
    ours, theirs = settled((snapshot(ACME, in_ninja()), snapshot(BETA, in_datto())))
    gone, back = settled((Snapshot(client=ACME, patches=make.patches()), theirs))
    assert _patches(gone).devices == ()
    assert _patches(back) == make.patches(in_datto())
    alone, _ = settled((ours, Snapshot(client=BETA)))
    assert _patches(alone) == make.patches(in_ninja())


def test_a_fresh_reading_does_not_show_it_twice_for_a_while() -> None:
    _, theirs = settled((snapshot(ACME, in_ninja()), snapshot(BETA, in_datto())))
    fresh = kept_away(make.patches(in_datto(), make.device("WS-020")), _patches(theirs))
    assert [device.name for device in fresh.devices] == ["WS-020"]
    assert fresh.elsewhere == _patches(theirs).elsewhere


@pytest.mark.parametrize(
    "filler", [None, "", "0", "N/A", "00000000", "12345678", "To be filled by O.E.M."]
)
def test_a_makers_filler_is_no_serial_number(filler: str | None) -> None:
    assert telling(filler) is None


def test_a_serial_number_is_the_same_however_it_is_written() -> None:
    assert telling("VMware-56 4d 2a") == telling("vmware-564d2a")


def _patches(of: Snapshot) -> PatchSection:
    assert of.patches is not None
    return of.patches
