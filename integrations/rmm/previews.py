"""What an install would take on one device, for vendors that list updates; pure."""

from collections.abc import Mapping, Sequence

from core.domain.patching import Device, DevicePreview, Patch, PatchClass

#: An approver looks twice at these.
WEIGHTY = (PatchClass.DRIVER, PatchClass.FEATURE)


def preview(
    device: Device, taken: Sequence[Patch] | None, chosen: Mapping[str, str] | None = None
) -> DevicePreview:
    """`taken` is None where nobody knows; `chosen` where the vendor is told which, by what it is told."""
    return DevicePreview(
        device_id=device.id,
        name=device.name,
        kind=device.kind,
        online=device.online,
        patch_keys=None if taken is None else frozenset(patch.key for patch in taken),
        weighty_keys=frozenset(patch.key for patch in taken or () if patch.patch_class in WEIGHTY),
        chosen=chosen or {},
        count=None if taken is None else len(taken),
    )
