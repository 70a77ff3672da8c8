"""Reading a fleet from ConnectWise RMM: endpoints, heartbeats and counts of missing updates, then updates where some are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.clients import RmmBinding
from core.domain.facts import Fact, Unread
from core.domain.patching import Device, DeviceId, Patch, PatchState, RmmReading
from integrations.rmm.asio import mapping, software
from integrations.rmm.asio.api import AT_ONCE, AsioApi
from integrations.rmm.asio.devices import Devices
from integrations.rmm.asio.mapping import Counted
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import Asked, ask_each
from integrations.rmm.rows import Row, name, text
from integrations.rmm.vendor import bound_organisations

#: Older installs tell nothing of what is missing now.
_INSTALLED_DAYS = timedelta(days=200)


@dataclass(frozen=True, kw_only=True)
class Updates:
    """One endpoint's updates. `whole`: at least as many are missing as are counted."""

    listed: Sequence[Patch]
    whole: bool


@dataclass(frozen=True, kw_only=True)
class _Fleet:
    """The devices of all bound companies, what is counted on them, and the updates of those that miss some."""

    devices: Mapping[str, Device]
    counts: Mapping[str, Counted]
    updates: Asked[str, Updates]
    #: Of other makers' software.
    software: Asked[str, Sequence[Patch]]
    #: Not even who is behind with it could be read.
    software_lost: bool = False


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound companies of one account."""

    api: AsioApi
    account: str
    now: datetime

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        feeds = Feeds(source=self.api.source, account=self.account, now=self.now)
        names = feeds.take("devices", self._names_within_quota)
        if names is None:
            return feeds.nothing_at_all(bindings)
        known = [item for item in bound_organisations(bindings) if item in names]
        rows = feeds.take("devices", lambda: self.rows(known))
        if rows is None:
            return feeds.nothing_at_all(bindings)
        fleet = self._fleet(known, rows, feeds)
        return feeds.readings(
            bindings,
            names,
            lambda item, called: self._company(item, called, fleet, feeds),
            no_such="There is no company {} that this API key may see.",
        )

    def names(self) -> dict[str, str]:
        """The companies the key may see, by id. Raises VendorError."""
        source = self.api.source
        return {
            name(source, row, "id", "companies"): text(row.get("friendlyName"))
            or text(row.get("name"))
            or f"company {row['id']}"
            for row in self.api.companies()
        }

    def rows(self, companies: Sequence[str]) -> list[Row]:
        """The rows of companies' endpoints. Raises VendorError."""
        return Devices(api=self.api).rows(companies) if companies else []

    def _names_within_quota(self) -> dict[str, str]:
        self.api.quota.before_reading()
        return self.names()

    def _fleet(self, companies: Sequence[str], rows: Sequence[Row], feeds: Feeds) -> _Fleet:
        source = self.api.source
        reader = Devices(api=self.api)
        beats = (
            feeds.take("online state", lambda: reader.beats(companies)) if rows else None
        ) or {}
        counts = (
            feeds.take("missing patches", lambda: self._counts(companies)) if rows else None
        ) or {}
        devices = {
            mapping.endpoint_id(source, row): mapping.device(
                self.account,
                source,
                row,
                beat=beats.get(mapping.endpoint_id(source, row)),
                counts=counts.get(mapping.endpoint_id(source, row)),
            )
            for row in rows
        }
        lacking = [key for key in devices if key in counts and counts[key].missing != 0]
        updates = ask_each(lacking, self._updates(counts), at_once=AT_ONCE)
        told = self._software(companies if devices else [], feeds)
        return _Fleet(
            devices=devices,
            counts=counts,
            updates=updates,
            software=Asked() if told is None else told,
            software_lost=told is None,
        )

    def _software(
        self, companies: Sequence[str], feeds: Feeds
    ) -> Asked[str, Sequence[Patch]] | None:
        """Of the endpoints that are behind; of none where they are not to be read. None: who is could not be read."""
        api = self.api.software
        if api is None or not companies:
            return Asked()

        def read(key: str) -> Sequence[Patch]:
            return software.patches(self.account, api.source, key, api.software_of(key))

        told = feeds.take("third-party updates", lambda: api.software_counts(companies))
        if told is None:
            return None
        behind = [mapping.endpoint_id(api.source, row) for row in told if software.is_behind(row)]
        asked = ask_each(behind, read, at_once=AT_ONCE)
        feeds.note_first("third-party updates", asked.troubles)
        return asked

    def _counts(self, companies: Sequence[str]) -> dict[str, Counted]:
        found = self.api.compliance(companies)
        source = self.api.source
        return {mapping.endpoint_id(source, row): mapping.counted(row) for row in found}

    def _updates(self, counts: Mapping[str, Counted]) -> Callable[[str], Updates]:
        def read(key: str) -> Updates:
            answer = self.api.patches(key)
            if answer is None:
                return Updates(listed=(), whole=False)
            found = mapping.patches(self.account, self.api.source, key, answer)
            told = mapping.summary(answer).missing
            wanted = told if told is not None else counts[key].missing
            lacking = len(mapping.missing(found))
            return Updates(
                listed=[patch for patch in found if not self._is_history(patch)],
                whole=lacking >= (wanted if wanted is not None else 1),
            )

        return read

    def _is_history(self, patch: Patch) -> bool:
        return patch.installed_at is not None and self.now - patch.installed_at > _INSTALLED_DAYS

    # Putting together.

    def _company(self, organisation: str, called: str, fleet: _Fleet, feeds: Feeds) -> RmmReading:
        devices = {k: d for k, d in fleet.devices.items() if d.organisation == organisation}
        if not devices:
            return feeds.nothing(organisation, _nothing_in(organisation, feeds))
        found = {key: fleet.updates.found[key] for key in devices if key in fleet.updates.found}
        return RmmReading(
            account=self.account,
            organisation=organisation,
            organisation_name=called,
            devices=tuple(devices.values()),
            patches=(
                *(patch for some in found.values() for patch in some.listed),
                *(patch for key in devices for patch in fleet.software.found.get(key, ())),
            ),
            rows_known_for=frozenset(_known(devices, fleet)),
            software_unread=frozenset(
                device.id
                for key, device in devices.items()
                if fleet.software_lost or key in fleet.software.failed
            ),
            coverage=feeds.coverage(*feeds.lacking(fleet.updates.failures(devices), len(devices))),
            observed_at=self.now,
        )


def _known(devices: Mapping[str, Device], fleet: _Fleet) -> list[DeviceId]:
    """Devices whose missing updates are known: all listed, or counted as none on one that reports."""
    return [device.id for key, device in devices.items() if _is_known(key, device, fleet)]


def _is_known(key: str, device: Device, fleet: _Fleet) -> bool:
    counts = fleet.counts.get(key)
    if counts is None or counts.assessed is None:
        return False
    if counts.missing == 0:
        return device.online is Fact.YES
    updates = fleet.updates.found.get(key)
    if updates is None or not updates.whole:
        return False
    lists = any(patch.state is not PatchState.INSTALLED for patch in updates.listed)
    return device.online is Fact.YES or lists


def _nothing_in(organisation: str, feeds: Feeds) -> Unread:
    """An empty list and a list that is not there are answered alike."""
    return feeds.missing(
        "devices",
        f"No device is listed for company {organisation}.",
        "If it has devices, try another resource_type in the configuration.",
    )
