"""Read who signed in without a second factor lately, or say why that cannot be known."""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.domain.clients import Client
from core.domain.evidence import SignInEvidence
from core.domain.facts import Fact
from core.errors import VendorError
from core.ports import Clock, Directory
from core.rules.evidence import UNLICENSED


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadEvidence:
    """A slow read of its own: scans neither wait for it nor fail with it."""

    directory: Directory
    days: int
    clock: Clock

    def __call__(self, client: Client, licensed: Fact) -> SignInEvidence:
        """Never raises for the vendor."""
        now = self.clock.now()
        none = SignInEvidence(read_at=now, since=now - timedelta(days=self.days))
        if licensed is Fact.NO:
            return replace(none, why_not=UNLICENSED)
        try:
            return self.directory.single_factor_sign_ins(client, none.since)
        except VendorError as failure:
            return replace(none, why_not=failure.advice)
