"""All that happens by the clock, put together from what it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from core.domain.clients import Client
from core.domain.policy import Policy
from core.ports import Chat, Clock, Requests, ShownSnapshots
from core.usecases.advance_request import AdvanceRequest
from core.usecases.build_digest import BuildDigest
from core.usecases.evidenced_snapshots import EvidencedSnapshots
from core.usecases.exempted_snapshots import ExemptedSnapshots
from core.usecases.keep_exemptions import ExemptionKeeper
from core.usecases.list_updates import ListUpdates
from core.usecases.noticed_snapshots import NoticedSnapshots
from core.usecases.plan_exemptions import ACCOUNT as EXEMPTIONS
from core.usecases.read_evidence import ReadEvidence
from core.usecases.scan import Scanner
from engine.executor import Executor
from engine.ticker import Ticker
from handlers.clock.digests import Digests
from handlers.clock.evidence import EvidenceReads
from handlers.clock.progress import Progress
from handlers.clock.reminders import Reminders
from handlers.clock.scans import Scans
from handlers.clock.upkeep import Upkeep
from handlers.sources import Sources
from integrations.http import in_background
from integrations.rmm import VENDORS
from storage import Data

#: How often it is looked whether something is due, where that does not follow from the configuration.
DIGEST_SECONDS = 5
SCAN_SECONDS = 60
UPKEEP_SECONDS = 600
LISTING_SECONDS = 60
#: Reminders and sign-in logs are looked for with every so many looks at running work.
REMINDERS_EVERY = 4


@dataclass(frozen=True, kw_only=True)
class Clockwork:
    """What its parts share. `list_every`: how often update scripts list by themselves, by account."""

    clients: Sequence[Client]
    policy: Policy
    sources: Sources
    data: Data
    requests: Requests
    chat: Chat
    executor: Executor
    clock: Clock
    scan_every: timedelta
    poll_seconds: float
    audit_days: int
    list_every: Mapping[str, timedelta]

    def register(self, ticker: Ticker) -> None:
        """Say what is asked how often."""
        seldom = self.poll_seconds * REMINDERS_EVERY
        scan_seconds = min(SCAN_SECONDS, self.scan_every.total_seconds())
        ticker.every(self.poll_seconds, "requests", self.progress.advance_open)
        ticker.every(min(DIGEST_SECONDS, self.poll_seconds), "digests", self.digests.post_due)
        ticker.every(seldom, "reminders", self._reminders().tell_due)
        ticker.every(seldom, "evidence", self.evidence.read_next)
        ticker.every(UPKEEP_SECONDS, "upkeep", self._upkeep().once_a_day)
        ticker.every(scan_seconds, "scans", self.scans.scan_if_due)
        ticker.every(LISTING_SECONDS, "listings", in_background(self._listing().__call__))

    def begin(self) -> None:
        """Scan what is due now, rather than with the first tick."""
        self._scan_soon()

    def _scan_soon(self) -> None:
        self.executor.submit("due scan", self.scans.scan_if_due)

    # What is shown.

    @cached_property
    def _exempted(self) -> ShownSnapshots:
        return ExemptedSnapshots(
            snapshots=self.data.snapshots,
            exemptions=self.data.exemptions,
            clients=self.clients,
            clock=self.clock,
        )

    @cached_property
    def snapshots(self) -> ShownSnapshots:
        """As lists and digests show them."""
        noticed = NoticedSnapshots(snapshots=self._exempted, requests=self.requests)
        return EvidencedSnapshots(snapshots=noticed, evidence=self.evidence.of)

    # What is done.

    @cached_property
    def scans(self) -> Scans:
        scanner = Scanner(
            clients=self.clients,
            directory=self.sources.directory,
            rmms=self.sources.rmms,
            snapshots=self.data.snapshots,
            policy=self.policy,
            clock=self.clock,
            parallel=self.sources.parallel,
        )
        return Scans(
            clients=self.clients,
            scanner=scanner,
            snapshots=self._exempted,
            clock=self.clock,
            every=self.scan_every,
        )

    @cached_property
    def evidence(self) -> EvidenceReads:
        read = ReadEvidence(
            directory=self.sources.directory, days=self.policy.mfa.evidence_days, clock=self.clock
        )
        return EvidenceReads(
            clients=self.clients,
            read=read,
            snapshots=self.data.snapshots,
            is_scanning=self.scans.is_scanning,
            clock=self.clock,
        )

    @cached_property
    def progress(self) -> Progress:
        keeper = ExemptionKeeper(
            exemptions=self.data.exemptions, requests=self.requests, clock=self.clock
        )
        advance = AdvanceRequest(
            requests=self.requests,
            effectors={**self.sources.effectors, EXEMPTIONS: keeper},
            rmms=self.sources.rmms,
            clients={client.key: client for client in self.clients},
            switch=self.data.switch,
            policy=self.policy.approval,
            rings=self.policy.rings,
            clock=self.clock,
        )
        return Progress(requests=self.requests, advance=advance, executor=self.executor)

    @cached_property
    def digests(self) -> Digests:
        build = BuildDigest(
            snapshots=self.snapshots,
            requests=self.data.requests,
            slots=self.data.slots,
            switch=self.data.switch,
            audit=self.data.audit,
            clock=self.clock,
            exemptions=self.data.exemptions,
            remind_days=self.policy.mfa.remind_days,
            offers=self.sources.offers,
            vendor_names={vendor.key: vendor.name for vendor in VENDORS},
        )
        return Digests(
            clients=self.clients,
            build=build,
            chat=self.chat,
            slots=self.data.slots,
            snapshots=self.snapshots,
            clock=self.clock,
            is_expected=self.scans.is_expected,
            scan_soon=self._scan_soon,
        )

    def _reminders(self) -> Reminders:
        return Reminders(
            clients=self.clients,
            exemptions=self.data.exemptions,
            chat=self.chat,
            days=self.policy.mfa.remind_days,
            clock=self.clock,
        )

    def _listing(self) -> ListUpdates:
        rmms = self.sources.rmms
        return ListUpdates(
            every={a: every for a, every in self.list_every.items() if rmms[a].capabilities.scan},
            rmms=rmms,
            clients=self.clients,
            snapshots=self.snapshots,
            listings=self.data.listings,
            runs=self.data.script_runs,
            switch=self.data.switch,
            audit=self.data.audit,
            clock=self.clock,
        )

    def _upkeep(self) -> Upkeep:
        return Upkeep(audit=self.data.audit, audit_days=self.audit_days, clock=self.clock)
