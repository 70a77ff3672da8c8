"""The estate as the platform's JSON: companies, endpoints in both versions, heartbeats, updates and their counts."""

from datetime import datetime

from sandbox.estate.model import Company, Update
from sandbox.rmm.asio import words
from sandbox.rmm.asio.assessments import Assessment
from sandbox.rmm.asio.pages import Row, site_id
from sandbox.rmm.fleet import Node
from sandbox.rmm.installs import MISSING


def company(item: Company) -> Row:
    return {
        "id": item.rmm_uid,
        "name": item.rmm_name,
        "friendlyName": item.rmm_name,
        "partnerId": "50000001",
        "externalIds": [],
    }


def endpoint(node: Node, fields: frozenset[str]) -> Row:
    """A row of version 2; what is not among `fields` is left out."""
    device = node.device
    row: Row = {
        "endpointID": device.uid,
        "deviceName": device.name,
        "friendlyName": device.name,
        "resourceType": "server" if device.server else "desktop",
        "endpointType": words.endpoint_type(device),
    }
    parts = {"os": _os(node), "system": _system(node)}
    return row | {name: parts[name] for name in sorted(fields & set(parts))}


def short_endpoint(node: Node) -> Row:
    """A row of version 1, which tells no name."""
    return {
        "clientId": node.company.rmm_uid,
        "siteId": site_id(node.company.rmm_uid),
        "endpointId": node.device.uid,
        "regId": str(node.device.number),
        "endpointType": words.endpoint_type(node.device),
        "osType": "Windows" if words.on_windows(node.device) else "Darwin",
    }


def endpoint_detail(node: Node, now: datetime) -> Row:
    """One endpoint of version 1, as far as its assets concern anybody here."""
    return {
        "createTimeUTC": words.stamp(now),
        "endpointID": node.device.uid,
        "clientID": node.company.rmm_uid,
        "siteID": site_id(node.company.rmm_uid),
        "friendlyName": node.device.name,
        "resourceType": "server" if node.device.server else "desktop",
        "endpointType": words.endpoint_type(node.device),
        "os": _os(node),
        "system": _system(node),
        "installedSoftwares": [],
    }


def heartbeat(node: Node, now: datetime) -> Row:
    device = node.device
    seen = now if device.online else device.last_seen
    return {
        "EndpointID": device.uid,
        "DcDateTimeUTC": words.stamp(seen),
        "Availability": device.online,
    }


def compliance(node: Node, found: Assessment) -> Row:
    return {
        "endpointID": node.device.uid,
        "compliance": found.compliance,
        "missingPatchCount": found.missing,
        "installedPatchCount": found.installed,
        "pendingRebootPatchCount": found.pending_reboot,
        "outOfSupport": found.out_of_support,
        "assessedAt": words.stamp(found.at),
    }


def patches(found: Assessment) -> Row:
    summary = {
        "assessedAt": words.stamp(found.at),
        "missingCount": found.missing,
        "installedCount": found.installed,
        "pendingRebootCount": found.pending_reboot,
        "compliance": found.compliance,
        "outOfSupport": found.out_of_support,
        "policyName": "Standard",
    }
    return {"summary": summary, "patches": list(found.rows)}


def software(node: Node) -> list[Update]:
    """Other makers' software on a device that was assessed."""
    if node.device.last_scan is None or not words.on_windows(node.device):
        return []
    listed = MISSING | {"installed"}
    return [u for u in node.device.updates if u.kind == "third_party" and u.state in listed]


def software_count(node: Node) -> Row:
    found = software(node)
    pending = sum(update.state != "installed" for update in found)
    score = 100 * (len(found) - pending) / len(found)
    return {
        "endpointID": node.device.uid, "complianceScore": round(score, 1), "updatesPending": pending,
    }  # fmt: skip


def software_row(node: Node) -> Row:
    return {
        "endpointID": node.device.uid,
        "applications": [_application(update) for update in software(node)],
    }


def _application(update: Update) -> Row:
    name, _, version = update.title.rpartition(" ")
    current = update.state == "installed"
    return {
        "applicationID": update.id,
        "applicationName": name,
        "installedVersion": version if current else "1.0",
        "latestVersion": version,
        "status": "UP-TO-DATE" if current else "OUT-OF-DATE",
    }


def _os(node: Node) -> Row:
    device = node.device
    windows = words.on_windows(device)
    return {
        "product": device.os_name,
        "manufacturer": "Microsoft Corporation" if windows else "Apple Inc.",
        "version": device.os_build,
        "type": "Windows" if windows else "Darwin",
        "arch": "64-bit",
    }


def _system(node: Node) -> Row:
    return {"systemName": node.device.name, "domain": node.device.dns_domain, "category": "x64"}
