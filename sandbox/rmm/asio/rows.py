"""The estate as the platform's JSON: companies, endpoints in both versions, heartbeats, updates and their counts."""

from datetime import datetime

from sandbox.estate.model import Company
from sandbox.rmm.asio import words
from sandbox.rmm.asio.assessments import Assessment
from sandbox.rmm.asio.pages import Row, site_id
from sandbox.rmm.fleet import Node


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
