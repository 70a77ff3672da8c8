"""A vendor's stand-in being served, and an account connected to it: what the contract suite works at."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from core.domain.clients import Client, ClientKey, RmmBinding
from core.domain.patching import DeviceId
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
from core.rules.jobs import kind_of
from integrations.http import Patience
from integrations.rmm import VENDORS
from integrations.rmm.vendor import RmmAccount, VendorSettings
from sandbox.estate.model import Company, Device
from sandbox.frame.world import World
from sandbox.rmm.installs import scan
from tests.contracts.vendor_rigs.rig import Rig
from tests.contracts.vendor_wire import Wire

ACCOUNT = "main"
REQUEST = RequestId("R4K7Q")
PATIENCE = Patience(
    tries=3, first_wait=timedelta(milliseconds=10), longest_wait=timedelta(seconds=5)
)

Serve = Callable[[web.Application], str]


@dataclass(kw_only=True)
class Bench:
    """A served stand-in and an account connected to it."""

    rig: Rig
    world: World
    wire: Wire
    url: str
    ca_file: Path
    accounts: list[RmmAccount] = field(default_factory=list)

    @classmethod
    def make(cls, rig: Rig, world: World, serve: Serve, ca_file: Path) -> "Bench":
        wire = Wire()
        url = serve(wire.tap(rig.stand_in.make_app(world)))
        return cls(rig=rig, world=world, wire=wire, url=url, ca_file=ca_file)

    def account(self, settings: dict[str, Any] | None = None) -> RmmAccount:
        vendor = next(vendor for vendor in VENDORS if vendor.key == self.rig.key)
        made: VendorSettings = vendor.settings(
            base_url=self.url, ca_file=self.ca_file, **(settings or self.rig.settings)
        )
        account = vendor.connect(ACCOUNT, made, clock=self.world.clock, patience=PATIENCE)
        self.accounts.append(account)
        return account

    def close(self) -> None:
        for account in self.accounts:
            account.close()

    @property
    def companies(self) -> list[Company]:
        return self.world.estate.of_rmm(self.rig.key)

    def bindings(self) -> list[RmmBinding]:
        return [self.binding(company) for company in self.companies]

    def binding(self, company: Company) -> RmmBinding:
        organisation = self.rig.organisation(company)
        return RmmBinding(account=ACCOUNT, vendor=self.rig.key, organisation=organisation)

    def client(self, company: Company) -> Client:
        return Client(
            key=ClientKey(company.key),
            name=company.name,
            rmm=(self.binding(company),),
            channel=company.channel,
            time_zone=company.time_zone,
            digest_at=time(7),
        )

    def device_id(self, device: Device) -> DeviceId:
        return DeviceId(f"{ACCOUNT}:{self.rig.device_key(device)}")

    def fault(self, kind: str, path: str | None = None, **more: Any) -> None:
        if path == self.rig.install_path:
            more["method"] = self.rig.install_method
        self.world.faults.add({"target": self.rig.key, "kind": kind, "path": path, **more})

    def effects(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What the trigger of an install, or another, has set off."""
        rows = self.world.effects.rows(self.rig.key)
        return [row for row in rows if row["kind"] == (kind or self.rig.effect)]

    def pick(self, suits: Callable[[Device], bool]) -> tuple[Company, Device]:
        return next(
            (company, device)
            for company in self.companies
            for device in company.devices
            if suits(device)
        )

    # Work on one device.

    def plan(
        self, account: RmmAccount, company: Company, *devices: Device, scan: bool = False
    ) -> Plan:
        """A plan for devices as the account previews them now."""
        kind = JobKind.SCAN if scan else JobKind.INSTALL
        ids = [self.device_id(device) for device in devices]
        previews = account.preview(self.client(company), kind, ids)
        return Plan(
            client=ClientKey(company.key),
            client_name=company.name,
            account=ACCOUNT,
            action=Action.SCAN_PATCHES if scan else Action.INSTALL_PATCHES,
            direction=Direction.RAISES,
            options=Options(),
            targets=tuple(
                Target(
                    id=p.device_id,
                    name=p.name,
                    basis=p.patch_keys,
                    count=p.count,
                    chosen=p.chosen,
                    families=p.families,
                )
                for p in previews.values()
            ),
            made_at=self.world.clock.now(),
        )

    def planned(
        self, account: RmmAccount, company: Company, device: Device, *, scan: bool = False
    ) -> tuple[Plan, Job]:
        plan = self.plan(account, company, device, scan=scan)
        return plan, self.job(plan, account)

    def job(self, plan: Plan, account: RmmAccount) -> Job:
        """The plan's first job, just before its call is made."""
        job = Job(
            id=JobId(f"{REQUEST}-1"),
            kind=kind_of(plan.action),
            account=ACCOUNT,
            client=plan.client,
            targets=(plan.targets[0].id,),
            chosen=tuple(plan.targets[0].chosen),
            families=plan.targets[0].families,
        )
        company = next(c for c in self.companies if c.key == plan.client)
        mark = account.mark(self.client(company), job)
        return replace(job, mark=mark, dispatched_at=self.world.clock.now())

    def rescan(self, account: RmmAccount, company: Company, device: Device) -> None:
        """Have the vendor's own picture of a device renewed; where we cannot ask for that, it renews itself."""
        if not account.capabilities.scan:
            scan(device, self.world.clock.now())
            return
        job = self.job(self.plan(account, company, device, scan=True), account)
        account.dispatch(self.client(company), job, REQUEST)
        self.world.clock.advance(20)
