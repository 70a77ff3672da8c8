"""The estate as Atera's JSON: customers, agents, and an agent's updates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.estate.model import Company, Device, Update
from sandbox.estate.systems import system_of
from sandbox.rmm.fleet import Node
from sandbox.rmm.installs import MISSING

Row = dict[str, Any]

_CLASSES = {
    "cumulative": "Security Updates",
    "security": "Security Updates",
    "dotnet": "Update Rollups",
    "definition": "Definition Updates",
    "driver": "Drivers",
    "firmware": "Drivers",
    "feature": "Upgrades",
}
#: Approved or not: what is not excluded and did not fail is available.
_STATUSES = {"failed": "Failed", "rejected": "Excluded"}


@dataclass(frozen=True)
class Look:
    """One look of the agent at its device's updates."""

    available: tuple[Row, ...] = ()
    installed: tuple[Row, ...] = ()


def look(device: Device) -> Look:
    """Nothing at all for a device that was never scanned, that no policy covers, or that does not run Windows."""
    if device.last_scan is None or not device.patch_policy or not on_windows(device):
        return Look()
    updates = [update for update in device.updates if update.kind != "third_party"]
    return Look(
        available=tuple(
            _update(update) | {"Status": _STATUSES.get(update.state, "Available")}
            for update in updates
            if update.state in MISSING
        ),
        installed=tuple(_update(update) for update in updates if update.state == "installed"),
    )


def on_windows(device: Device) -> bool:
    return system_of(device.os_name, device.os_build).style != "mac"


def customer(company: Company) -> Row:
    return {
        "CustomerID": company.rmm_number,
        "CustomerName": company.rmm_name,
        "CreatedOn": "2025-10-21T04:40:27Z",
        "Domain": company.domain,
    }


def agent(node: Node, now: datetime) -> Row:
    device = node.device
    return {
        "AgentID": device.number,
        "DeviceGuid": device.uid,
        "AgentName": device.name,
        "MachineName": device.name,
        "CustomerID": node.company.rmm_number,
        "CustomerName": node.company.rmm_name,
        "FolderID": None,
        "Online": device.online,
        "LastSeen": _stamp(now if device.online else device.last_seen),
        "LastRebootTime": _stamp(device.last_boot),
        "OS": device.os_name,
        "OSType": "Server" if device.server else "Work Station",
        "OSBuild": device.os_build.removeprefix("10.0."),
        "DomainName": device.dns_domain or "WORKGROUP",
        "LastLoginUser": device.user,
        "Vendor": "LENOVO",
        "VendorBrandModel": "21HD",
    }


def _update(update: Update) -> Row:
    return {"Name": update.title, "Class": _CLASSES[update.kind], "KBId": update.kb}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
