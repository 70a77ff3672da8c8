"""The estate as N-central's JSON: customers, devices, and the services monitored on them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.estate.model import Company, Device
from sandbox.estate.systems import system_of
from sandbox.rmm.fleet import Node
from sandbox.rmm.installs import MISSING

Row = dict[str, Any]

TARGET: Final = "ncentral"
_SERVICE_ORGANISATION = 50
_SITE_OFFSET = 1_000
#: "Patch Status v2" fails where a critical update is missing for so long, by this server's thresholds.
_TOO_LONG = timedelta(days=14)


def customer_row(company: Company) -> Row:
    return {
        "customerId": company.rmm_number,
        "customerName": company.rmm_name,
        "orgUnitType": "CUSTOMER",
        "parentId": _SERVICE_ORGANISATION,
        "externalId": "",
    }


def device_row(node: Node, now: datetime) -> Row:
    company, device = node.company, node.device
    return {
        "deviceId": device.number,
        "uri": f"10.0.4.{device.number % 250}",
        "longName": device.name,
        "discoveredName": device.name,
        "deviceClass": _device_class(device),
        "deviceClassLabel": _device_class(device),
        "description": "",
        "isProbe": False,
        "osId": "winnt",
        "supportedOs": system_of(device.os_name, device.os_build).release,
        "supportedOsLabel": f"{device.os_name} x64 Edition",
        "lastLoggedInUser": device.user or "-- No one --",
        "licenseMode": "Professional",
        "orgUnitId": company.rmm_number + _SITE_OFFSET,
        "soId": _SERVICE_ORGANISATION,
        "soName": "Managed services",
        "customerId": company.rmm_number,
        "customerName": company.rmm_name,
        "siteId": company.rmm_number + _SITE_OFFSET,
        "siteName": "Head office",
        "lastApplianceCheckinTime": stamp(now if device.online else device.last_seen),
    }


def printer_row(company: Company, now: datetime) -> Row:
    """A thing on the network that is no computer; it is a device all the same."""
    return {
        "deviceId": 900_000 + company.rmm_number,
        "longName": "Front desk printer",
        "deviceClass": "Printer",
        "isProbe": False,
        "supportedOs": "",
        "supportedOsLabel": "Other",
        "customerId": company.rmm_number,
        "customerName": company.rmm_name,
        "lastApplianceCheckinTime": stamp(now),
    }


def service_rows(device: Device, now: datetime) -> list[Row]:
    """What is monitored on a device. Macs, and devices without a patch profile, have no patch service."""
    agent = "Normal" if device.online else "Failed"
    found = [_service(device, 1, "Agent Status", agent, now)]
    if device.patch_policy and _device_class(device) != "Workstations - Mac":
        state, at = _patch_state(device, now)
        found.append(_service(device, 2, "Patch Status v2", state, at))
    return found


def patch_task(device: Device) -> int:
    """The number of the device's patch service, under which it has its details."""
    return device.number * 10 + 2


def detail_row(device: Device, now: datetime) -> Row:
    """The details of "Patch Status v2"."""
    state, at = _patch_state(device, now)
    words = {"Normal": "Healthy", "No Data": "No scan yet"}.get(state, "Updates are missing")
    return {
        "scanTime": stamp(at),
        "state": state,
        "errorMessage": "",
        "serviceDetails": [
            {
                "scanDetailId": 1,
                "detailName": "pme_threshold_status",
                "description": "Patch status",
                "detailValue": words,
                "state": state,
                "monitoringType": "TEXT",
                "thresholds": [],
            }
        ],
    }


def _patch_state(device: Device, now: datetime) -> tuple[str, datetime]:
    """One word, and when it was found. What was found last stays until the device is looked at again."""
    if device.last_scan is None:
        return "No Data", now
    if not device.online:
        return "Disconnected", device.last_scan
    counted = [u for u in device.updates if u.state in MISSING and u.kind in _COUNTED]
    if not counted:
        return "Normal", device.last_scan
    late = any(u.severity == "critical" and now - u.seen_at > _TOO_LONG for u in counted)
    return ("Failed" if late else "Warning"), device.last_scan


_COUNTED = frozenset({"cumulative", "dotnet", "security"})


def _service(device: Device, number: int, name: str, state: str, at: datetime) -> Row:
    return {
        "taskId": device.number * 10 + number,
        "serviceId": 100 + number,
        "moduleName": name,
        "stateStatus": state,
        "lastScanTime": stamp(at),
        "lastUpdate": stamp(at),
        "transitionTime": stamp(at),
        "isManagedTask": False,
        "applianceName": device.name,
    }


def _device_class(device: Device) -> str:
    if device.server:
        return "Servers - Windows"
    if system_of(device.os_name, device.os_build).style == "mac":
        return "Workstations - Mac"
    return "Laptop - Windows" if device.laptop else "Workstations - Windows"


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
