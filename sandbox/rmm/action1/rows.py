"""The estate as Action1's JSON: organisations, endpoints, and packages with their missing versions."""

from collections.abc import Iterable
from datetime import datetime

from sandbox.estate.model import Company, Device, Update
from sandbox.rmm.action1.approvals import approval
from sandbox.rmm.action1.pages import Row
from sandbox.rmm.action1.words import (
    classification,
    package_of,
    platform,
    severity,
    stamp,
    system_name,
    unit,
)
from sandbox.rmm.fleet import Node, spread
from sandbox.rmm.installs import MISSING


def organization_row(company: Company) -> Row:
    return {
        "id": company.rmm_uid,
        "type": "Organization",
        "name": company.rmm_name,
        "description": "",
    }


def endpoint_row(node: Node, now: datetime, *, whole: bool) -> Row:
    """One endpoint; the counts are among the fields that have to be asked for."""
    device = node.device
    row = {
        "id": device.uid,
        "type": "Endpoint",
        "organization_id": node.company.rmm_uid,
        "name": device.name,
        "device_name": device.name,
        "OS": system_name(device),
        "platform": platform(device),
        "address": f"10.0.4.{spread(device, 250) + 2}",
        "user": device.user or "",
        "comment": "",
        "serial": device.uid[:8].upper(),
        "manufacturer": "LENOVO",
        "agent_version": "5.290.721.1",
        "subscription_status": "Active",
        "AD_organization_unit": unit(device),
        "status": "Connected" if device.online else "Disconnected",
        "last_seen": stamp(now if device.online else device.last_seen),
        "last_boot_time": stamp(device.last_boot),
        "reboot_required": "Yes" if device.reboot_needed else "No",
    }
    return {**row, **_counts(device)} if whole else row


def _counts(device: Device) -> Row:
    """Nothing is counted on an endpoint that was never assessed; one of the numbers is spelt as text."""
    if device.last_scan is None:
        return {"missing_critical_updates": None, "missing_other_updates": None}
    listed = missing(device)
    critical = sum(update.severity == "critical" for update in listed)
    return {
        "missing_critical_updates": str(critical),
        "missing_other_updates": len(listed) - critical,
    }


def missing(device: Device) -> list[Update]:
    """What an endpoint is known to miss, other makers' software too."""
    if device.last_scan is None:
        return []
    return [update for update in device.updates if update.state in MISSING]


def package_rows(company: Company, updates: Iterable[Update]) -> list[Row]:
    """Packages with the versions of them that are missing; an update that many miss is listed once."""
    found: dict[str, Row] = {}
    for update in updates:
        package = package_of(update)
        row = found.setdefault(package.id, _package_row(update))
        if all(version["id"] != package.version_id for version in row["versions"]):
            row["versions"].append(_version_row(company, update))
    return [found[key] for key in sorted(found)]


def _package_row(update: Update) -> Row:
    package = package_of(update)
    return {
        "id": package.id,
        "type": "Package",
        "name": package.name,
        "vendor": package.vendor,
        "description": "",
        "builtin": "yes",
        "kb_number": update.kb or "",
        "update_type": "Regular",
        "classification": classification(update),
        "reboot_needed": "Yes" if update.needs_reboot else "No",
        "status": "Published",
        "versions": [],
    }


def _version_row(company: Company, update: Update) -> Row:
    package = package_of(update)
    return {
        "id": package.version_id,
        "type": "Version",
        "version": package.version,
        "release_date": update.released.isoformat(),
        "security_severity": severity(update),
        "approval_status": approval(company, update),
        "status": "Published",
    }
