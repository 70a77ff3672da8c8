"""What Datto knows of a device's patches: the counts of its last audit, not the present truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.estate.model import Device
from sandbox.estate.systems import system_of
from sandbox.rmm.fleet import spread

#: Patch management counts the operating system's updates; definitions and other software are not among them.
_NOT_COUNTED = frozenset({"definition", "third_party"})


@dataclass(frozen=True, kw_only=True)
class Audit:
    """One device as its last audit saw it."""

    at: datetime | None
    status: str
    approved: int
    not_approved: int
    installed: int
    reboot_required: bool
    failed: tuple[str, ...] = ()


def audit(device: Device, at: datetime | None) -> Audit:
    """Look at a device now; `at` is None for one that was never audited."""
    states = [update.state for update in device.updates if update.kind not in _NOT_COUNTED]
    return Audit(
        at=at,
        status=_status(device, states),
        approved=states.count("approved") + states.count("failed"),
        not_approved=states.count("pending") + states.count("rejected"),
        installed=states.count("installed") + 90 + spread(device, 140),
        reboot_required=device.reboot_needed,
        failed=tuple(update.id for update in device.updates if update.state == "failed"),
    )


def _status(device: Device, states: Sequence[str]) -> str:
    mac = system_of(device.os_name, device.os_build).style == "mac"
    if not device.patch_policy or mac:
        return "NoPolicy"
    if device.last_scan is None:
        return "NoData"
    if device.reboot_needed:
        return "RebootRequired"
    if "failed" in states:
        return "InstallError"
    return "ApprovedPending" if "approved" in states else "FullyPatched"
