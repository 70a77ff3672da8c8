"""An account at the stand-in of Tactical RMM, and what it was asked."""

from dataclasses import replace
from typing import Any

from core.domain.patching import RmmReading
from core.domain.remediation import Job, Plan
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from tests.contracts.vendor_bench import REQUEST, Bench
from tests.contracts.vendor_rigs.tactical import RIG


def read(bench: Bench, **settings: Any) -> RmmReading:
    account = bench.account({**RIG.settings, **settings})
    (reading,) = account.read(bench.bindings()).values()
    return reading


def rows_asked(bench: Bench) -> list[str]:
    paths = (item.path for item in bench.wire.sent if item.method == "GET")
    return [path.split("/")[2] for path in paths if path.startswith("/winupdate/")]


def is_mac(device: Device) -> bool:
    return device.os_name.startswith("macOS")


def plan_and_job(
    bench: Bench, account: RmmAccount, device: Device, *, scan: bool = False
) -> tuple[Company, Plan, Job]:
    company = next(c for c in bench.companies if device in c.devices)
    plan = bench.plan(account, company, device, scan=scan)
    return company, plan, bench.job(plan, account)


def sent(bench: Bench, account: RmmAccount, company: Company, job: Job) -> Job:
    report = account.dispatch(bench.client(company), job, REQUEST)
    return replace(job, state=report.state)
