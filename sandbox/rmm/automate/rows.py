"""The estate in Automate's JSON. Ids of clients and computers are texts in their own lists, numbers elsewhere."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.estate.model import Company, Device, Update
from sandbox.rmm.automate.words import (
    approval,
    article,
    category,
    cvss,
    on_windows,
    severity,
    stamp,
)
from sandbox.rmm.fleet import Node, spread
from sandbox.rmm.installs import MISSING

Row = dict[str, Any]

_STATES = {"installed": "Installed", "failed": "Failed"}
_STAGES = ("Test", "Pilot", "Production")


def client_row(company: Company) -> Row:
    return {
        "Id": str(company.rmm_number),
        "Name": company.rmm_name,
        "Company": company.name,
        "City": None,
        "State": None,
        "Country": None,
        "ExternalId": "",
        "IsHiddenFromAllInclusiveGroup": False,
    }


def computer_row(node: Node, now: datetime) -> Row:
    device, company = node.device, node.company
    contact = now - timedelta(seconds=spread(device, 55)) if device.online else device.last_seen
    return {
        "Id": str(device.number),
        "ComputerName": device.name,
        "Client": {"Id": str(company.rmm_number), "Name": company.rmm_name},
        "Location": {"Id": company.rmm_number * 10 + 1, "Name": "Main Office"},
        "OperatingSystemName": device.os_name,
        "OperatingSystemVersion": device.os_build,
        "DomainName": device.dns_domain,
        "Type": "Server" if device.server else "Workstation",
        "Status": "Online" if device.online else "Offline",
        "RemoteAgentLastContact": stamp(contact),
        "LastHeartbeat": stamp(contact),
        "LastStartup": stamp(device.last_boot),
        "WindowsUpdateDate": stamp(device.last_scan),
        "IsRebootNeeded": device.reboot_needed,
        "IsMaintenanceModeEnabled": False,
        "IsVirtualMachine": "hyper-v-guest" in device.tags,
        "SerialNumber": device.uid[:8].upper(),
        "LastUserName": device.user or "",
        "Comment": None,
    }


def stats_row(device: Device, now: datetime, *, running: bool) -> Row:
    """What is known of a computer's patching; of one that was never inventoried, nothing is counted."""
    updates = listed(device)
    installed = [u for u in updates if u.state == "installed"]
    failed = [u for u in updates if u.state == "failed"]
    missing = len(updates) - len(installed) - len(failed)
    software = third_party(device)
    behind = sum(u.state in MISSING and u.state != "failed" for u in software)
    updated = max((u.installed_at for u in software if u.installed_at), default=None)
    patched = max((u.installed_at for u in installed if u.installed_at), default=None)
    return {
        "ComputerId": device.number,
        "OverallCompliance": 100.0 if not updates else round(100 * len(installed) / len(updates), 2),
        "InstalledPatchCount": len(installed),
        "MissingPatchCount": missing,
        "FailedPatchCount": len(failed),
        "CompliantSoftwareCount": sum(u.state == "installed" for u in software),
        "NonCompliantSoftwareCount": behind,
        "FailedSoftwareCount": sum(u.state == "failed" for u in software),
        "IncorrectSoftwareCount": 0,
        "Stage": _STAGES[spread(device, 3)],
        "NoPatchInventory": device.last_scan is None or not on_windows(device),
        "WSUSEnabled": False,
        "PatchJobRunning": running,
        "WUAOutOfDate": False,
        "LastInstallWindow": stamp(patched),
        "NextInstallWindow": stamp(now + timedelta(days=3)),
        "LastPatchedDate": stamp(patched),
        "LastMicrosoftPatchedDate": stamp(patched),
        "LastThirdPartyPatchedDate": stamp(updated),
        "LastPatchInventory": stamp(device.last_scan if on_windows(device) else None),
        "IsMicrosoftManaged": device.patch_policy and on_windows(device),
        "IsThirdPartyManaged": device.patch_policy and on_windows(device),
    }  # fmt: skip


def listed(device: Device) -> list[Update]:
    """Microsoft's updates as the last inventory found them; a computer without one lists nothing."""
    if device.last_scan is None or not on_windows(device):
        return []
    return [u for u in device.updates if u.kind != "third_party" and u.state != "superseded"]


def third_party(device: Device) -> list[Update]:
    """Other makers' software as the last inventory found it, one row per product."""
    if device.last_scan is None or not on_windows(device):
        return []
    return [u for u in device.updates if u.kind == "third_party" and u.state != "superseded"]


def software_row(device: Device, update: Update) -> Row:
    product, _, version = update.title.rpartition(" ")
    installed = update.state == "installed"
    return {
        "PatchId": update.id,
        "ComputerId": device.number,
        "SoftwareId": update.id,
        "Title": product,
        "DisplayTitle": product,
        "Manufacturer": product.partition(" ")[0],
        "InstalledVersion": version if installed else _before(version),
        "ApprovedVersion": "" if update.state in ("pending", "rejected") else version,
        "AvailableVersion": version,
        "ComplianceState": {"Id": 1, "Name": "Compliant"} if installed else {"Id": 2, "Name": "Non-Compliant"},
        "InstallState": _STATES.get(update.state, "Missing"),
        "InstallAction": {"Id": 1, "Name": "Update"},
        "InstallDate": stamp(update.installed_at) if installed else None,
        "Is64Bit": True,
        "IsInstalled": True,
        "IsFailed": update.state == "failed",
        "IsCompliant": installed,
        "IsNonCompliant": not installed,
        "PolicyApproval": approval(update),
    }  # fmt: skip


def _before(version: str) -> str:
    """The version that came before, which is still there."""
    first, dot, rest = version.partition(".")
    return f"{int(first) - 1}{dot}{rest}" if first.isdecimal() else f"{version}-1"


def update_row(device: Device, update: Update) -> Row:
    installed = update.state == "installed"
    return {
        "ComputerId": device.number,
        "MicrosoftUpdateId": update.id,
        "KnowledgeBaseId": article(update),
        "Title": update.title,
        "Category": category(update),
        "Severity": severity(update),
        "Cvss": cvss(update),
        "ReleaseDate": f"{update.released:%Y-%m-%d}T00:00:00Z",
        "InstallDate": stamp(update.installed_at) if installed else None,
        "InstallState": _STATES.get(update.state, "Missing"),
        "IsInstalled": installed,
        "IsFailed": update.state == "failed",
        "IsCompliant": installed,
        "IsNonCompliant": not installed,
        "PolicyApproval": approval(update),
    }
