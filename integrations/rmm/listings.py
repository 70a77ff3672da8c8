"""Rows for RMMs that only count: what the update script listed lately stands in for the counts."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, Self, TypeVar, runtime_checkable

from core.domain.facts import Fact
from core.domain.patching import (
    CountStatus,
    Device,
    DeviceId,
    DevicePreview,
    Listing,
    Patch,
    PatchState,
    RmmReading,
)
from core.domain.remediation import JobKind
from core.errors import StorageFailed
from core.ports import Listings
from integrations.rmm.previews import preview
from integrations.rmm.update_script import Output

A = TypeVar("A")

log = logging.getLogger(__name__)

#: An older listing says nothing any more: the counts are shown again.
LIFE = timedelta(days=3)

_TO_INSTALL = (PatchState.APPROVED, PatchState.FAILED)


class NoListings:
    """Keeps nothing: the account is spoken to without a data directory (`bot.py check`)."""

    def get(self, device_id: DeviceId) -> Listing | None:
        return None

    def put(self, listing: Listing) -> None:
        pass


@runtime_checkable
class KeepsListings(Protocol):
    """An account whose update script lists updates."""

    def keeping(self, listings: Listings) -> Self:
        """The same account, which keeps what is listed there, and reads it."""


def keeping(account: A, listings: Listings) -> A:
    """The same account, which keeps what is listed there, if its update script lists anything."""
    return account.keeping(listings) if isinstance(account, KeepsListings) else account


@dataclass(frozen=True)
class Shelf:
    """The listings of one account's devices."""

    kept: Listings

    def keep(self, target: str, output: object) -> None:
        """Keep what a run listed; what cannot be taken lists nothing. A full disk does not fail the run."""
        if not isinstance(output, Output):
            return
        try:
            self.kept.put(output.listing(DeviceId(target)))
        except StorageFailed:
            log.exception("What was listed on %s could not be kept", target)

    def of(self, device: Device, now: datetime) -> Listing | None:
        """A listing that still says something of a device as the RMM shows it now."""
        listing = self.kept.get(device.id)
        if listing is None or now - listing.listed_at > LIFE or _is_over(listing, device):
            return None
        return listing

    def preview(self, device: Device, kind: JobKind, now: datetime) -> DevicePreview:
        """What a run would take: of a device listed lately exactly what can be named, else a count."""
        told = replace(preview(device, None), reboot_needed=device.reboot_needed)
        if kind is not JobKind.INSTALL:
            return told
        listing = self.of(device, now)
        if listing is None:
            return replace(told, count=device.counts.at_most if device.counts is not None else None)
        named = [patch for patch in listing.patches if _may_be_named(patch)]
        kbs = sorted({patch.kb for patch in named if patch.kb is not None})
        keys = frozenset(patch.key for patch in named)
        return replace(told, patch_keys=keys, count=len(kbs), chosen={kb: kb for kb in kbs})

    def merged(self, reading: RmmReading, now: datetime) -> RmmReading:
        """The reading with rows for every device that was listed lately; the others keep their counts."""
        found = {device.id: self.of(device, now) for device in reading.devices}
        listings = [listing for listing in found.values() if listing is not None]
        return replace(
            reading,
            devices=tuple(_listed(device, found[device.id]) for device in reading.devices),
            patches=(*reading.patches, *(p for listing in listings for p in listing.patches)),
            rows_known_for=reading.rows_known_for | {listing.device_id for listing in listings},
        )


def _may_be_named(patch: Patch) -> bool:
    return patch.kb is not None and patch.state in _TO_INSTALL


def _is_over(listing: Listing, device: Device) -> bool:
    """Whether the RMM itself found installed, at a later time, what the listing has as to be installed."""
    if not any(patch.state in _TO_INSTALL for patch in listing.patches):
        return False
    clean = device.counts is not None and device.counts.status is CountStatus.FULLY_PATCHED
    return clean and device.last_scan is not None and device.last_scan > listing.listed_at


def _listed(device: Device, listing: Listing | None) -> Device:
    if listing is None:
        return device
    newer = device.last_scan is not None and device.last_scan > listing.listed_at
    owed = Fact.of(listing.reboot_needed)
    return replace(
        device,
        last_scan=listing.listed_at,
        reboot_needed=device.reboot_needed if newer else owed,
    )


NO_SHELF = Shelf(NoListings())
