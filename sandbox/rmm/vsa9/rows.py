"""Organisations, machine groups, agents, patch status, missing updates and history as VSA shows them."""

from typing import Any

from sandbox.estate.model import Company, Device, Update
from sandbox.rmm.fleet import Node
from sandbox.rmm.vsa9.words import (
    agent_id,
    american,
    classification,
    group_id,
    iso,
    iso_fine,
    on_windows,
    org_id,
    os_type,
    patch_data_id,
)

Row = dict[str, Any]


def org_row(company: Company) -> Row:
    return {
        "OrgId": org_id(company),
        "OrgName": company.rmm_name,
        "OrgRef": company.key,
        "DefaultMachineGroupId": group_id(company),
        "ParentOrgId": None,
    }


def group_row(company: Company) -> Row:
    return {
        "MachineGroupId": group_id(company),
        "MachineGroupName": f"{company.key}.root",
        "ParentMachineGroupId": None,
        "OrgId": org_id(company),
    }


def agent_row(node: Node) -> Row:
    device, company = node.device, node.company
    presence = 2 if device.user else 1
    return {
        "AgentId": agent_id(device),
        "AgentName": f"{device.name.lower()}.root.{company.key}",
        "ComputerName": device.name,
        "Online": presence if device.online else 0,
        "OSType": os_type(device),
        "OSInfo": f"{device.os_name} x64 Edition, Build {device.os_build}",
        "OrgId": org_id(company),
        "MachineGroupId": group_id(company),
        "MachineGroup": f"{company.key}.root",
        "IPAddress": f"10.{company.rmm_number}.0.{device.number % 250 + 1}",
        "LastCheckInTime": iso(device.last_seen),
        "LastRebootTime": iso(device.last_boot),
        "CurrentUser": device.user or "",
        "DomainWorkgroup": device.dns_domain,
    }


def status_row(device: Device) -> Row:
    scanned = device.last_scan if on_windows(device) else None
    return {
        "AgentId": agent_id(device),
        "LastPatchScan": iso_fine(scanned),
        "RebootPending": int(device.reboot_needed),
    }


def missing_row(update: Update, *, sched_together: int) -> Row:
    """Articles come without their letters; the code of a class as a number or as text."""
    code = classification(update)
    return {
        "PatchDataId": patch_data_id(update),
        "KBArticle": update.kb.removeprefix("KB") if update.kb else "",
        "SecurityBulletin": "",
        "Description": update.title,
        "Product": "Windows",
        "UpdateClassification": str(code) if code == 210 else code,
        "SchedTogether": sched_together,
    }


def history_row(update: Update) -> Row:
    assert update.installed_at is not None  # noqa: S101 - only installs have a history
    return {
        "PatchDataId": patch_data_id(update),
        "KBArticle": update.kb or "",
        "Description": update.title,
        "InstallDate": american(update.installed_at),
    }
