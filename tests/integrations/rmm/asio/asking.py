"""An account at the stand-in of ConnectWise RMM, and what it was asked."""

from typing import Any

from aiohttp import web

from core.domain.patching import RmmReading
from integrations.rmm.asio.account import AsioAccount
from tests.contracts.vendor_bench import Bench

V1, V2 = "/api/platform/v1", "/api/platform/v2"
LIST = f"{V2}/device/categories/platform/endpoints"
HEARTBEAT = f"{V2}/device/endpoints/heartbeat"
SUMMARY = f"{V2}/os-patching/compliance/summary"
LONG_S = 30.0


def account(bench: Bench, **more: Any) -> AsioAccount:
    made = bench.account({**bench.rig.settings, **more})
    assert isinstance(made, AsioAccount)
    return made


def read(bench: Bench, **more: Any) -> RmmReading:
    (company,) = bench.companies
    return account(bench, **more).read(bench.bindings())[company.rmm_uid]


def asked(bench: Bench, ending: str) -> list[str]:
    return [item.path for item in bench.wire.sent if item.path.endswith(ending)]


def calls(bench: Bench, template: str) -> int:
    """How often an address was called, faults included."""
    told = bench.world.calls.rows("asio")
    return sum(row["count"] for row in told if row["path_template"] == template)


def says(
    bench: Bench, path: str, body: Any, status: int = 200, headers: dict[str, str] | None = None
) -> None:
    def intercept(request: web.Request, before: int) -> web.Response | None:
        if not request.path.endswith(path):
            return None
        return web.json_response(body, status=status, headers=headers)

    bench.wire.intercept = intercept
