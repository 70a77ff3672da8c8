"""What Automate's readings may answer against its own documents, and what we make of it."""

from typing import Any

import pytest

from core.domain.patching import PatchState
from core.errors import MalformedAnswer, VendorAuthError
from integrations.rmm.per_device import GIVE_UP_AFTER
from tests.integrations.rmm.automate.server import (
    BASE,
    BINDING,
    HISTORY,
    TOKEN,
    Server,
    attempt,
    computer,
    iso,
    stats,
    update,
)


def test_every_call_carries_the_client_id_and_the_token(server: Server) -> None:
    server.fleet()
    server.account().api.computers()
    assert {item.headers["clientid"] for item in server.seen} == {"guid"}
    sign_in, *calls = server.seen
    assert sign_in.body == {"Username": "reader", "Password": "x"}
    assert {item.headers["authorization"] for item in calls} == {"Bearer t"}


def test_refused_token_is_asked_for_again_once_and_no_more(server: Server) -> None:
    server.says(f"{BASE}/Clients", {"Message": "denied"}, status=401)
    with pytest.raises(VendorAuthError):
        server.account().api.clients()
    assert (server.count(TOKEN), server.count(f"{BASE}/Clients")) == (2, 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_user_automate_does_not_take_is_a_refused_credential(server: Server, status: int) -> None:
    server.says(TOKEN, "The username or password is incorrect.", status=status, method="POST")
    with pytest.raises(VendorAuthError) as caught:
        server.account().api.clients()
    assert "secret in password" in caught.value.remedy


def test_user_with_a_second_factor_is_told_what_to_do(server: Server) -> None:
    server.says(TOKEN, {"AccessToken": None, "IsTwoFactorRequired": True}, method="POST")
    proof = server.account().prove([BINDING])
    assert "second factor" in (proof.problem or "")
    assert "two-factor" in proof.remedy


def test_server_that_knows_no_pages_gives_each_row_once(server: Server) -> None:
    server.says(f"{BASE}/Clients", [{"Id": "12", "Name": "Rimu"}])
    assert len(server.account().api.clients()) == 1
    assert server.count(f"{BASE}/Clients") == 2


def test_page_shorter_than_asked_for_ends_nothing(server: Server) -> None:
    pages = {"1": [{"Id": 1}, {"Id": 2}], "2": [{"Id": 3}], "3": []}
    server.answers["GET", f"{BASE}/Clients"] = lambda request: (200, pages[request.query["page"]])
    assert [row["Id"] for row in server.account().api.clients()] == [1, 2, 3]
    assert server.seen[1].query == {"orderBy": "Id asc", "page": "1", "pageSize": "1000"}


def test_list_that_never_ends_is_malformed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.automate.api._MAX_PAGES", 5)
    server.answers["GET", f"{BASE}/Clients"] = lambda request: (
        200,
        [{"Id": request.query["page"]}],
    )
    with pytest.raises(MalformedAnswer, match="does not end"):
        server.account().api.clients()


@pytest.mark.parametrize("body", [{}, None, [1], "no", [{"Name": "no id"}], [{"Id": "x"}]])
def test_list_that_is_no_list_is_not_read(server: Server, body: Any) -> None:
    server.fleet(computer(412))
    server.says(f"{BASE}/Clients", body)
    assert not server.reading().coverage.covers("devices")


def test_updates_end_with_the_number_the_stats_count(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(1, installed=1), [update(500001), update(500002, installed=True)])
    assert len(server.reading().patches) == 1
    assert server.count(f"{BASE}/Computers/412/MicrosoftUpdates") == 1


def test_computer_that_misses_nothing_is_not_asked_for_its_updates(server: Server) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(412, stats(0, installed=9))
    server.patching(413, stats(1), [update(500001)])
    reading = server.reading()
    assert reading.rows_known_for == {"cwa:412", "cwa:413"}
    assert server.count(f"{BASE}/Computers/412/MicrosoftUpdates") == 0


def test_software_is_asked_about_where_some_is_behind_and_in_no_way_of_the_systems_updates(
    server: Server,
) -> None:
    server.fleet(computer(412), computer(413))
    counts = {"CompliantSoftwareCount": 0, "NonCompliantSoftwareCount": 1}
    server.patching(412, stats(1, **counts), [update(500001)])
    server.patching(413, stats(0))
    row = {
        "Title": "Google Chrome", "InstalledVersion": "142.0", "ApprovedVersion": "143.0",
        "IsCompliant": False, "IsNonCompliant": True, "PolicyApproval": {"Name": "Approve"},
    }  # fmt: skip
    server.lists("Computers/412/ThirdPartyPatches", [row])
    assert [patch.name for patch in server.reading().patches] == ["KB500001", "Google Chrome 143.0"]
    assert server.count(f"{BASE}/Computers/412/ThirdPartyPatches") == 1
    assert server.count(f"{BASE}/Computers/413/ThirdPartyPatches") == 0
    server.says(f"{BASE}/Computers/412/ThirdPartyPatches", {"Message": "No rights"}, status=403)
    reading = server.reading()
    assert [patch.name for patch in reading.patches] == ["KB500001"]
    assert [item.what for item in reading.coverage.unread] == ["third-party updates"]
    assert reading.rows_known_for == {"cwa:412", "cwa:413"}
    assert reading.software_unread == {"cwa:412"}


def test_what_a_clean_computer_installed_lately_is_in_the_history(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(0, installed=9))
    server.lists("PatchHistory", [attempt(500001, -30), attempt(500002, -29, result=4)])
    (patch,) = server.reading().patches
    assert (patch.kb, patch.state) == ("KB500001", PatchState.INSTALLED)
    asked = next(item for item in server.seen if item.path == HISTORY)
    assert asked.query["condition"] == f"ActionDate >= {iso(-7 * 24)}"


def test_history_that_cannot_be_read_is_said_and_costs_nothing_else(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(1), [update(500001)])
    server.says(HISTORY, {"Message": "The condition could not be parsed"}, status=400)
    reading = server.reading()
    assert [item.what for item in reading.coverage.unread] == ["installs"]
    assert len(reading.patches) == 1
    assert reading.rows_known_for == {"cwa:412"}


def test_fewer_updates_than_counted_are_not_all(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, stats(3), [update(500001)])
    reading = server.reading()
    assert reading.rows_known_for == frozenset()
    assert len(reading.patches) == 1


@pytest.mark.parametrize(
    ("told", "updates", "known"),
    [
        (stats(1), [update(500001)], True),
        (stats(0), [], False),
        (stats(0, NoPatchInventory=True), [], False),
        (stats(1, LastPatchInventory="0001-01-01T00:00:00"), [update(500001)], False),
    ],
)
def test_offline_computer_is_known_by_what_it_lists_and_not_by_listing_nothing(
    server: Server, told: dict[str, Any], updates: list[Any], known: bool
) -> None:
    server.fleet(computer(412, Status="Offline"))
    server.patching(412, told, updates)
    assert bool(server.reading().rows_known_for) is known


def test_counts_that_are_not_told_are_looked_after(server: Server) -> None:
    server.fleet(computer(412))
    server.patching(412, {**stats(), "MissingPatchCount": None}, [update(500001)])
    reading = server.reading()
    assert len(reading.patches) == 1
    assert reading.rows_known_for == {"cwa:412"}


def test_one_computer_that_cannot_be_read_is_counted_and_the_others_are_read(
    server: Server,
) -> None:
    server.fleet(computer(412), computer(413))
    server.patching(413, stats(1), [update(500001)])
    reading = server.reading()
    assert len(reading.devices) == 2
    assert reading.rows_known_for == {"cwa:413"}
    (unread,) = reading.coverage.unread
    assert unread.what == "missing patches"
    assert unread.reason.startswith("Could not be read for 1 of 2 devices: HTTP 404")


def test_server_in_trouble_is_not_asked_about_every_computer(server: Server) -> None:
    server.fleet(*(computer(number) for number in range(400, 460)))
    for number in range(400, 460):
        server.says(f"{BASE}/Computers/{number}/PatchingStats", {}, status=500)
    reading = server.reading()
    assert "for 60 of 60 devices" in reading.coverage.unread[0].reason
    asked = sum(item.path.endswith("PatchingStats") for item in server.seen)
    assert GIVE_UP_AFTER <= asked <= GIVE_UP_AFTER + 2


def test_computers_of_other_clients_are_not_asked_about(server: Server) -> None:
    server.fleet(computer(412), computer(500, Client={"Id": 13}))
    server.patching(412, stats())
    assert [device.vendor_id for device in server.reading().devices] == ["412"]
    assert server.count(f"{BASE}/Computers/500/PatchingStats") == 0
