"""An Automate server with canned answers, and what is asked of it."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from pydantic import SecretStr

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.patching import RmmReading
from core.domain.remediation import (
    Action,
    Direction,
    Job,
    JobId,
    JobKind,
    Options,
    Plan,
    RequestId,
    Target,
)
from integrations.http import Patience
from integrations.rmm import automate
from integrations.rmm.automate.account import AutomateAccount
from integrations.rmm.automate.settings import AutomateSettings
from tests.integrations.rmm.canned import Canned
from tests.storage.making import START, SetClock

BASE = "/cwa/api/v1"
TOKEN = f"{BASE}/apitoken"
DEPLOY = f"{BASE}/PatchActions/DeployAllApproved"
HISTORY = f"{BASE}/PatchHistory"
REQUEST = RequestId("R4K7Q")
BINDING = RmmBinding(account="cwa", vendor="automate", organisation="12")
ACTING: dict[str, Any] = {
    "write_username": "writer", "write_password": SecretStr("x"), "entity_type_computer": 1,
}  # fmt: skip
CLIENT = Client(
    key=ClientKey("rimu"), name="Rimu", rmm=(BINDING,), channel="rimu", time_zone="Pacific/Auckland",
    digest_at=time(7),
)  # fmt: skip


def iso(hours: float = 0) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def computer(number: int, **more: Any) -> dict[str, Any]:
    return {
        "Id": str(number), "ComputerName": f"PC-{number}", "Client": {"Id": "12"}, "Status": "Online",
        "OperatingSystemName": "Microsoft Windows 11 Pro", "Type": "Workstation", "IsRebootNeeded": False,
        **more,
    }  # fmt: skip


def stats(missing: int = 0, *, failed: int = 0, installed: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "MissingPatchCount": missing, "FailedPatchCount": failed, "InstalledPatchCount": installed,
        "NoPatchInventory": False, "PatchJobRunning": False, "LastPatchInventory": iso(-2),
        "IsMicrosoftManaged": True, **more,
    }  # fmt: skip


def update(number: int, *, installed: bool = False, approval: str = "Approve", **more: Any) -> Any:
    return {
        "Title": f"Update for something (KB{number})", "KnowledgeBaseId": number, "IsInstalled": installed,
        "IsFailed": False, "PolicyApproval": {"Name": approval}, **more,
    }  # fmt: skip


def attempt(number: int, hours: float, result: int = 2, computer_id: int = 412) -> dict[str, Any]:
    return {
        "ActionDate": iso(hours), "ComputerId": computer_id, "OperationCode": {"Id": 1},
        "ResultCode": {"Id": result},
        "PatchHistoryTitle": {"Title": f"Update for something (KB{number})", "KnowledgeBaseId": number},
    }  # fmt: skip


def key(number: int) -> str:
    return f"KB{number} update for something (kb{number})"


@dataclass
class Server(Canned):
    """One Automate server with canned answers; lists are given on the first page and are empty after it."""

    def lists(self, path: str, rows: list[Any]) -> None:
        self.answers["GET", f"{BASE}/{path}"] = lambda request: (
            200,
            rows if request.query.get("page") == "1" else [],
        )

    def fleet(self, *computers: dict[str, Any]) -> None:
        self.lists("Clients", [{"Id": "12", "Name": "Rimu Joinery"}])
        self.lists("Computers", list(computers))

    def patching(self, number: int, told: dict[str, Any], updates: list[Any] | None = None) -> None:
        self.says(f"{BASE}/Computers/{number}/PatchingStats", told)
        self.lists(f"Computers/{number}/MicrosoftUpdates", updates or [])

    def account(self, **more: Any) -> AutomateAccount:
        made = automate.connect(
            "cwa",
            AutomateSettings(
                base_url=self.url,
                ca_file=self.ca_file,
                client_id="guid",
                username="reader",
                password=SecretStr("x"),
                **(more or ACTING),
            ),
            clock=SetClock(),
            patience=Patience(tries=1),
        )
        self.closers.append(made.close)
        return made

    def reading(self) -> RmmReading:
        return self.account().read([BINDING])["12"]


def a_job(kind: JobKind = JobKind.INSTALL, **more: Any) -> Job:
    return Job(
        id=JobId(f"{REQUEST}-1"), kind=kind, account="cwa", client=CLIENT.key, targets=("cwa:412",),
        dispatched_at=START, **more,
    )  # fmt: skip


def a_plan(*numbers: int, basis: frozenset[str] | None = frozenset()) -> Plan:
    targets = tuple(
        Target(id=f"cwa:{number}", name=f"PC-{number}", basis=basis) for number in numbers
    )
    return Plan(
        client=CLIENT.key, client_name="Rimu", account="cwa", action=Action.INSTALL_PATCHES,
        direction=Direction.RAISES, options=Options(), targets=targets, made_at=START,
    )  # fmt: skip
