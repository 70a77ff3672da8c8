"""What can be believed of a device's reading, and which of its states are not fine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import DeviceTrouble, LineVerdict
from core.domain.patching import (
    CountStatus,
    Device,
    Patch,
    PatchClass,
    PatchState,
    RmmReading,
    Severity,
)
from core.domain.policy import OverduePolicy
from core.rules.end_of_life import end_of_life

_TOLD = frozenset(
    {
        CountStatus.FULLY_PATCHED,
        CountStatus.MISSING,
        CountStatus.INSTALL_ERROR,
        CountStatus.REBOOT_NEEDED,
    }
)
_COUNTED_STATES = {
    CountStatus.MISSING: PatchState.APPROVED,
    CountStatus.INSTALL_ERROR: PatchState.FAILED,
    CountStatus.REBOOT_NEEDED: PatchState.PENDING,
}
_PROTECTED_TAG = "protected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look at one device.

    `known`: its updates were read. `whole`: so well that what is not listed is not missing.
    """

    device: Device
    missing: tuple[Patch, ...]
    installed: tuple[Patch, ...]
    counts_only: bool
    known: bool
    stale: bool
    #: Other makers' software was read as well.
    software_told: bool

    @property
    def whole(self) -> bool:
        """An offline device often has no rows at all, and one without policy is not scanned."""
        listening = self.counts_only or self.device.online is Fact.YES
        managed = self.device.has_policy is not Fact.NO
        return self.known and not self.stale and listening and managed

    @property
    def able(self) -> bool:
        """What is listed as approved could have been installed. Counts do not tell whether it still is the same."""
        return self.whole and not self.counts_only


def look_at(
    device: Device,
    rows: Sequence[Patch],
    reading: RmmReading,
    policy: OverduePolicy,
    now: datetime,
) -> Look:
    """Sort what a reading says of one device."""
    by_rows = device.id in reading.rows_known_for
    counts_only = not by_rows and device.counts is not None
    installed = tuple(p for p in rows if p.state is PatchState.INSTALLED)
    missing = tuple(p for p in rows if p.state is not PatchState.INSTALLED)
    counted = device.counts is not None and device.counts.status in _TOLD
    silent = device.online is not Fact.YES and not missing
    return Look(
        device=device,
        missing=_counted(device) if counts_only else missing if by_rows else (),
        installed=installed if by_rows else (),
        counts_only=counts_only,
        known=counted if counts_only else by_rows and not silent,
        stale=_is_stale(device, policy, now, counts_only=counts_only),
        software_told=device.id not in reading.software_unread,
    )


def troubles(
    look: Look, listed: Sequence[Patch], lines: Sequence[LineVerdict], today: date
) -> frozenset[DeviceTrouble]:
    """The states of their own. `listed` are the missing updates that count, `lines` what was judged of them."""
    states = {patch.state for patch in listed}
    return frozenset((*_troubles(look, states, today), *_held_up(lines)))


def _held_up(lines: Sequence[LineVerdict]) -> Iterator[DeviceTrouble]:
    if any(line.superseded for line in lines):
        yield DeviceTrouble.SUPERSEDED
    if any(line.stuck_days for line in lines):
        yield DeviceTrouble.STUCK


def _troubles(look: Look, states: set[PatchState], today: date) -> Iterator[DeviceTrouble]:
    device = look.device
    status = device.counts.status if look.counts_only and device.counts else None
    if device.has_policy is Fact.NO or status is CountStatus.NO_POLICY:
        yield DeviceTrouble.NO_POLICY
    elif not look.known:
        yield DeviceTrouble.NOT_READ
    if look.stale:
        yield DeviceTrouble.NO_RECENT_SCAN
    if end_of_life(device.os, today) is not None:
        yield DeviceTrouble.END_OF_LIFE
    if device.reboot_needed is Fact.YES or status is CountStatus.REBOOT_NEEDED:
        yield DeviceTrouble.WAITING_FOR_REBOOT
    if PatchState.FAILED in states:
        yield DeviceTrouble.INSTALL_FAILED
    if PatchState.REJECTED in states:
        yield DeviceTrouble.REJECTED
    if look.counts_only:
        yield DeviceTrouble.COUNTS_ONLY


def is_protected(device: Device, client: Client) -> bool:
    """Configured by name or vendor id, or tagged so in the RMM."""
    protected = {item.casefold() for item in client.protected_devices}
    names = {device.id.casefold(), device.vendor_id.casefold(), device.name.casefold()}
    tags = {tag.casefold() for tag in device.tags}
    return _PROTECTED_TAG in tags or not protected.isdisjoint(names)


def _is_stale(device: Device, policy: OverduePolicy, now: datetime, *, counts_only: bool) -> bool:
    """A vendor that only counts tells no scan time: there the last contact has to do."""
    scanned = device.last_scan or (device.last_seen if counts_only else None)
    if scanned is None:
        return not counts_only
    return now - scanned > timedelta(hours=policy.scan_hours[device.kind])


def _counted(device: Device) -> tuple[Patch, ...]:
    """One line that stands for all a counts-only vendor says is missing."""
    counts = device.counts
    if counts is None or counts.status not in _COUNTED_STATES:
        return ()
    what = "missing" if counts.approved is None and counts.missing is not None else "approved"
    number = what.capitalize() if counts.at_most is None else f"{counts.at_most} {what}"
    return (
        Patch(
            key="counted",
            device_id=device.id,
            title=f"{number} updates",
            kb=None,
            severity=Severity.UNRANKED,
            patch_class=PatchClass.UNKNOWN,
            state=_COUNTED_STATES[counts.status],
        ),
    )
