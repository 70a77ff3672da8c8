"""The directory and the RMM behind the front, and what was found there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.domain.clients import Client, ClientKey
from core.domain.facts import Coverage, Fact
from core.domain.findings import (
    DeviceVerdict,
    MfaSection,
    MfaVerdict,
    PatchSection,
    Requirement,
    Snapshot,
)
from core.domain.identity import AccountKind, GroupProof, PerUserState, UserId
from core.domain.patching import Capabilities, DeviceId, DeviceKind, DevicePreview, RebootControl
from core.domain.remediation import JobKind
from core.domain.tenant_change import ReportOnlyImpact, TenantControls
from core.domain.what_if import WhatIf
from core.errors import VendorDown
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from tests.fakes.effector import FakeEffector
from tests.fakes.tenant import controls
from tests.usecases.requests_made import START


class FakeRmm(FakeEffector):
    """One account whose devices wait for two updates each."""

    account, vendor_name = "ninja", "NinjaOne"
    capabilities = Capabilities(scan=True, install=True, reboot_control=RebootControl.OURS)

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        return {
            item: DevicePreview(
                device_id=item,
                name=item,
                kind=DeviceKind.WORKSTATION,
                online=Fact.YES,
                patch_keys=frozenset({"KB1", "KB2"}),
                count=2,
            )
            for item in devices
        }


class FakeDirectory(FakeEffector):
    """Tenants in which all is well; `down` says otherwise."""

    can_write = True
    down = False
    settings = controls(role_holders={GLOBAL_ADMINISTRATOR: frozenset({"bg1"})})

    def existing(self, client: Client, user_ids: Sequence[str]) -> Mapping[str, Fact]:
        if self.down:
            raise VendorDown("Entra", "could not be reached")
        return dict.fromkeys(user_ids, Fact.YES)

    def prove_group(self, client: Client) -> GroupProof:
        return GroupProof(group_id=client.mfa_group or "", name="MFA required", problems=())

    def what_if(self, client: Client, user_id: UserId) -> WhatIf:
        raise VendorDown("Entra", "could not be reached")

    def controls(self, client: Client) -> TenantControls:
        if self.down:
            raise VendorDown("Entra", "could not be reached")
        return self.settings

    def per_user_states(
        self, client: Client, user_ids: Sequence[str]
    ) -> Mapping[str, PerUserState]:
        return dict.fromkeys(user_ids, PerUserState.DISABLED)

    def impact(self, client: Client, policy_id: str, since: datetime) -> ReportOnlyImpact:
        raise VendorDown("Entra", "could not be reached")

    def prove(self, client: Client) -> Any:
        raise VendorDown("Entra", "could not be reached")


def a_snapshot(client: ClientKey) -> Snapshot:
    """Two overdue workstations, two people without MFA and the emergency account."""
    devices = tuple(
        DeviceVerdict(
            device_id=DeviceId(f"ninja:{n}"),
            account="ninja",
            name=f"WS-{n}",
            kind=DeviceKind.WORKSTATION,
            os="Windows 11",
            online=Fact.YES,
            last_seen=START,
            last_scan=START,
            overdue=Fact.YES,
        )
        for n in (1, 2)
    )
    people = tuple(
        MfaVerdict(
            user_id=UserId(name),
            name=name.title(),
            upn=f"{name}@{client}.example",
            kind=AccountKind.MEMBER,
            requirement=Requirement.UNCOVERED,
            registered=Fact.YES,
            capable=Fact.YES,
            enforced=Fact.NO,
            gap=Fact.YES,
            held_out="break-glass" if name == "bg1" else None,
        )
        for name in ("ada", "ben", "bg1")
    )
    return Snapshot(
        client=client,
        mfa=MfaSection(observed_at=START, verdicts=people, coverage=Coverage()),
        patches=PatchSection(observed_at=START, devices=devices, coverage=Coverage()),
        tried_at=START,
    )
