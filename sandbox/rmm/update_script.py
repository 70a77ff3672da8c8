"""The update script the MSP installed in the RMMs that only run scripts; docs/datto-component.md is its contract."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.estate.model import Device, Update
from sandbox.estate.systems import system_of
from sandbox.rmm.installs import MISSING, waiting

NAME = "gatehouse-updates"
VERSION = "1.0.0"

_S_OK = "0x00000000"
#: WU_E_UH_INSTALLERFAILURE: the update handler's installer failed.
_INSTALLER_FAILED = "0x8024200B"

_CHOICES = {"mode": ("scan", "install"), "reboot": ("never", "if_idle")}


@dataclass
class Run:
    """One run of the script on a device. Times are aware UTC."""

    device: Device
    variables: dict[str, str]
    started_at: datetime
    tried: list[tuple[Update, bool]] = field(default_factory=list)

    @property
    def installs(self) -> bool:
        return self.variables.get("mode") == "install"

    @property
    def reboots(self) -> bool:
        idle = self.device.user is None and self.device.reboot_needed
        return self.installs and idle and self.variables.get("reboot") == "if_idle"

    def refusal(self) -> str | None:
        """Why the script gives up before it does anything: a line for stderr."""
        for name, choices in _CHOICES.items():
            if self.variables.get(name, choices[0]) not in choices:
                return f"{name} must be one of {', '.join(choices)}"
        system = system_of(self.device.os_name, self.device.os_build)
        if system.style == "mac":
            return "This component runs on Windows only"
        if system.build.startswith("6."):
            return "This component needs PowerShell 5.1 or later"
        return None

    def todo(self) -> list[Update]:
        return [u for u in waiting(self.device) if u.kind != "definition"] if self.installs else []

    def output(self, finished_at: datetime) -> str:
        """The one line of JSON on stdout."""
        rows = [_tried(update, installed) for update, installed in self.tried]
        if not self.installs:
            rows = [_missing(update) for update in self._still_missing()]
        states = [update.state for update in self._still_missing()]
        answer = {
            "component": NAME,
            "version": VERSION,
            "requestId": self.variables.get("requestId", ""),
            "mode": "install" if self.installs else "scan",
            "startedAt": _stamp(self.started_at),
            "finishedAt": _stamp(finished_at),
            "updates": rows,
            "rebootRequired": self.device.reboot_needed,
            "remaining": {
                "approved": sum(state in ("approved", "failed") for state in states),
                "notApproved": sum(state in ("pending", "rejected") for state in states),
            },
        }
        return json.dumps(answer)

    def _still_missing(self) -> list[Update]:
        return [
            update
            for update in self.device.updates
            if update.state in MISSING and update.kind not in ("definition", "third_party")
        ]


def _tried(update: Update, installed: bool) -> dict[str, Any]:
    return {
        "kb": update.kb,
        "title": update.title,
        "result": "installed" if installed else "failed",
        "hresult": _S_OK if installed else _INSTALLER_FAILED,
    }


def _missing(update: Update) -> dict[str, Any]:
    return {
        "kb": update.kb,
        "title": update.title,
        "result": "missing",
        "hresult": _S_OK,
        "severity": update.severity,
        "released": update.released.isoformat(),
        "approved": update.state in ("approved", "failed"),
    }


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
