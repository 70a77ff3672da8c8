"""A VSA 9 server with canned answers, and what is asked of it."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from pydantic import SecretStr

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.patching import RmmReading
from core.domain.remediation import Job, JobId, JobKind, RequestId
from integrations.http import Patience
from integrations.rmm import vsa9
from integrations.rmm.vsa9.account import Vsa9Account
from integrations.rmm.vsa9.settings import Vsa9Settings
from tests.integrations.rmm.canned import Canned
from tests.storage.making import START, SetClock

BASE = "/api/v1.0"
AUTH, AGENTS = f"{BASE}/auth", f"{BASE}/assetmgmt/agents"
SCHEDULE = f"{BASE}/assetmgmt/patch/7/schedule"
REQUEST = RequestId("R4K7Q")
BINDING = RmmBinding(account="k", vendor="vsa9", organisation="10")
CLIENT = Client(
    key=ClientKey("copper"), name="Copper", rmm=(BINDING,), channel="copper",
    time_zone="America/Chicago", digest_at=time(7),
)  # fmt: skip


def enveloped(rows: Any, **more: Any) -> dict[str, Any]:
    total = {"TotalRecords": len(rows)} if isinstance(rows, list) else {}
    return {**total, "Result": rows, "ResponseCode": 0, "Status": "OK", "Error": "None", **more}


def refused(code: Any, words: str = "no") -> dict[str, Any]:
    return {"Result": None, "ResponseCode": code, "Status": "Error", "Error": words}


def agent(number: int, **more: Any) -> dict[str, Any]:
    return {"AgentId": str(number), "ComputerName": f"PC-{number}", "Online": 1, "OSType": "11",
            "OSInfo": "Professional", "OrgId": "10", **more}  # fmt: skip


def lacking(number: int, **more: Any) -> dict[str, Any]:
    return {"PatchDataId": number, "KBArticle": f"{5_000_000 + number}", "Description": f"Update {number}",
            "UpdateClassification": 100, "SchedTogether": 0, **more}  # fmt: skip


@dataclass
class Server(Canned):
    """One VSA server with canned answers; a list is given whole, whatever page is asked for."""

    def lists(self, path: str, rows: list[Any]) -> None:
        self.says(f"{BASE}/{path}", enveloped(rows))

    def fleet(self, *agents: dict[str, Any]) -> None:
        self.lists("system/orgs", [{"OrgId": "10", "OrgName": "Copperleaf"}])
        self.lists("assetmgmt/agents", list(agents))

    def patching(self, number: int, *missing: Any, denied: Any = (), **status: Any) -> None:
        path = f"assetmgmt/patch/{number}"
        told = {"LastPatchScan": f"{START - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}Z", **status}
        self.says(f"{BASE}/{path}/status", enveloped(told))
        self.lists(f"{path}/machineupdate/false", [*missing, *denied])
        self.lists(f"{path}/machineupdate/true", list(missing))
        self.lists(f"{path}/history", [])

    def account(self, **more: Any) -> Vsa9Account:
        made = vsa9.connect(
            "k",
            Vsa9Settings(
                base_url=self.url,
                ca_file=self.ca_file,
                username="reader",
                access_token=SecretStr("x"),
                write_username="writer",
                write_access_token=SecretStr("y"),
                **more,
            ),
            clock=SetClock(),
            patience=Patience(tries=2, first_wait=timedelta(milliseconds=1)),
        )
        self.closers.append(made.close)
        return made

    def reading(self) -> RmmReading:
        return self.account().read([BINDING])["10"]


def a_job(**mark: str) -> Job:
    return Job(
        id=JobId(f"{REQUEST}-1"), kind=JobKind.INSTALL, account="k", client=CLIENT.key,
        targets=("k:7",), chosen=("299", "301"), mark=mark, dispatched_at=START,
    )  # fmt: skip


def order(server: Server, **mark: str) -> None:
    server.account().dispatch(CLIENT, a_job(**(mark or {"patches": "299 301"})), REQUEST)
