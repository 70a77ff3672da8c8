"""/devices: the computers and phones a directory knows."""

from sandbox.entra.odata import check_names, pick, selected
from sandbox.entra.paging import page, page_size
from sandbox.entra.protocol import Answer, Call, Json, Operation, any_of
from sandbox.estate.ids import stable_id
from sandbox.estate.model import RegisteredDevice
from sandbox.estate.times import stamp

_READ_DEVICES = any_of("Device.Read.All", "Directory.Read.All", "Directory.ReadWrite.All")


def list_devices(call: Call) -> Answer:
    """Pages of 100, at most 999."""
    names = selected(call)
    size = page_size(call, default=100, most=999)
    rows = [_row(device) for device in call.tenant.devices]
    check_names(names or (), rows[0] if rows else (), "device")
    return page(call, rows, lambda row: pick(row, names), context="devices", size=size)


def _row(device: RegisteredDevice) -> Json:
    return {
        "id": device.id,
        "deletedDateTime": None,
        "accountEnabled": device.enabled,
        "approximateLastSignInDateTime": stamp(device.last_sign_in),
        "deviceId": stable_id(0, device.id),
        "displayName": device.name,
        "isManaged": None,
        "operatingSystem": device.system,
        "operatingSystemVersion": "10.0.26100.2314" if device.system == "Windows" else None,
        "profileType": "RegisteredDevice",
        "trustType": device.trust,
    }


OPERATIONS = (
    Operation(
        method="GET",
        template="/devices",
        handler=list_devices,
        roles=_READ_DEVICES,
        options=frozenset({"select", "top"}),
    ),
)
