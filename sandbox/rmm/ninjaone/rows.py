"""The estate as NinjaOne's JSON: organisations, devices, patch rows and health."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

from sandbox.estate.model import Company, Device, Update
from sandbox.rmm.fleet import Node, spread
from sandbox.rmm.ninjaone.words import (
    ATTEMPTED,
    LISTED,
    STATUS,
    has_rows,
    impact,
    location_id,
    node_class,
    patch_type,
    seconds,
    severity,
    system,
)

Row = dict[str, Any]

_PRODUCTS = uuid.UUID("f7b2a1c4-9c6f-4f7c-8a11-2d7b0e6a9b55")
_NODE_ROLES = {"WINDOWS_SERVER": 11, "WINDOWS_WORKSTATION": 12, "MAC": 13}


def organization(company: Company) -> Row:
    return {
        "name": company.rmm_name,
        "description": None,
        "nodeApprovalMode": "AUTOMATIC",
        "id": company.rmm_number,
    }


def device_row(node: Node, now: datetime) -> Row:
    company, device = node.company, node.device
    kind = node_class(device)
    # Where nothing is patched, one policy or another leaves patching out, or there is none at all.
    none_at_all = not device.patch_policy and spread(device, 2) == 1
    left_out = not device.patch_policy and not none_at_all
    return {
        "id": device.number,
        "uid": device.uid,
        "organizationId": company.rmm_number,
        "locationId": location_id(company),
        "nodeClass": kind,
        "nodeRoleId": _NODE_ROLES[kind],
        "rolePolicyId": None if none_at_all else _NODE_ROLES[kind] + 50,
        "policyId": 90 if left_out else None,
        "approvalStatus": "APPROVED",
        "offline": not device.online,
        "displayName": device.name,
        "systemName": system_name(device),
        "dnsName": f"{system_name(device).lower()}.{device.dns_domain}",
        "created": device.last_boot.timestamp() - 400 * 86400,
        "lastContact": _last_contact(device, now).timestamp(),
        "lastUpdate": seconds(device.last_scan),
        "tags": list(device.tags),
    }


def detailed_device_row(node: Node, now: datetime) -> Row:
    device = node.device
    windows = system(device)
    row = device_row(node, now)
    row["deviceType"] = "AGENT_DEVICE"
    row["os"] = {
        "manufacturer": "Apple Inc." if windows.style == "mac" else "Microsoft Corporation",
        "name": windows.name.removeprefix("Microsoft "),
        "architecture": "64-bit",
        "lastBootTime": device.last_boot.timestamp(),
        "buildNumber": windows.build.removeprefix("10.0.").removeprefix("6.3."),
        "releaseId": windows.release,
        "language": "en",
        "needsReboot": device.reboot_needed,
    }
    row["system"] = {
        "name": system_name(device),
        "domain": device.dns_domain,
        "chassisType": "LAPTOP" if device.laptop else "DESKTOP",
        "virtualMachine": "hyper-v-guest" in device.tags,
    }
    row["lastLoggedInUser"] = device.user
    return row


def system_name(device: Device) -> str:
    """The computer's own name; the display name is anything somebody typed."""
    return re.sub(r"[^A-Z0-9-]+", "-", device.name.upper()).strip("-")[:15]


def os_patch(update: Update, attempted_at: datetime | None) -> Row:
    return {
        "id": update.id,
        "name": update.title,
        "severity": severity(update),
        "status": STATUS[update.state],
        "type": patch_type(update),
        "installedAt": seconds(attempted_at),
        "kbNumber": update.kb,
    }


def software_patch(update: Update, attempted_at: datetime | None) -> Row:
    product = update.title.rpartition(" ")[0]
    return {
        "id": update.id,
        "productIdentifier": str(uuid.uuid5(_PRODUCTS, product)),
        "title": update.title,
        "impact": impact(update),
        "status": STATUS[update.state],
        "type": "PATCH",
        "installedAt": seconds(attempted_at),
    }


def current_patches(device: Device, *, software: bool) -> list[Row]:
    """What was never attempted: approved, waiting for a person, rejected."""
    if not has_rows(device):
        return []
    shape = software_patch if software else os_patch
    return [shape(update, None) for update in _of(device, LISTED, software)]


def attempted_patches(device: Device, *, software: bool) -> list[Row]:
    """The install history; a device keeps it while it is offline."""
    shape = software_patch if software else os_patch
    return [
        shape(update, update.installed_at or update.failed_at)
        for update in _of(device, ATTEMPTED, software)
    ]


def report_row(device: Device, row: Row) -> Row:
    """A patch as the reports over all devices carry it; the timestamp is the last collection's."""
    return {**row, "deviceId": device.number, "timestamp": seconds(device.last_scan)}


def health(device: Device, jobs: int) -> Row:
    pending = current_patches(device, software=False)
    software = current_patches(device, software=True)
    failed = _of(device, frozenset({"failed"}), software=False)
    return {
        "deviceId": device.number,
        "offline": not device.online,
        "healthStatus": _health_status(device, failed),
        "pendingOSPatchesCount": _waiting(pending),
        "failedOSPatchesCount": len(failed),
        "pendingSoftwarePatchesCount": _waiting(software),
        "failedSoftwarePatchesCount": len(_of(device, frozenset({"failed"}), software=True)),
        "pendingRebootReason": "Windows Update" if device.reboot_needed else None,
        "activeJobCount": jobs,
        "alertCount": len(failed),
        "activeThreatsCount": 0,
        "quarantinedThreatsCount": 0,
        "blockedThreatsCount": 0,
    }


def _waiting(rows: list[Row]) -> int:
    return sum(1 for row in rows if row["status"] != "REJECTED")


def _health_status(device: Device, failed: list[Update]) -> str:
    if not device.online:
        return "UNKNOWN"
    if failed:
        return "UNHEALTHY"
    return "NEEDS_ATTENTION" if device.reboot_needed else "HEALTHY"


def _of(device: Device, states: frozenset[str], software: bool) -> list[Update]:
    return [
        update
        for update in device.updates
        if update.state in states and (update.kind == "third_party") == software
    ]


def _last_contact(device: Device, now: datetime) -> datetime:
    """An online device has just been in touch."""
    return now - timedelta(seconds=spread(device, 55)) if device.online else device.last_seen
