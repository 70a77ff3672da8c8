"""The update script the MSP installed in the RMMs that only run scripts; docs/components.md is its contract."""

import json
import re
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.estate.model import Device, Update
from sandbox.estate.systems import system_of
from sandbox.rmm.installs import MISSING, WAITING, attempt

NAME = "gatehouse-updates"
VERSION = "2.1.0"
#: The variables a component or workflow that runs it declares, with their defaults.
VARIABLES = {"mode": "scan", "requestId": "", "kbs": ""}

#: How long whoever is signed in gets to save their work before a restart.
WARNING = timedelta(minutes=5)

_S_OK = "0x00000000"
#: WU_E_UH_INSTALLERFAILURE: the update handler's installer failed.
_INSTALLER_FAILED = "0x8024200B"
_NO_UPDATE = "0x80240024"

_MODES = ("scan", "install", "restart")
_KBS = re.compile(r"(KB[0-9]{5,8}(,KB[0-9]{5,8}){0,199})?")
#: By the estate's kind; what is missing here has classification "unknown".
_CLASSES = {
    "cumulative": "security",
    "dotnet": "security",
    "security": "security",
    "driver": "driver",
    "feature": "feature",
}


@dataclass
class Run:
    """One run of the script on a device. Times are aware UTC."""

    device: Device
    variables: dict[str, str]
    started_at: datetime
    tried: list[tuple[Update, bool]] = field(default_factory=list)

    @property
    def installs(self) -> bool:
        return self._told("mode") == "install"

    @property
    def restarts(self) -> bool:
        return self._told("mode") == "restart"

    @property
    def named(self) -> list[str]:
        return [kb for kb in self._told("kbs").split(",") if kb]

    def refusal(self) -> str | None:
        """Why the script gives up before it does anything: a line for stderr."""
        if self._told("mode") not in _MODES:
            return f"{NAME}: mode must be scan, install or restart"
        if not _KBS.fullmatch(self._told("kbs")) or (self.named and not self.installs):
            return f"{NAME}: kbs must be a list such as KB5000001,KB5000002"
        system = system_of(self.device.os_name, self.device.os_build)
        if system.style == "mac":
            return f"{NAME}: it runs on Windows only"
        if system.build.startswith("6."):
            return "The script requires version 5.1 of Windows PowerShell"
        return None

    def todo(self) -> list[Update]:
        if not self.installs:
            return []
        if not self.named:
            return [update for update in self.device.updates if _approved(update)]
        return [u for u in self.device.updates if u.state in MISSING and u.kb in self.named]

    def attempt(self, update: Update, at: datetime) -> None:
        """Install one of what was to do, unless a newer one has replaced it meanwhile."""
        if update.state in MISSING:
            self.tried.append((update, attempt(self.device, update, at)))

    def output(self, finished_at: datetime) -> str:
        """The one line of JSON on stdout."""
        answer = {
            "component": NAME,
            "version": VERSION,
            "requestId": self._told("requestId"),
            "mode": self._told("mode"),
            "startedAt": _stamp(self.started_at),
            "finishedAt": _stamp(finished_at),
            **self._found(finished_at),
            "rebootRequired": self.device.reboot_needed,
        }
        return json.dumps(answer, separators=(",", ":"))

    def _found(self, finished_at: datetime) -> dict[str, Any]:
        if self.restarts:
            return {"restartsAt": _stamp(finished_at + WARNING)}
        return {
            "attempted": [*(_tried(*item) for item in self.tried), *self._not_offered()],
            "missing": [self._row(update) for update in self.device.updates if self._lists(update)],
        }

    def _told(self, name: str) -> str:
        return self.variables.get(name) or VARIABLES[name]

    def _not_offered(self) -> list[dict[str, Any]]:
        tried = {update.kb for update, _ in self.tried}
        return [
            {"kb": kb, "title": kb, "result": "not_offered", "hresult": _NO_UPDATE}
            for kb in self.named
            if kb not in tried
        ]

    def _lists(self, update: Update) -> bool:
        if update.kind in ("definition", "third_party"):
            return False
        return update.state in MISSING or self._awaits_restart(update)

    def _awaits_restart(self, update: Update) -> bool:
        """Windows Update goes on listing what is in and not in force yet."""
        if not (update.state == "installed" and update.needs_reboot and self.device.reboot_needed):
            return False
        return update.installed_at is not None and update.installed_at >= self.device.last_boot

    def _row(self, update: Update) -> dict[str, Any]:
        return {
            "kb": update.kb,
            "title": update.title,
            "classification": _CLASSES.get(update.kind, "unknown"),
            "severity": "none" if update.severity == "optional" else update.severity,
            "released": update.released.isoformat(),
            "cves": _cves(update),
            "approved": _approved(update),
            "restartPending": self._awaits_restart(update),
        }


def _approved(update: Update) -> bool:
    """What Windows Update offers and nobody hid, but for what has to be named."""
    return update.state in WAITING and _CLASSES.get(update.kind) == "security"


def _cves(update: Update) -> list[str]:
    """What a security update says it closes; many say nothing."""
    number = zlib.crc32(update.title.encode())
    some = number % 7 if _CLASSES.get(update.kind) == "security" else 0
    return [
        f"CVE-{update.released.year}-{10_000 + (number + 37 * n) % 80_000}" for n in range(some)
    ]


def _tried(update: Update, installed: bool) -> dict[str, Any]:
    return {
        "kb": update.kb,
        "title": update.title,
        "result": "installed" if installed else "failed",
        "hresult": _S_OK if installed else _INSTALLER_FAILED,
    }


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
