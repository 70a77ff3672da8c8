"""The estate as Syncro's JSON: customers and assets. Times are ISO 8601 with a zone."""

from datetime import datetime, timedelta

from sandbox.estate.model import Company, Device
from sandbox.estate.systems import system_of
from sandbox.rmm.fleet import Node, spread
from sandbox.rmm.syncro.evaluations import Row, stamp

_PRINTER = 900_000
_TRIGGERS = (
    "bsod_triggered", "time_triggered", "no_av_triggered", "defrag_triggered", "firewall_triggered",
    "app_crash_triggered", "low_hd_space_triggered", "smart_failure_triggered", "device_manager_triggered",
)  # fmt: skip


def customer(company: Company) -> Row:
    return {
        "id": company.rmm_number,
        "firstname": None,
        "lastname": None,
        "fullname": " ",
        "business_name": company.rmm_name,
        "email": f"office@{company.domain}",
        "disabled": False,
        "properties": {},
        "business_and_full_name": company.rmm_name,
        "business_then_name": company.rmm_name,
    }


def asset(node: Node, now: datetime) -> Row:
    """A machine with the agent on it; its inventory lies among the properties."""
    device = node.device
    offline = not device.online and now - device.last_seen > timedelta(hours=1)
    return {
        **_plain(node.company, device.number, device.name, "Syncro Device"),
        "properties": {
            "device_name": device.name,
            "os_name": device.os_name,
            "kabuto_information": _inventory(device, now),
        },
        "rmm_store": {
            "id": device.number,
            "asset_id": device.number,
            "account_id": 1,
            "triggers": dict.fromkeys(_TRIGGERS, "false")
            | {"agent_offline_triggered": str(offline).lower()},
            "windows_updates": {},
            "emsisoft": {},
            "general": {},
        },
    }


def printer(company: Company) -> Row:
    """What is typed in by hand has no agent, and no inventory."""
    row = _plain(company, _PRINTER + company.rmm_number, "Reception printer", "Printer")
    return {**row, "properties": {"Make": "Brother"}, "rmm_store": None}


def _plain(company: Company, number: int, name: str, kind: str) -> Row:
    return {
        "id": number,
        "name": name,
        "customer_id": company.rmm_number,
        "contact_id": None,
        "created_at": "2025-10-21T04:40:27.117+02:00",
        "updated_at": "2026-10-21T04:40:27.190+02:00",
        "asset_type": kind,
        "asset_serial": f"S{number}",
        "external_rmm_link": None,
        "customer": customer(company),
        "rmm_links": [],
        "address": None,
    }


def _inventory(device: Device, now: datetime) -> Row:
    system = system_of(device.os_name, device.os_build)
    synced = now - timedelta(seconds=spread(device, 400)) if device.online else device.last_seen
    form = "Server" if device.server else "Laptop" if device.laptop else "Desktop"
    return {
        "last_synced_at": stamp(synced),
        "last_user": device.user,
        "general": {
            "name": device.name,
            "manufacturer": "LENOVO",
            "model": "21HD",
            "form_factor": form,
            "domain": device.dns_domain,
        },
        "os": {
            "name": device.os_name,
            "windows_release_version": system.release,
            "build": device.os_build.removeprefix("10.0."),
            "last_boot_time": stamp(device.last_boot),
            "pending_reboot": device.reboot_needed,
        },
    }
