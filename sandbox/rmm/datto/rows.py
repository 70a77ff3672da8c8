"""The estate as Datto's JSON: account, sites, devices, alerts. Times are Unix milliseconds.

The description declares times as strings and nothing as nullable; live accounts send numbers, and
null almost everywhere (measured on 848 devices by the authors of a public client).
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sandbox.estate.model import Company, Device
from sandbox.estate.systems import system_of
from sandbox.rmm.datto.audit import Audit
from sandbox.rmm.datto.pages import Row
from sandbox.rmm.fleet import Node, spread

ACCOUNT_UID = "6d7e2f5a-0d0b-4e61-9c55-1f3a8c3e7b90"
#: What Datto writes for "never": the first moment of the year 1.
NEVER_MS = -62_135_596_800_000

_PORTAL = "https://portal.datto.example"
_NAMESPACE = uuid.UUID(ACCOUNT_UID)
_DELETED_SITE: Row = {
    "id": 9_001,
    "uid": str(uuid.uuid5(_NAMESPACE, "deleted")),
    "name": "Deleted Devices",
}
_USER_FIELDS = 30


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def account(devices: list[Row]) -> Row:
    online = sum(row["online"] for row in devices)
    return {
        "id": 501,
        "uid": ACCOUNT_UID,
        "name": "Harbor IT Services",
        "currency": "USD",
        "descriptor": {"bilingEmail": None, "deviceLimit": 5000, "timeZone": "America/Chicago"},
        "devicesStatus": {
            "numberOfDevices": len(devices),
            "numberOfOnlineDevices": online,
            "numberOfOfflineDevices": len(devices) - online,
            "numberOfOnDemandDevices": 0,
            "numberOfManagedDevices": len(devices),
        },
    }


def sites(companies: Iterable[Company], devices: list[Row]) -> list[Row]:
    """The companies' sites and the built-in one for what was deleted."""
    named = [*map(_home, companies), _DELETED_SITE]
    return [
        _site(site, [row for row in devices if row["siteUid"] == site["uid"]]) for site in named
    ]


def _home(company: Company) -> Row:
    return {"id": company.rmm_number, "uid": company.rmm_uid, "name": company.rmm_name}


def _site(site: Row, devices: list[Row]) -> Row:
    online = [row["online"] for row in devices]
    return {
        **site,
        "accountUid": ACCOUNT_UID,
        "description": None,
        "notes": None,
        "onDemand": False,
        "splashtopAutoInstall": False,
        "proxySettings": None,
        "devicesStatus": {
            "numberOfDevices": len(online),
            "numberOfOnlineDevices": sum(online),
            "numberOfOfflineDevices": len(online) - sum(online),
        },
        "autotaskCompanyName": None,
        "autotaskCompanyId": None,
        "portalUrl": f"{_PORTAL}/site/{site['id']}",
    }


def device_row(node: Node, seen: Audit, now: datetime) -> Row:
    device = node.device
    system = system_of(device.os_name, device.os_build)
    last_seen = now - timedelta(seconds=spread(device, 80)) if device.online else device.last_seen
    return {
        **_bare_row(device.number, device.uid, device.name, _home(node.company)),
        "deviceType": {"category": _category(device), "type": "Main System Chassis"},
        "deviceClass": "device",
        "operatingSystem": f"{device.os_name} {device.os_build}",
        "displayVersion": system.release or None,
        "lastLoggedInUser": device.user,
        "domain": device.dns_domain,
        "a64Bit": True,
        "rebootRequired": seen.reboot_required,
        "online": device.online,
        "lastSeen": milliseconds(last_seen),
        "lastReboot": milliseconds(device.last_boot),
        "lastAuditDate": NEVER_MS if seen.at is None else milliseconds(seen.at),
        "udf": _user_fields(device),
        "antivirus": {
            "antivirusProduct": "Windows Defender Antivirus",
            "antivirusStatus": "RunningAndUpToDate",
        },
        "patchManagement": {
            "patchStatus": seen.status,
            "patchesApprovedPending": seen.approved,
            "patchesNotApproved": seen.not_approved,
            "patchesInstalled": seen.installed,
        },
    }


def other_rows(companies: list[Company]) -> list[Row]:
    """What a real account also lists: a printer found on the network, and a device deleted long ago."""
    if not companies:
        return []
    printer_uid, gone_uid = (str(uuid.uuid5(_NAMESPACE, name)) for name in ("printer", "gone"))
    printer = _bare_row(8_001, printer_uid, "HP LaserJet M507", _home(companies[0]))
    gone = _bare_row(8_002, gone_uid, "OLD-PC-01", _DELETED_SITE)
    printer |= {"deviceClass": "printer", "online": True, "patchManagement": None}
    return [printer, gone | {"deleted": True}]


def alert_rows(node: Node, seen: Audit) -> list[Row]:
    """One open alert for each update that failed to install."""
    titles = {update.id: update.title for update in node.device.updates}
    return [_alert(node, seen, patch, titles[patch]) for patch in seen.failed if patch in titles]


def _alert(node: Node, seen: Audit, patch_uid: str, title: str) -> Row:
    return {
        "alertUid": str(uuid.uuid5(_NAMESPACE, node.device.uid + patch_uid)),
        "priority": "High",
        "diagnostics": None,
        "resolved": False,
        "resolvedBy": None,
        "resolvedOn": None,
        "muted": False,
        "ticketNumber": None,
        "timestamp": NEVER_MS if seen.at is None else milliseconds(seen.at),
        "alertMonitorInfo": {"sendsEmails": False, "createsTicket": False},
        "alertContext": {
            "@class": "patch_ctx",
            "patchUid": patch_uid,
            "policyUid": None,
            "result": "FAILED",
            "info": title,
        },
        "alertSourceInfo": {
            "deviceUid": node.device.uid,
            "deviceName": node.device.name,
            "siteUid": node.company.rmm_uid,
            "siteName": node.company.rmm_name,
        },
        "responseActions": [],
        "autoresolveMins": 0,
    }


def _bare_row(number: int, uid: str, name: str, site: Row) -> Row:
    """What every row of the device list has, agent or none; all times are "never"."""
    return {
        "id": number,
        "uid": uid,
        "siteId": site["id"],
        "siteUid": site["uid"],
        "siteName": site["name"],
        "deviceType": None,
        "deviceClass": "device",
        "hostname": name,
        "intIpAddress": f"10.0.{number // 250 % 250}.{number % 250 + 1}",
        "extIpAddress": "203.0.113.9",
        "operatingSystem": None,
        "lastLoggedInUser": None,
        "domain": None,
        "cagVersion": None,
        "displayVersion": None,
        "description": name,
        "a64Bit": None,
        "rebootRequired": False,
        "online": False,
        "suspended": False,
        "deleted": False,
        "lastSeen": NEVER_MS,
        "lastReboot": NEVER_MS,
        "lastAuditDate": NEVER_MS,
        "creationDate": NEVER_MS,
        "udf": None,
        "snmpEnabled": False,
        "portalUrl": f"{_PORTAL}/device/{number}",
        "warrantyDate": None,
        "antivirus": None,
        "patchManagement": None,
        "softwareStatus": None,
        "webRemoteUrl": None,
        "networkProbe": False,
        "onboardedViaNetworkMonitor": False,
    }


def _category(device: Device) -> str:
    if device.server:
        return "Server"
    return "Laptop" if device.laptop else "Desktop"


def _user_fields(device: Device) -> Row:
    """Datto has no tags; MSPs write such marks into the first user-defined field."""
    fields: Row = {f"udf{number}": None for number in range(1, _USER_FIELDS + 1)}
    fields["udf1"] = ", ".join(device.tags) or None
    return fields
