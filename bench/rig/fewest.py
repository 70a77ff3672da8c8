"""What reading a fleet costs at least at each vendor, and what there is to read: facts of its API and of the estate."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import Any

from sandbox.frame.world import World
from sandbox.rmm.action1.rows import missing as action1_missing
from sandbox.rmm.action1.rows import package_rows
from sandbox.rmm.action1.state import State as Action1
from sandbox.rmm.asio.state import State as Asio
from sandbox.rmm.atera.state import State as Atera
from sandbox.rmm.automate.rows import listed as automate_listed
from sandbox.rmm.automate.rows import stats_row, third_party
from sandbox.rmm.automate.state import State as Automate
from sandbox.rmm.datto.state import State as Datto
from sandbox.rmm.ncentral.rows import service_rows
from sandbox.rmm.ncentral.state import State as NCentral
from sandbox.rmm.ninjaone.rows import attempted_patches, current_patches
from sandbox.rmm.ninjaone.state import State as NinjaOne
from sandbox.rmm.syncro.evaluations import on_windows as syncro_windows
from sandbox.rmm.syncro.state import State as Syncro
from sandbox.rmm.tactical.state import State as Tactical
from sandbox.rmm.tactical.words import agent_id, plat
from sandbox.rmm.vsa9.state import State as Vsa9
from sandbox.rmm.vsa9.words import agent_id as vsa9_agent_id
from sandbox.rmm.vsa9.words import on_windows
from sandbox.rmm.vsax.rows import other_rows
from sandbox.rmm.vsax.state import State as Vsax

Row = Mapping[str, Any]

_TOKEN = _LIMIT_CALL = _EMPTY_PAGE = 1


@dataclass(frozen=True, kw_only=True)
class Fewest:
    """The fewest calls a read takes, and how many missing updates the API tells of each device, by its ids.

    Where it has but a word for a device, one stands for "some".
    `lists` are those of them that name the devices; a loop makes those, and `each` more for every device.
    """

    calls: int
    lists: int
    each: int
    missing: Mapping[str, int]

    @property
    def by_loop(self) -> int:
        return self.lists + self.each * len(self.missing)


def pages(rows: int, most: int) -> int:
    """A list without rows takes a call too."""
    return max(1, ceil(rows / most))


def _action1(world: World) -> Fewest:
    """Who misses a version, or what a device misses: whichever is shorter, organisation by organisation.

    No maximum of a page is published; 200 is what Action1's own PowerShell module asks for.
    """
    page, companies = 200, Action1(world).fleet.companies
    lists = _TOKEN + pages(len(companies), page)
    calls = lists
    missing = {d.uid: len(action1_missing(d)) for c in companies for d in c.devices}
    for company in companies:
        lists += pages(len(company.devices), page)
        calls += pages(len(company.devices), page)
        packages = package_rows(company, [u for d in company.devices for u in action1_missing(d)])
        # A device that was never assessed counts nothing, and has to be asked about.
        lacking = [d for d in company.devices if d.last_scan is None or missing[d.uid]]
        if lacking:
            versions = sum(len(row["versions"]) for row in packages)
            calls += pages(len(packages), page) + min(len(lacking), versions)
    return Fewest(calls=calls, lists=lists, each=1, missing=missing)


def _asio(world: World) -> Fewest:
    """Endpoints, heartbeats (which have no pages) and counts of four companies at once, updates of one endpoint."""
    page, at_once, state = 500, 4, Asio(world)
    found = state.tasks.assessments
    missing = {uid: seen.missing if seen is not None else 0 for uid, seen in found.items()}
    lists, counts = _TOKEN + _LIMIT_CALL + 1, 0
    companies = iter(state.fleet.companies)
    while batch := list(islice(companies, at_once)):
        devices = [device for company in batch for device in company.devices]
        lists += pages(len(devices), page)
        counts += 1 + pages(sum(found[device.uid] is not None for device in devices), page)
    calls = lists + counts + sum(map(bool, missing.values()))
    return Fewest(calls=calls, lists=lists, each=1, missing=missing)


def _atera(world: World) -> Fewest:
    """No summary: what a Windows machine lacks is a list of its own, and what it installed, where it lacks nothing."""
    page, state = 50, Atera(world)
    devices = state.fleet.devices
    lists = pages(len(state.fleet.companies), page) + pages(len(devices), page)
    missing = {str(device.number): len(state.looks[device.uid].available) for device in devices}
    windows = [str(device.number) for device in devices if on_windows(device)]
    each = sum(1 if missing[number] else 2 for number in windows)
    return Fewest(calls=lists + each, lists=lists, each=2, missing=missing)


def _automate(world: World) -> Fewest:
    """How many updates a computer misses is told by that computer's stats alone; they are a list of their own.

    Software is asked about where some is behind, or was brought up to date in the last two days.
    """
    page, state, now = 1000, Automate(world), world.clock.now()
    missing, asked = {}, 0
    for device in state.fleet.devices:
        stats = stats_row(device, now, running=False)
        system = stats["MissingPatchCount"] + stats["FailedPatchCount"]
        software = stats["NonCompliantSoftwareCount"] + stats["FailedSoftwareCount"]
        missing[str(device.number)] = system + software
        if not stats["NoPatchInventory"] and system:
            asked += pages(len(automate_listed(device)), page)
        if software or stats["LastThirdPartyPatchedDate"] > (now - timedelta(days=2)).isoformat():
            asked += pages(len(third_party(device)), page)
    since = (now - timedelta(days=7)).isoformat()
    history = sum(row["ActionDate"] >= since for row in state.history.rows())
    lists = _TOKEN + pages(len(state.fleet.companies), page) + pages(len(missing), page)
    calls = lists + pages(history, page) + len(missing) + asked
    return Fewest(calls=calls, lists=lists, each=3, missing=missing)


def _datto(world: World) -> Fewest:
    page, state = 250, Datto(world)
    rows = len(state.device_rows())
    deleted = 1
    lists = (
        _TOKEN + _LIMIT_CALL + pages(rows, page) + pages(len(state.fleet.companies) + deleted, page)
    )
    missing = {uid: seen.approved + seen.not_approved for uid, seen in state.jobs.audits.items()}
    return Fewest(calls=lists, lists=lists, each=1, missing=missing)


def _ncentral(world: World) -> Fewest:
    """A word for each machine, told by that machine's services alone, which have no pages."""
    page, state, now = 200, NCentral(world), world.clock.now()
    companies, devices = state.fleet.companies, state.fleet.devices
    printers = len(companies)
    lists = _TOKEN + pages(len(companies), page) + pages(len(devices) + printers, page)
    missing = {
        str(device.number): sum(
            row["moduleName"] == "Patch Status v2" and row["stateStatus"] in ("Failed", "Warning")
            for row in service_rows(device, now)
        )
        for device in devices
    }
    return Fewest(calls=lists + len(devices), lists=lists, each=1, missing=missing)


def _ninjaone(world: World) -> Fewest:
    """Lists and reports over the whole fleet, each ended by an empty page; the log of activities by a short one.

    No maximum of a report's page is published; 5,000 is what NinjaOne's own toolkit asks for. The log is
    read for devices without rows: it alone tells that they were scanned.
    """
    page, report, log, state = 1000, 5000, 1000, NinjaOne(world)
    devices, now = state.fleet.devices, world.clock.now()
    listed = {str(d.number): len(current_patches(d, software=False)) for d in devices}
    software = {str(d.number): len(current_patches(d, software=True)) for d in devices}
    installs = [row for d in devices for row in attempted_patches(d, software=False)]
    others = [row for d in devices for row in attempted_patches(d, software=True)]
    lately = now - timedelta(days=60)
    scans = sum(
        line.code == "PATCH_MANAGEMENT_SCAN_COMPLETED"
        and line.at > now - timedelta(days=4)
        and not listed[str(line.device.number)]
        for _, line in state.activities.newest_first(None, None)
    )
    reports = (
        len(devices),
        sum(listed.values()),
        _since(installs, now - timedelta(days=90), "FAILED"),
        _since(installs, lately, "INSTALLED"),
        sum(software.values()),
        _since(others, lately),
    )
    lists = _TOKEN + pages(len(state.fleet.companies), page) + pages(len(devices), page)
    lists += 2 * _EMPTY_PAGE
    calls = lists + sum(pages(rows, report) + _EMPTY_PAGE for rows in reports) + pages(scans, log)
    missing = {number: listed[number] + software[number] for number in listed}
    return Fewest(calls=calls, lists=lists, each=4, missing=missing)


def _since(rows: Iterable[Row], moment: datetime, *statuses: str) -> int:
    """How many attempts are younger; of some statuses, where any is named."""
    return sum(
        row["installedAt"] > moment.timestamp() and (not statuses or row["status"] in statuses)
        for row in rows
    )


def _syncro(world: World) -> Fewest:
    """Pages of a fixed size, no summary: the updates of each Windows machine are a list of its own."""
    page, updates, state = 25, 50, Syncro(world)
    companies, devices = state.fleet.companies, state.fleet.devices
    printers = len(companies)
    lists = pages(len(companies), page) + pages(len(devices) + printers, page)
    missing = {str(d.number): len(state.evaluations[d.uid].available) for d in devices}
    windows = [str(device.number) for device in devices if syncro_windows(device)]
    calls = lists + sum(pages(missing[number], updates) for number in windows)
    return Fewest(calls=calls, lists=lists, each=1, missing=missing)


def _tactical(world: World) -> Fewest:
    """Lists have no pages, and keys need no signing in. The only summary is that something approved waits."""
    state = Tactical(world)
    waiting = [d for d in state.fleet.devices if plat(d) == "windows" and state.waits(d)]
    lists = 2
    missing = {agent_id(device): 0 for device in state.fleet.devices}
    for device in waiting:
        missing[agent_id(device)] = sum(not row.installed for row in state.records.of(device))
    return Fewest(calls=lists + len(waiting), lists=lists, each=1, missing=missing)


def _vsa9(world: World) -> Fewest:
    """Nothing of patches is told of the fleet: each machine's status and what it lacks are lists of their own.

    So are what of that is approved, and, of a machine that lacks nothing but definitions, what it installed.
    """
    page, state = 100, Vsa9(world)
    listed = {device.number: state.work.listed(device) for device in state.fleet.devices}
    windows = [device for device in state.fleet.devices if on_windows(device)]
    scanned = [device for device in windows if device.last_scan is not None]
    lists = _TOKEN + pages(len(state.fleet.companies), page) + pages(len(listed), page)
    each = 0
    for device in scanned:
        found = [update for update, _ in listed[device.number]]
        quiet = all(update.kind == "definition" for update in found)
        each += pages(len(found), page) * (2 if found else 1) + quiet
    return Fewest(
        calls=lists + len(windows) + each,
        lists=lists,
        each=3,
        missing={vsa9_agent_id(d): len(listed[d.number]) for d in state.fleet.devices},
    )


def _vsax(world: World) -> Fewest:
    page, state = 100, Vsax(world)
    missing = {
        uid: sum(counts.values()) if counts else 0
        for uid, counts in state.executions.counts.items()
    }
    listed = len(missing) + len(other_rows(state.fleet.companies))
    lists = pages(listed, page)
    return Fewest(calls=lists + pages(len(missing), page), lists=lists, each=1, missing=missing)


#: By the vendor's key: what a fleet costs at least, and what there is to read, in a world before anything was asked.
FEWEST: Mapping[str, Callable[[World], Fewest]] = {
    "action1": _action1,
    "asio": _asio,
    "atera": _atera,
    "automate": _automate,
    "datto": _datto,
    "ncentral": _ncentral,
    "ninjaone": _ninjaone,
    "syncro": _syncro,
    "tactical": _tactical,
    "vsa9": _vsa9,
    "vsax": _vsax,
}
