"""The devices of the fictional estate: believable, reproducible, and with every awkward case among them."""

import copy
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from sandbox.estate.companies import HAND_MADE, Outline
from sandbox.estate.devices import grow_devices
from sandbox.estate.grow import grown_outlines
from sandbox.estate.model import Device, Update
from sandbox.estate.releases import monthly, patch_day, patch_days
from sandbox.estate.systems import SYSTEMS, WINDOWS_11_25H2, system_of
from sandbox.rmm.agenda import Agenda
from sandbox.rmm.installs import attempt, same_line, waiting

#: The day before a patch day, the morning and evening of one, two weeks after, month and year ends.
MOMENTS = [
    datetime(2026, 11, 9, 9, tzinfo=UTC),
    datetime(2026, 11, 10, 9, tzinfo=UTC),
    datetime(2026, 11, 10, 20, tzinfo=UTC),
    datetime(2026, 11, 24, 9, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2027, 1, 1, 0, 1, tzinfo=UTC),
]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def grow_all(now: datetime = NOW, seed: int = 7) -> dict[str, list[Device]]:
    return {o.key: grow_devices(o, Random(f"{seed}/{o.key}"), now) for o in HAND_MADE}


def flat(now: datetime = NOW) -> list[Device]:
    return [device for devices in grow_all(now).values() for device in devices]


def of(device: Device, state: str, kind: str = "cumulative") -> list[Update]:
    return [u for u in device.updates if u.state == state and u.kind == kind]


def test_the_same_seed_and_moment_give_the_same_devices() -> None:
    assert grow_all() == grow_all()
    assert grow_all() != grow_all(seed=8)


def test_each_company_has_the_devices_its_outline_says() -> None:
    grown = grow_all()
    for outline in HAND_MADE:
        devices = grown[outline.key]
        assert sum(device.server for device in devices) == outline.servers
        assert len(devices) == outline.servers + outline.workstations


def test_numbers_and_uids_are_distinct_over_hand_made_and_grown_companies() -> None:
    outlines = [*HAND_MADE, *grown_outlines(7, 40)]
    devices = [d for o in outlines for d in grow_devices(o, Random(o.key), NOW)]
    assert len({device.number for device in devices}) == len(devices)
    assert len({device.uid for device in devices}) == len(devices)
    assert all(0 < device.number < 2**31 for device in devices)


@pytest.mark.parametrize("workstations", [0, 1, 2, 5])
def test_a_tiny_company_can_be_grown(workstations: int) -> None:
    outline = Outline(
        key="tiny", name="Tiny Tools", domain="tiny.example", channel="tiny", time_zone="UTC",
        users=3, workstations=workstations, servers=12, rmm="datto", licence="free",
    )  # fmt: skip
    devices = grow_devices(outline, Random(1), NOW)
    assert len({device.name for device in devices}) == len(devices) == workstations + 12


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2026, 9, 8), (2026, 11, 10), (2026, 12, 8), (2025, 7, 8), (2027, 6, 8)],
)
def test_patch_day_is_the_second_tuesday(year: int, month: int, day: int) -> None:
    assert patch_day(year, month) == date(year, month, day)
    assert patch_day(year, month).weekday() == 1


def test_updates_are_out_on_patch_day_at_ten_in_the_morning_pacific() -> None:
    assert patch_days(MOMENTS[1], 1) == [date(2026, 10, 13)]
    assert patch_days(MOMENTS[2], 2) == [date(2026, 11, 10), date(2026, 10, 13)]


def test_every_release_has_a_number_of_its_own_that_rises() -> None:
    days = list(reversed(patch_days(NOW, 24)))
    for system in SYSTEMS:
        numbers = [
            r.kb for day in days for r in monthly(system, day) if r.kb and r.kb != "KB890830"
        ]
        assert len(set(numbers)) == len(numbers)
    cumulative = [monthly(WINDOWS_11_25H2, day)[0].kb for day in days]
    assert cumulative == sorted(cumulative, key=str)
    assert all(str(kb).startswith("KB50") for kb in cumulative)


def test_different_systems_never_share_a_number_in_one_month() -> None:
    numbers = Counter(
        r.kb
        for system in SYSTEMS
        for r in monthly(system, date(2026, 11, 10))
        if r.kb != "KB890830"
    )
    del numbers[None]
    assert set(numbers.values()) == {1}


@pytest.mark.parametrize("now", MOMENTS)
def test_some_but_not_most_devices_are_behind_whenever_the_estate_is_made(now: datetime) -> None:
    for key, devices in grow_all(now).items():
        behind = [d for d in devices if d.patch_policy and (of(d, "superseded") or of(d, "failed"))]
        assert 0.04 < len(behind) / len(devices) < 0.2, key


@pytest.mark.parametrize("now", MOMENTS)
def test_nothing_happened_after_now_or_in_a_wrong_order(now: datetime) -> None:
    for device in flat(now):
        assert device.last_boot < device.last_seen <= now
        assert device.last_scan is None or device.last_scan <= device.last_seen
        for update in device.updates:
            assert update.seen_at <= now
            assert update.released <= now.date()
            assert (update.installed_at is not None) == (update.state == "installed")
            assert (update.failed_at is not None) == (update.state == "failed")
            for done_at in (update.installed_at, update.failed_at):
                assert done_at is None or update.seen_at <= done_at <= device.last_seen


def test_no_update_is_listed_twice_on_a_device() -> None:
    for device in flat():
        ids = [update.id for update in device.updates]
        assert len(set(ids)) == len(ids), device.name


def test_there_are_thirty_days_of_installs_spread_over_the_month() -> None:
    installs = [
        u.installed_at
        for d in flat()
        for u in d.updates
        if u.installed_at and u.kind != "definition"
    ]
    days = {moment.date() for moment in installs if NOW - moment < timedelta(days=45)}
    assert len(days) > 20
    assert min(installs) < NOW - timedelta(days=30)


def test_a_device_left_behind_misses_only_the_newest_release_under_its_new_number() -> None:
    behind = [device for device in flat() if len(of(device, "superseded")) >= 2]
    assert behind
    for device in behind:
        listed = [
            u
            for u in device.updates
            if u.kind == "cumulative" and u.state in ("approved", "pending", "rejected")
        ]
        assert [update.released for update in listed] == [date(2026, 11, 10)]
        assert len({u.kb for u in listed + of(device, "superseded")}) >= 3


def test_a_server_out_of_support_misses_nothing_because_nothing_is_offered() -> None:
    legacy = [device for device in flat() if device.server and device.end_of_life]
    assert legacy
    for device in legacy:
        assert "2012 R2" in device.os_name
        offered = {u.kind for u in device.updates if u.state in ("approved", "pending")}
        assert offered <= {"driver", "firmware", "third_party", "definition"}
        newest = max(u.released for u in device.updates if u.kind == "cumulative")
        assert newest == date(2023, 10, 10)


def test_out_of_support_follows_the_makers_dates() -> None:
    for device in flat():
        system = system_of(device.os_name, device.os_build)
        assert device.end_of_life == (NOW.date() > system.supported_until)


@pytest.mark.parametrize("vendor", ["ninjaone", "datto"])
def test_every_awkward_case_is_among_the_devices_of_each_vendor(vendor: str) -> None:
    grown = grow_all()
    devices = [d for o in HAND_MADE if o.rmm == vendor for d in grown[o.key]]
    day = timedelta(days=1)
    cases = {
        "offline for days": [
            d for d in devices if not d.online and d.laptop and NOW - d.last_seen > 2 * day
        ],
        "resting": [d for d in devices if not d.online and NOW - d.last_seen < day],
        "failed": [d for d in devices if of(d, "failed")],
        "will fail": [d for d in devices if any(u.fails for u in of(d, "approved"))],
        "rejected": [d for d in devices if of(d, "rejected")],
        "out of support": [d for d in devices if d.end_of_life and d.server],
        "left behind": [d for d in devices if len(of(d, "superseded")) >= 2 and of(d, "approved")],
        "approval superseded": [
            d
            for d in devices
            if len(months := [u for u in d.updates if u.kind == "cumulative"]) > 1
            and [u.state for u in months[-2:]] == ["approved", "pending"]
        ],
        "waits for restart": [d for d in devices if d.reboot_needed],
        "no policy": [d for d in devices if not d.patch_policy],
        "workstation scan too old": [
            d
            for d in devices
            if d.online and not d.server and d.last_scan and NOW - d.last_scan > 3 * day
        ],
        "domain controller": [d for d in devices if "domain-controller" in d.tags],
        "host": [d for d in devices if "hyper-v-host" in d.tags],
        "guest": [d for d in devices if "hyper-v-guest" in d.tags],
        "protected": [d for d in devices if "protected" in d.tags],
        "in use": [d for d in devices if d.user],
        "mac": [d for d in devices if "macOS" in d.os_name],
        "mention": [d for d in devices if d.name == "<!channel>"],
    }
    assert [name for name, found in cases.items() if not found] == []


def test_servers_too_have_scans_that_are_too_old_and_two_domain_controllers_wait() -> None:
    devices = grow_all()["kestrel"]
    stale = [
        d for d in devices if d.server and d.last_scan and NOW - d.last_scan > timedelta(hours=48)
    ]
    assert stale
    controllers = [d for d in devices if "domain-controller" in d.tags and of(d, "approved")]
    assert len(controllers) == 2


def test_hostile_names_and_names_shared_between_clients() -> None:
    grown = grow_all()
    names = [device.name for device in flat()]
    assert names.count("<!channel>") == len(HAND_MADE) // 3
    assert "<https://evil.example|Approve>" in names
    assert any("\u202e" in name for name in names)
    assert all(any(d.name == "RECEPTION-PC" for d in devices) for devices in grown.values())


def test_most_names_say_client_and_kind() -> None:
    names = [device.name for device in grow_all()["acme-dental"]]
    assert "ACME-DC01" in names
    assert sum(name.startswith(("ACME-WS-", "ACME-LT-")) for name in names) > 50


def test_an_install_supersedes_older_releases_of_its_line_only() -> None:
    device = next(d for d in flat() if len(of(d, "superseded")) >= 2 and of(d, "approved"))
    newest = of(device, "approved")[0]
    older = copy.deepcopy(newest)
    older.title = older.title.replace("2026-11", "2026-10")
    older.released, older.state = date(2026, 10, 13), "rejected"
    other = copy.deepcopy(older)
    other.title, other.kind = "Realtek - Net - 1.2.3", "driver"
    device.updates += [older, other]
    assert attempt(device, newest, NOW)
    assert (older.state, other.state) == ("superseded", "rejected")
    assert device.reboot_needed


def test_lines_differ_in_more_than_numbers() -> None:
    device = next(d for d in flat() if "24H2" in str([u.title for u in d.updates]))
    newest = {u.kind: u for u in device.updates if u.released == date(2026, 11, 10)}
    assert not same_line(newest["cumulative"], newest["dotnet"])
    cumulative = [u for u in device.updates if u.kind == "cumulative"]
    assert same_line(cumulative[0], cumulative[-1])


def test_other_makers_software_waits_apart_from_the_systems_updates() -> None:
    device = next(d for d in flat() if of(d, "approved", "third_party") and of(d, "approved"))
    assert {u.kind for u in waiting(device, software=True)} == {"third_party"}
    assert "third_party" not in {u.kind for u in waiting(device)}


def test_an_agenda_keeps_order_and_passes_the_time_things_were_due() -> None:
    agenda, heard = Agenda(), list[tuple[str, datetime]]()
    soon, later = NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)

    def first(at: datetime) -> None:
        heard.append(("first", at))
        agenda.at(later, lambda at: heard.append(("second", at)))

    agenda.at(soon, first)
    agenda.at(later + timedelta(hours=1), lambda at: heard.append(("never", at)))
    agenda.catch_up(NOW)
    assert heard == []
    agenda.catch_up(later)
    assert heard == [("first", soon), ("second", later)]
