"""For every vendor, how its stand-in is served and how its account is configured: what the contract suite runs on."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

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
from sandbox.estate.ids import stable_id
from sandbox.estate.model import Company, Device, RmmVendor
from sandbox.frame.world import World
from sandbox.rmm import action1 as action1_stand_in
from sandbox.rmm import asio as asio_stand_in
from sandbox.rmm import atera as atera_stand_in
from sandbox.rmm import automate as automate_stand_in
from sandbox.rmm import datto as datto_stand_in
from sandbox.rmm import ncentral as ncentral_stand_in
from sandbox.rmm import ninjaone as ninjaone_stand_in
from sandbox.rmm import syncro as syncro_stand_in
from sandbox.rmm import tactical as tactical_stand_in
from sandbox.rmm import vsa9 as vsa9_stand_in
from sandbox.rmm import vsax as vsax_stand_in
from sandbox.rmm.installs import MISSING, WAITING, scan
from tests.contracts.vendor_wire import Wire
from tests.sandbox import rmm_specs
from tests.sandbox.rmm_desk import make_world

ACCOUNT = "main"
REQUEST = RequestId("R4K7Q")
PATIENCE = Patience(
    tries=3, first_wait=timedelta(milliseconds=10), longest_wait=timedelta(seconds=5)
)

#: Enough that every kind of device is among them.
FEW = 18
Serve = Callable[[web.Application], str]


@dataclass(frozen=True, kw_only=True)
class Rig:
    """One vendor's stand-in, its credentials, and the words and places in which vendors differ."""

    key: RmmVendor
    make_app: Callable[[World], web.Application]
    #: Settings of an account that may do everything.
    settings: dict[str, Any]
    read_only: dict[str, Any]
    wrong_secret: dict[str, Any]
    organisation: Callable[[Company], str]
    device_key: Callable[[Device], str]
    #: The list of devices, as a glob, and the trigger of an install.
    devices_path: str
    install_path: str
    effect: str
    #: The trigger of a restart, as a glob, and its effect; None where the vendor has none.
    restart_path: str | None = None
    restart_effect: str = ""
    #: The trigger's method, where readings have the same address.
    install_method: str | None = None
    #: Words for "an approved update is missing", in answers, and words nobody knows.
    strange: dict[str, str]
    #: None where the vendor publishes no description.
    spec: Callable[[], rmm_specs.Json] | None
    #: What our addresses have before the described paths.
    prefix: str
    token_path: str
    shrink_pages: Callable[[pytest.MonkeyPatch], None]
    #: Whether the fleet is read without asking about single devices.
    by_fleet: bool = True
    #: Whether lists come in pages.
    paged: bool = True
    #: Whether a scan that finds nothing new leaves a trace.
    scan_shows: bool = True
    #: Whether the vendor tells a device's domain.
    tells_domain: bool = True
    #: Whether a preview can tell how much an install would take.
    counts: bool = True
    #: What a preview counts: what is approved, or all that is missing where approval is not told.
    previewed: frozenset[str] = frozenset({"approved"})

    def make_world(self) -> World:
        """The vendor's companies; small ones where every device is asked for by itself."""
        return make_world(self.key, workstations=None if self.by_fleet else FEW)


def _shrink_ninjaone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.ninjaone.api.LIST_PAGE", 7)
    monkeypatch.setattr("integrations.rmm.ninjaone.api.REPORT_PAGE", 31)


def _shrink_datto(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.datto.api.PAGE_MAX", 7)


def _shrink_automate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the server gives less than it is asked for."""
    monkeypatch.setattr("sandbox.rmm.automate.query.MOST", 7)


def _shrink_vsax(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.vsax.api.PAGE_MAX", 7)


def _shrink_ncentral(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.ncentral.api.PAGE_MAX", 7)


def _shrink_action1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the server gives less than it is asked for."""
    monkeypatch.setattr("sandbox.rmm.action1.pages.MOST", 7)


def _shrink_asio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.asio.api.PAGE_MAX", 7)


def _shrink_vsa9(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.vsa9.api.PAGE_MAX", 7)


def _shrink_atera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.rmm.atera.api.PAGE", 7)


def _shrink_syncro(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the server's pages are of one size."""
    monkeypatch.setattr("sandbox.rmm.syncro.readings.PAGE", 7)
    monkeypatch.setattr("sandbox.rmm.syncro.readings.PATCH_PAGE", 2)


def _has_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to shrink."""


_ASIO_READ = {
    "client_id": asio_stand_in.READ_CLIENT_ID,
    "client_secret": SecretStr(asio_stand_in.READ_CLIENT_SECRET),
    "requests_per_five_minutes": 15_000,
}
_ATERA_READ = {
    "api_key": SecretStr(atera_stand_in.API_KEY),
    "requests_per_minute": 10_000,
}
_SYNCRO_READ = {
    "api_token": SecretStr(syncro_stand_in.API_TOKEN),
    "requests_per_minute": 10_000,
}
_TACTICAL_READ = {
    "api_key": SecretStr(tactical_stand_in.API_KEY),
    "time_zone": tactical_stand_in.SERVER_TIME_ZONE,
}
_VSAX_READ = {
    "token_id": vsax_stand_in.TOKEN_ID,
    "token_secret": SecretStr(vsax_stand_in.TOKEN_SECRET),
    "requests_per_second": 20,
}
_VSA9_READ = {
    "username": vsa9_stand_in.USERNAME,
    "access_token": SecretStr(vsa9_stand_in.ACCESS_TOKEN),
    "time_zone": vsa9_stand_in.SERVER_TIME_ZONE,
}
_AUTOMATE_READ = {
    "client_id": automate_stand_in.CLIENT_ID,
    "username": automate_stand_in.USERNAME,
    "password": SecretStr(automate_stand_in.PASSWORD),
}
_NINJAONE_READ = {
    "client_id": ninjaone_stand_in.CLIENT_ID,
    "client_secret": SecretStr(ninjaone_stand_in.CLIENT_SECRET),
}
_NCENTRAL_READ = {"jwt": SecretStr(ncentral_stand_in.JWT)}
_ACTION1_READ = {
    "client_id": action1_stand_in.CLIENT_ID,
    "client_secret": SecretStr(action1_stand_in.CLIENT_SECRET),
    "requests_per_minute": 6000,
}
_DATTO_READ = {
    "api_key": SecretStr(datto_stand_in.API_KEY),
    "api_secret": SecretStr(datto_stand_in.API_SECRET),
}

RIGS = (
    Rig(
        key="ninjaone",
        make_app=ninjaone_stand_in.make_app,
        settings={
            **_NINJAONE_READ,
            "write_client_id": ninjaone_stand_in.WRITE_CLIENT_ID,
            "write_client_secret": SecretStr(ninjaone_stand_in.WRITE_CLIENT_SECRET),
        },
        read_only=_NINJAONE_READ,
        wrong_secret={**_NINJAONE_READ, "client_secret": SecretStr("not the secret")},
        organisation=lambda company: str(company.rmm_number),
        device_key=lambda device: str(device.number),
        devices_path="/v2/devices-detailed",
        install_path="*/patch/os/apply",
        effect="os_patch_apply",
        restart_path="*/reboot/NORMAL",
        restart_effect="reboot",
        strange={'"status": "APPROVED"': '"status": "QUARANTINED"'},
        spec=rmm_specs.ninjaone,
        prefix="",
        token_path="/ws/oauth/token",
        shrink_pages=_shrink_ninjaone,
    ),
    Rig(
        key="datto",
        make_app=datto_stand_in.make_app,
        settings={
            **_DATTO_READ,
            "install_component_uid": datto_stand_in.INSTALL_COMPONENT_UID,
        },
        read_only=_DATTO_READ,
        wrong_secret={**_DATTO_READ, "api_secret": SecretStr("not the secret")},
        organisation=lambda company: company.rmm_uid,
        device_key=lambda device: device.uid,
        devices_path="/api/v2/account/devices",
        install_path="*/quickjob",
        effect="quickjob",
        strange={'"patchStatus": "ApprovedPending"': '"patchStatus": "Quarantined"'},
        spec=rmm_specs.datto,
        prefix="/api",
        token_path="/auth/oauth/token",
        shrink_pages=_shrink_datto,
    ),
    Rig(
        key="automate",
        make_app=automate_stand_in.make_app,
        settings={
            **_AUTOMATE_READ,
            "write_username": automate_stand_in.WRITE_USERNAME,
            "write_password": SecretStr(automate_stand_in.WRITE_PASSWORD),
            "entity_type_computer": automate_stand_in.COMPUTER,
        },
        read_only=_AUTOMATE_READ,
        wrong_secret={**_AUTOMATE_READ, "password": SecretStr("not the secret")},
        organisation=lambda company: str(company.rmm_number),
        device_key=lambda device: str(device.number),
        devices_path="/cwa/api/v1/Computers",
        install_path="*/PatchActions/DeployAllApproved",
        effect="deploy_all_approved",
        strange={'"Name": "Approve"': '"Name": "Quarantined"'},
        spec=rmm_specs.automate,
        prefix="/cwa",
        token_path="/cwa/api/v1/apitoken",
        shrink_pages=_shrink_automate,
        by_fleet=False,
    ),
    Rig(
        key="tactical",
        make_app=tactical_stand_in.make_app,
        settings={**_TACTICAL_READ, "may_act": True, "may_restart": True},
        read_only=_TACTICAL_READ,
        wrong_secret={**_TACTICAL_READ, "api_key": SecretStr("not the secret")},
        organisation=lambda company: str(company.rmm_number),
        device_key=tactical_stand_in.agent_id,
        devices_path="/agents/",
        install_path="/winupdate/*/install/",
        effect="winupdate_install",
        restart_path="/agents/*/reboot/",
        restart_effect="agent_reboot",
        strange={'"action": "approve"': '"action": "quarantine"'},
        spec=rmm_specs.tactical,
        prefix="",
        token_path="",
        shrink_pages=_has_no_pages,
        by_fleet=False,
        paged=False,
        scan_shows=False,
    ),
    Rig(
        key="vsax",
        make_app=vsax_stand_in.make_app,
        settings={**_VSAX_READ, "install_workflow_id": vsax_stand_in.INSTALL_WORKFLOW_ID},
        read_only=_VSAX_READ,
        wrong_secret={**_VSAX_READ, "token_secret": SecretStr("not the secret")},
        organisation=lambda company: str(company.rmm_number),
        device_key=lambda device: device.uid,
        devices_path="/api/v3/devices",
        install_path="*/workflows/*/run",
        effect="workflow_run",
        strange={
            f'"{word}"': f'"Un{word}"'
            for word in ("Critical", "Important", "Moderate", "Low", "Unspecified")
        },
        spec=None,
        prefix="",
        token_path="",
        shrink_pages=_shrink_vsax,
        tells_domain=False,
        previewed=MISSING,
    ),
    Rig(
        key="action1",
        make_app=action1_stand_in.make_app,
        settings={
            **_ACTION1_READ,
            "write_client_id": action1_stand_in.WRITE_CLIENT_ID,
            "write_client_secret": SecretStr(action1_stand_in.WRITE_CLIENT_SECRET),
        },
        read_only=_ACTION1_READ,
        wrong_secret={**_ACTION1_READ, "client_secret": SecretStr("not the secret")},
        organisation=lambda company: company.rmm_uid,
        device_key=lambda device: device.uid,
        # The rest of the path is the one client's organisation, in the estate that every test has.
        devices_path=f"/api/3.0/endpoints/managed/{stable_id(7, 'fennel-rye', 'rmm')}",
        install_path="*/automations/instances/*",
        install_method="POST",
        effect="automation",
        strange={'"approval_status": "Approved"': '"approval_status": "Quarantined"'},
        spec=None,
        prefix="",
        token_path="/api/3.0/oauth2/token",
        shrink_pages=_shrink_action1,
        by_fleet=False,
    ),
    Rig(
        key="asio",
        make_app=asio_stand_in.make_app,
        settings={
            **_ASIO_READ,
            "client_id": asio_stand_in.CLIENT_ID,
            "client_secret": SecretStr(asio_stand_in.CLIENT_SECRET),
            "script_id": asio_stand_in.UPDATE_SCRIPT_ID,
        },
        read_only=_ASIO_READ,
        wrong_secret={**_ASIO_READ, "client_secret": SecretStr("not the secret")},
        organisation=lambda company: company.rmm_uid,
        device_key=lambda device: device.uid,
        devices_path="/api/platform/v2/device/categories/platform/endpoints",
        install_path="*/schedule-tasks",
        effect="script_task",
        strange={'"partnerApprovalStatus": "Approved"': '"partnerApprovalStatus": "Quarantined"'},
        # The published description knows nearly nothing of version 2; tests/sandbox holds the rest against it.
        spec=None,
        prefix="",
        token_path="/v1/token",
        shrink_pages=_shrink_asio,
        by_fleet=False,
        previewed=WAITING,
    ),
    Rig(
        key="vsa9",
        make_app=vsa9_stand_in.make_app,
        settings={
            **_VSA9_READ,
            "write_username": vsa9_stand_in.WRITE_USERNAME,
            "write_access_token": SecretStr(vsa9_stand_in.WRITE_ACCESS_TOKEN),
        },
        read_only=_VSA9_READ,
        wrong_secret={**_VSA9_READ, "access_token": SecretStr("not the secret")},
        organisation=vsa9_stand_in.org_id,
        device_key=vsa9_stand_in.agent_id,
        devices_path="/api/v1.0/assetmgmt/agents",
        install_path="*/schedule",
        effect="patch_schedule",
        strange={'"SchedTogether": 0': '"SchedTogether": "Quarantined"'},
        spec=None,
        prefix="",
        token_path="/api/v1.0/auth",
        shrink_pages=_shrink_vsa9,
        by_fleet=False,
    ),
    Rig(
        key="atera",
        make_app=atera_stand_in.make_app,
        settings=_ATERA_READ,
        read_only=_ATERA_READ,
        wrong_secret={"api_key": SecretStr("not the key")},
        organisation=lambda company: str(company.rmm_number),
        device_key=lambda device: str(device.number),
        devices_path="/api/v3/agents",
        # There is nothing to trigger.
        install_path="",
        effect="",
        strange={'"Status": "Available"': '"Status": "Quarantined"'},
        spec=None,
        prefix="",
        token_path="",
        shrink_pages=_shrink_atera,
        by_fleet=False,
    ),
    Rig(
        key="syncro",
        make_app=syncro_stand_in.make_app,
        settings=_SYNCRO_READ,
        read_only=_SYNCRO_READ,
        wrong_secret={**_SYNCRO_READ, "api_token": SecretStr("not the token")},
        organisation=lambda company: str(company.rmm_number),
        device_key=lambda device: str(device.number),
        devices_path="/api/v1/customer_assets",
        # There is nothing to trigger.
        install_path="",
        effect="",
        strange={'"status": "Missing Patches"': '"status": "Quarantined Patches"'},
        spec=rmm_specs.syncro,
        prefix="/api/v1",
        token_path="",
        shrink_pages=_shrink_syncro,
        by_fleet=False,
    ),
    Rig(
        key="ncentral",
        make_app=ncentral_stand_in.make_app,
        settings={**_NCENTRAL_READ, "script_item_id": ncentral_stand_in.SCRIPT_ITEM_ID},
        read_only=_NCENTRAL_READ,
        wrong_secret={"jwt": SecretStr("not the secret")},
        organisation=lambda company: str(company.rmm_number),
        device_key=lambda device: str(device.number),
        devices_path="/api/devices",
        install_path="/api/scheduled-tasks/direct",
        effect="direct_task",
        strange={
            f'"stateStatus": "{word}"': '"stateStatus": "Quarantined"'
            for word in ("Warning", "Failed")
        },
        spec=None,
        prefix="",
        token_path="/api/auth/authenticate",
        shrink_pages=_shrink_ncentral,
        by_fleet=False,
        tells_domain=False,
        counts=False,
    ),
)


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
        url = serve(wire.tap(rig.make_app(world)))
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
                )
                for p in previews.values()
            ),
            made_at=self.world.clock.now(),
        )

    def job(self, plan: Plan, account: RmmAccount) -> Job:
        """The plan's first job, just before its call is made."""
        job = Job(
            id=JobId(f"{REQUEST}-1"),
            kind=kind_of(plan.action),
            account=ACCOUNT,
            client=plan.client,
            targets=(plan.targets[0].id,),
            chosen=tuple(plan.targets[0].chosen),
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
