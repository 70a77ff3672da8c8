"""An account whose install is locked until it was proven on its server; everything else it does as ever."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain.clients import Client, RmmBinding
from core.domain.events import StepResult
from core.domain.facts import Fact
from core.domain.patching import Capabilities, DeviceId, DevicePreview, RmmReading
from core.domain.proofs import Doubt, WriteProof
from core.domain.remediation import Job, JobKind, Plan, RequestId
from core.errors import VendorForbidden
from core.ports import Clock, Evidence, Recheck, Report, Trial
from integrations.http import Patience
from integrations.rmm.vendor import (
    AccountProof,
    Lock,
    Permission,
    RmmAccount,
    Vendor,
    VendorSettings,
)

#: The proof of a reading, where there is one; asked before every single write.
Proven = Callable[[Doubt], WriteProof | None]


def connect(
    vendor: Vendor[Any],
    account: str,
    settings: VendorSettings,
    *,
    clock: Clock,
    proven: Proven,
    growth_percent: int = 25,
    patience: Patience | None = None,
) -> RmmAccount:
    """The one way to an account: what its vendor is unsure of comes locked. Raises as Connect does."""
    real = vendor.connect(
        account, settings, clock=clock, growth_percent=growth_percent, patience=patience
    )
    if vendor.unsure is None:
        return real
    reading = vendor.unsure.reading(settings)
    doubt = Doubt(
        vendor=vendor.key,
        server=settings.base_url,
        reading=reading or "",
        risk=vendor.unsure.risk,
    )
    trial = vendor.unsure.trial(real)
    return LockedAccount(real=real, doubt=doubt, trial=trial, proven=proven)


@dataclass(frozen=True, kw_only=True)
class LockedAccount:
    """Satisfies RmmAccount. A doubt without a reading cannot be proven."""

    real: RmmAccount
    doubt: Doubt
    trial: Trial
    proven: Proven

    @property
    def provable(self) -> bool:
        """Whether a proof would let this account install, as it is configured."""
        return bool(self.doubt.reading) and self.real.capabilities.install

    @property
    def _proof(self) -> WriteProof | None:
        return self.proven(self.doubt) if self.doubt.reading else None

    @property
    def _open(self) -> bool:
        return self._proof is not None

    # Locked.

    @property
    def capabilities(self) -> Capabilities:
        can = self.real.capabilities
        return can if self._open else replace(can, install=False)

    def dispatch(self, client: Client, job: Job, request_id: RequestId) -> Report:
        """As the account does, unless the lock is shut: then nothing is sent."""
        if job.kind is JobKind.INSTALL and not self._open:
            words = f"Installing is locked until it is proven on this server. {self.doubt.risk}"
            raise VendorForbidden(self.real.account, words, remedy=self._remedy)
        return self.real.dispatch(client, job, request_id)

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """As the account does, and whether installing is locked or by what it was proven."""
        told, proof = self.real.prove(bindings), self._proof
        if not self.provable:
            return told
        if proof is None:
            return replace(told, lock=Lock(why=self.doubt.risk, remedy=self._remedy))
        permission = Permission(
            name=f"an install proven on {proof.device_name} by {proof.by} on {proof.at:%Y-%m-%d}",
            present=Fact.YES,
            purpose="installing",
        )
        # What is unknown until an install has run is known: one has.
        others = (item for item in told.permissions if not _shows_when_run(item))
        return replace(told, permissions=(*others, permission))

    @property
    def _remedy(self) -> str:
        return f"Run: python bot.py prove {self.doubt.vendor} --device NAME"

    # As ever.

    @property
    def account(self) -> str:
        return self.real.account

    @property
    def vendor_name(self) -> str:
        return self.real.vendor_name

    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        return self.real.read(bindings)

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        return self.real.preview(client, kind, devices)

    def recheck(self, client: Client, plan: Plan, targets: Sequence[str]) -> Recheck:
        return self.real.recheck(client, plan, targets)

    def mark(self, client: Client, job: Job) -> Mapping[str, str]:
        return self.real.mark(client, job)

    def follow(self, client: Client, job: Job) -> Report:
        return self.real.follow(client, job)

    def verify(self, client: Client, job: Job, plan: Plan) -> tuple[StepResult, ...]:
        return self.real.verify(client, job, plan)

    def reconcile(self, client: Client, job: Job, request_id: RequestId) -> Evidence:
        return self.real.reconcile(client, job, request_id)

    def close(self) -> None:
        self.real.close()


def _shows_when_run(permission: Permission) -> bool:
    return permission.purpose == "installing" and permission.present is Fact.UNKNOWN
