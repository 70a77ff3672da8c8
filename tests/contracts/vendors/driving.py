"""Driving a job at a vendor: from its dispatch to what reading back shows."""

from dataclasses import replace
from typing import Any

from core.domain.events import StepResult
from core.domain.remediation import Job, JobState, Plan, StepState
from integrations.rmm.vendor import RmmAccount
from sandbox.estate.model import Company, Device
from tests.contracts.vendor_bench import REQUEST, Bench


def dispatched(
    bench: Bench, account: RmmAccount, company: Company, device: Device
) -> tuple[Plan, Job]:
    plan = bench.plan(account, company, device)
    job = bench.job(plan, account)
    report = account.dispatch(bench.client(company), job, REQUEST)
    assert report.state is JobState.DISPATCHED
    return plan, replace(job, state=report.state, reference=report.reference)


def followed(bench: Bench, account: RmmAccount, company: Company, job: Job) -> list[JobState]:
    """The job's states, second by second, until it has ended."""
    states: list[JobState] = []
    for _ in range(60):
        report = account.follow(bench.client(company), job)
        job = replace(job, state=report.state)
        states.append(report.state)
        if report.state.final:
            break
        bench.world.clock.advance(0.5)
    return states


def last_report(bench: Bench, account: RmmAccount, company: Company, job: Job) -> Any:
    followed(bench, account, company, job)
    return account.follow(bench.client(company), job)


def read_back(
    bench: Bench,
    account: RmmAccount,
    company: Company,
    job: Job,
    plan: Plan,
) -> StepResult:
    """What reading back ends with, given a minute."""
    for _ in range(30):
        (result,) = account.verify(bench.client(company), job, plan)
        if result.state is not StepState.DONE:
            break
        bench.world.clock.advance(2)
    return result


def ever_verified(
    bench: Bench, account: RmmAccount, company: Company, job: Job, plan: Plan
) -> bool:
    """Whether reading back shows the work within a minute; of an unknown step, nothing else counts."""
    for _ in range(30):
        (result,) = account.verify(bench.client(company), job, plan)
        if result.state is StepState.VERIFIED:
            return True
        bench.world.clock.advance(2)
    return False
