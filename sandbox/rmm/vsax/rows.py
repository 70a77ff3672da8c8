"""The estate as VSA X's JSON: organisations, devices, assets. Times are ISO 8601 in UTC."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from sandbox.estate.model import Company, Device
from sandbox.estate.systems import system_of
from sandbox.rmm.fleet import Node, spread
from sandbox.rmm.vsax.inventory import Counts
from sandbox.rmm.vsax.odata import Row

TARGET: Final = "vsax"
_NAMESPACE = uuid.UUID("3f0f7a52-5a0b-4b7e-9c1d-6a4c1d1f9a10")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def organization(company: Company) -> Row:
    return {"Id": company.rmm_number, "Name": company.rmm_name, "HasCustomFields": False}


def device_row(node: Node) -> Row:
    """A row of the list of devices. Whether it is online, only the device itself tells."""
    group = "Servers" if node.device.server else "Workstations"
    return {
        "Identifier": node.device.uid,
        "Name": node.device.name,
        "IsAgentInstalled": True,
        "IsMdmEnrolled": False,
        **_home(node.company, group),
        "HasCustomFields": False,
    }


def device_detail(node: Node, now: datetime) -> Row:
    device = node.device
    mac = system_of(device.os_name, device.os_build).style == "mac"
    return {
        **device_row(node),
        "Description": device.os_name,
        "Uptime": str(now - device.last_boot) if device.online else None,
        "IsOnline": device.online,
        "ComputerType": "Mac" if mac else "Windows",
        "InMaintenance": False,
        "ExternalIpAddress": "203.0.113.9",
        "LocalIpAddresses": _addresses(device),
        "ClientVersion": "10.24.0.0",
        "CriticalNotifications": 0,
        "ElevatedNotifications": 0,
        "NormalNotifications": 0,
        "LowNotifications": 0,
    }


def asset_row(node: Node, counts: Counts | None, now: datetime) -> Row:
    device = node.device
    seen = now - timedelta(seconds=spread(device, 80)) if device.online else device.last_seen
    row = device_row(node)
    for name in ("IsAgentInstalled", "IsMdmEnrolled", "HasCustomFields"):
        del row[name]
    return {
        **row,
        "Description": device.os_name,
        "LastSeenOnline": stamp(seen),
        "LastReboot": stamp(device.last_boot),
        "Tags": list(device.tags),
        "IpAddresses": _addresses(device),
        "FirewallEnabled": True,
        "Updates": counts,
        "InstalledSoftware": [],
    }


def other_rows(companies: list[Company]) -> list[Row]:
    """What a real server also lists: a phone under mobile management, and a web site that reports itself."""
    if not companies:
        return []
    phone = {"Name": "Reception phone", "IsAgentInstalled": False, "IsMdmEnrolled": True}
    site = {"Name": "Production Web Site", "IsAgentInstalled": False, "IsMdmEnrolled": False}
    return [
        {
            "Identifier": str(uuid.uuid5(_NAMESPACE, str(row["Name"]))),
            **row,
            **_home(companies[0], "Other"),
            "HasCustomFields": False,
        }
        for row in (phone, site)
    ]


def _home(company: Company, group: str) -> Row:
    """Each organisation has one site, and groups for servers, workstations and the rest."""
    place = ("Servers", "Workstations", "Other").index(group)
    return {
        "GroupId": company.rmm_number * 10 + place,
        "GroupName": group,
        "SiteId": company.rmm_number * 10,
        "SiteName": "Main",
        "OrganizationId": company.rmm_number,
        "OrganizationName": company.rmm_name,
    }


def _addresses(device: Device) -> list[str]:
    return [f"10.0.{device.number // 250 % 250}.{device.number % 250 + 1}"]
