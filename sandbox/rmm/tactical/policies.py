"""Patch policies: which severities are approved by themselves, and whether a restart follows an install."""

from typing import Any

from sandbox.estate.model import Device

Row = dict[str, Any]
_WORKSTATION, _SERVER = 1, 2
#: Field of a policy -> the severity its "approve" approves.
_APPROVES = {
    "critical": "Critical",
    "important": "Important",
    "moderate": "Moderate",
    "low": "Low",
    "other": "",
}


class Policies:
    """One automation policy for workstations and one for servers, which agents may override."""

    def __init__(self) -> None:
        self._rows = {
            _WORKSTATION: _policy(_WORKSTATION, reboot_after_install="required"),
            _SERVER: _policy(_SERVER, reboot_after_install="never"),
        }

    def find(self, number: int) -> Row | None:
        return self._rows.get(number)

    def effective(self, device: Device) -> Row:
        """The policy as it holds for one agent: a PC that somebody works on is never restarted."""
        row = self._rows[_SERVER if device.server else _WORKSTATION]
        return row if device.user is None else {**row, "reboot_after_install": "never"}

    def approves(self, device: Device) -> set[str]:
        """The severities that are approved without anybody's doing."""
        row = self.effective(device)
        return {severity for field, severity in _APPROVES.items() if row[field] == "approve"}

    def restarts(self, device: Device) -> bool:
        """Whether the server has this device restarted once its agent reports an install's end."""
        word = self.effective(device)["reboot_after_install"]
        return word == "always" or (word == "required" and device.reboot_needed)


def _policy(number: int, *, reboot_after_install: str) -> Row:
    return {
        "id": number,
        "agent": None,
        "policy": number,
        **dict.fromkeys(_APPROVES, "manual"),
        "run_time_hour": 3,
        "run_time_frequency": "daily",
        "run_time_days": [5, 6],
        "run_time_day": 1,
        "reboot_after_install": reboot_after_install,
        "reprocess_failed_inherit": True,
        "reprocess_failed": False,
        "reprocess_failed_times": 5,
        "email_if_fail": False,
    }
