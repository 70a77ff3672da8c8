"""The estate as Tactical's JSON: clients, agents and rows of updates."""

from datetime import datetime
from typing import Any

from sandbox.estate.model import Company, Device
from sandbox.rmm.fleet import Node, spread
from sandbox.rmm.tactical.records import Record
from sandbox.rmm.tactical.state import State
from sandbox.rmm.tactical.words import (
    SERVER_TIME_ZONE,
    agent_id,
    categories,
    installed_text,
    operating_system,
    plat,
    severity,
    stamp,
    status,
)

Row = dict[str, Any]
_SITE = "Head office"


def site_number(company: Company) -> int:
    return company.rmm_number * 10 + 1


def client_row(company: Company) -> Row:
    site = {
        "id": site_number(company),
        "name": _SITE,
        "client": company.rmm_number,
        "client_name": company.rmm_name,
        "agent_count": len(company.devices),
        "custom_fields": [],
        "maintenance_mode": False,
        "block_policy_inheritance": False,
    }
    return {
        "id": company.rmm_number,
        "name": company.rmm_name,
        "sites": [site],
        "agent_count": len(company.devices),
        "custom_fields": [],
        "maintenance_mode": False,
        "block_policy_inheritance": False,
        "server_policy": 2,
        "workstation_policy": 1,
        "alert_template": None,
    }


def short_agent_row(node: Node) -> Row:
    return {
        "id": node.device.number,
        "hostname": node.device.name,
        "agent_id": agent_id(node.device),
        "client": node.company.rmm_name,
        "site": _SITE,
    }


def agent_row(state: State, node: Node, now: datetime) -> Row:
    """A row of the agents' table."""
    device = node.device
    return {
        **_facts(state, device, now),
        "client_name": node.company.rmm_name,
        "site_name": _SITE,
        "description": device.name,
        "has_patches_pending": state.waits(device),
        "pending_actions_count": 0,
        "checks": {"total": 0, "passing": 0, "failing": 0, "warning": 0, "info": 0},
        "logged_username": device.user or "-",
        "italic": False,
        "policy": None,
        "alert_template": None,
    }


def agent_detail(state: State, node: Node, now: datetime) -> Row:
    """One agent with its effective patch policy and what its hardware says."""
    device = node.device
    return {
        **_facts(state, device, now),
        "client": node.company.rmm_name,
        "site_name": _SITE,
        "site": site_number(node.company),
        "time_zone": None,
        "timezone": SERVER_TIME_ZONE,
        "patches_last_installed": None,
        "effective_patch_policy": state.policies.effective(device),
        "applied_policies": {},
        "wmi_detail": _wmi(device),
    }


def _facts(state: State, device: Device, now: datetime) -> Row:
    mac = plat(device) == "darwin"
    return {
        "agent_id": agent_id(device),
        "hostname": device.name,
        "monitoring_type": "server" if device.server else "workstation",
        "plat": plat(device),
        "goarch": "arm64" if mac else "amd64",
        "operating_system": operating_system(device),
        "version": "2.10.0",
        "status": status(device, now),
        "last_seen": stamp(now if device.online else device.last_seen),
        "boot_time": device.last_boot.timestamp(),
        "needs_reboot": state.agents.owes_restart(device),
        "maintenance_mode": False,
        "block_policy_inheritance": False,
        "overdue_dashboard_alert": False,
        "overdue_email_alert": False,
        "overdue_text_alert": False,
        "public_ip": "203.0.113.9",
        "local_ips": f"10.0.4.{spread(device, 250) + 2}",
        "make_model": "Virtual Machine" if "hyper-v-guest" in device.tags else "LENOVO 21HD",
        "serial_number": device.uid[:8].upper(),
        "custom_fields": [],
    }


def _wmi(device: Device) -> Row:
    """Classes of Windows' own inventory, each a list of lists of single properties."""
    if plat(device) == "darwin":
        return {"make_model": "Apple Mac15,12"}
    return {"comp_sys": [[{"Name": device.name}, {"Domain": device.dns_domain}]]}


def update_row(record: Record) -> Row:
    update = record.update
    names, numbers = categories(update)
    article = (update.kb or "").removeprefix("KB")
    return {
        "id": record.id,
        "agent": record.device.number,
        "guid": update.id,
        "kb": update.kb,
        "title": update.title,
        "installed": record.installed,
        "downloaded": record.installed,
        "description": "Install this update to resolve issues in Windows.",
        "severity": severity(update),
        "categories": names,
        "category_ids": numbers,
        "kb_article_ids": [article],
        "more_info_urls": [f"https://support.microsoft.com/help/{article}"],
        "support_url": "https://support.microsoft.com/help",
        "revision_number": 200,
        "action": record.action,
        "result": record.result,
        "date_installed": installed_text(record.installed_at),
    }
