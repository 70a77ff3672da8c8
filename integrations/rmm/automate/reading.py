"""Reading a fleet from Automate: lists of clients and computers, the history of installs, and each computer's patching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.clients import RmmBinding
from core.domain.patching import Device, DeviceId, Patch, PatchState, RmmReading
from integrations.rmm.automate import history, mapping, software
from integrations.rmm.automate.api import AT_ONCE, AutomateApi
from integrations.rmm.automate.patching import Patching, patching_of
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import Asked, ask_each
from integrations.rmm.rows import Row, text
from integrations.rmm.vendor import bound_organisations

#: A computer that misses nothing any more is not asked for its updates: the history tells what it installed.
HISTORY_DAYS = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class _Fleet:
    """The rows of the bound clients' computers by id, and what became known of each."""

    computers: Mapping[str, Row]
    patching: Asked[str, Patching]
    #: Of other makers' software, where a computer's stats tell that there is something to know.
    software: Asked[str, Sequence[Patch]]
    installs: Mapping[DeviceId, Sequence[Patch]]


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound clients of one account."""

    api: AutomateApi
    account: str
    now: datetime

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = Feeds(source=self.api.source, account=self.account, now=self.now)
        listed = feeds.take("devices", lambda: self.listed(bound_organisations(bindings)))
        if listed is None:
            return feeds.nothing_at_all(bindings)
        names, computers = listed
        patching = ask_each(
            computers, patching_of(self.api, self.account, self.now), at_once=AT_ONCE
        )
        fleet = _Fleet(
            computers=computers,
            patching=patching,
            software=self._software({key: found.stats for key, found in patching.found.items()}),
            installs=feeds.take("installs", self._installs) or {} if computers else {},
        )
        feeds.note_first("third-party updates", fleet.software.troubles)
        return feeds.readings(
            bindings,
            names,
            lambda item, name: self._reading(item, name, fleet, feeds),
            no_such="There is no client {} that this user may see.",
        )

    def listed(self, bound: Sequence[str]) -> tuple[dict[str, str], dict[str, Row]]:
        """The names of all clients by id, and the bound ones' computers by id. Raises VendorError."""
        source = self.api.source
        names = {
            mapping.ident(source, row, "Id", "clients"): text(row.get("Name"))
            or f"client {row['Id']}"
            for row in self.api.clients()
        }
        known = [item for item in bound if item in names]
        rows = self.api.computers() if known else []
        computers = {mapping.ident(source, row, "Id", "computers"): row for row in rows}
        return names, {k: v for k, v in computers.items() if mapping.client_id(source, v) in known}

    def _software(self, stats: Mapping[str, Row]) -> Asked[str, Sequence[Patch]]:
        def read(computer_id: str) -> Sequence[Patch]:
            enough = software.counted(stats[computer_id])
            rows = self.api.third_party_patches(computer_id, enough=enough)
            return software.patches(self.account, self.api.source, computer_id, rows)

        wanted = [key for key, told in stats.items() if software.is_worth_asking(told, self.now)]
        return ask_each(wanted, read, at_once=AT_ONCE)

    def _installs(self) -> dict[DeviceId, list[Patch]]:
        rows = self.api.patch_history(self.now - HISTORY_DAYS)
        tried = history.attempts(self.account, self.api.source, rows)
        return history.by_device(item for item in tried if item.state is PatchState.INSTALLED)

    # Putting together.

    def _reading(self, organisation: str, name: str, fleet: _Fleet, feeds: Feeds) -> RmmReading:
        rows = {
            computer_id: row
            for computer_id, row in fleet.computers.items()
            if mapping.client_id(self.api.source, row) == organisation
        }
        found = fleet.patching.found
        devices = {key: self._device(row, found.get(key)) for key, row in rows.items()}
        return RmmReading(
            account=self.account,
            organisation=organisation,
            organisation_name=name,
            devices=tuple(devices.values()),
            patches=tuple(
                patch
                for key, device in devices.items()
                for patch in (
                    *_patches(found.get(key), fleet.installs.get(device.id, ())),
                    *fleet.software.found.get(key, ()),
                )
            ),
            rows_known_for=frozenset(
                device.id
                for key, device in devices.items()
                if key in found and found[key].is_known(device)
            ),
            software_unread=frozenset(
                device.id for key, device in devices.items() if key in fleet.software.failed
            ),
            coverage=feeds.coverage(*feeds.lacking(fleet.patching.failures(rows), len(rows))),
            observed_at=self.now,
        )

    def _device(self, row: Row, patching: Patching | None) -> Device:
        stats = patching.stats if patching is not None else None
        return mapping.device(self.account, self.api.source, row, stats=stats)


def _patches(patching: Patching | None, installs: Sequence[Patch]) -> list[Patch]:
    """What the computer lists, and what the history tells beyond it."""
    listed = list(patching.updates) if patching is not None else []
    keys = {patch.key for patch in listed}
    return listed + [patch for patch in installs if patch.key not in keys]
