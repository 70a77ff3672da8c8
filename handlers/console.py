"""Words from the command line, whether they come through the running bot's socket or run by themselves."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.domain.clients import Client
from core.domain.findings import Snapshot
from core.errors import GatehouseError, Refused
from core.ports import Clock, SlotState, Switch
from core.rules.numbers import numbers_of
from core.usecases.freeze import FreezeSwitch
from core.usecases.prove_write import Candidate, ProveWrite
from handlers.clock.clockwork import Clockwork
from handlers.clock.digests import clients_of
from handlers.sources import Sources
from storage import Data

Word = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Console:
    """scan, digest, freeze and prove. Questions and answers are JSON objects."""

    clients: Sequence[Client]
    clockwork: Clockwork
    sources: Sources
    data: Data
    switch: Switch
    clock: Clock
    _proving: threading.Lock = field(default_factory=threading.Lock)

    def words(self) -> Mapping[str, Word]:
        return {
            "scan": self.scan,
            "digest": self.digest,
            "freeze": self.freeze,
            "prove.ask": self.ask_proof,
            "prove": self.prove,
        }

    def scan(self, _question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Scan every client now; headline numbers and what could not be read, by client."""
        return {"clients": [scanned(s) for s in self.clockwork.scans.scan(self.clients)]}

    def digest(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Post today's digest of a channel, if that was not done yet."""
        channel, clients = clients_of(self.clients, str(question["channel"]))
        day = self.clock.now().astimezone(clients[0].zone).date()
        if not self.data.slots.claim(channel, day):
            raise Refused(
                f"Today's digest for #{channel} was posted already; --print shows it as it would be now."
            )
        state = self.clockwork.digests.post(channel, day, clients)
        if state is None:
            raise GatehouseError(
                f"The digest for #{channel} could not be posted; a running bot tries again until the day ends."
            )
        if state is not SlotState.POSTED:
            raise GatehouseError(
                f"It is unknown whether the digest for #{channel} arrived; it is not posted again. Look there."
            )
        return {"channel": channel, "day": day.isoformat()}

    def freeze(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Freeze; a freeze that stands keeps its name and time."""
        switch = FreezeSwitch(switch=self.switch, clock=self.clock)
        freeze = switch.freeze_from_console(str(question.get("why", "")))
        return {"by": freeze.by_name, "at": freeze.at.isoformat(), "why": freeze.why}

    def ask_proof(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a proof would do; nothing is sent."""
        found = self._candidate(question)
        return {
            "reading": found.provable.doubt.reading,
            "risk": found.provable.doubt.risk,
            "server": found.provable.doubt.server,
            "client": found.client.name,
            "device": found.device.name,
            "updates": found.updates,
        }

    def prove(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run an unsure write once, and say what was seen. Takes minutes."""
        if not self._proving.acquire(blocking=False):
            raise Refused("A proof is under way already; wait for its end.")
        try:
            found = self._candidate(question)
            outcome = self._prove_write(found, by=str(question["by"]))
        finally:
            self._proving.release()
        return {
            "proven": outcome.proven,
            "seen": outcome.seen,
            "reading": found.provable.doubt.reading,
            "server": found.provable.doubt.server,
        }

    @cached_property
    def _prove_write(self) -> ProveWrite:
        return ProveWrite(
            provables=self.sources.provables,
            clients=self.clients,
            snapshots=self.data.snapshots,
            proofs=self.data.proofs,
            switch=self.switch,
            audit=self.data.audit,
            clock=self.clock,
            pause=time.sleep,
        )

    def _candidate(self, question: Mapping[str, Any]) -> Candidate:
        return self._prove_write.candidate(str(question["vendor"]), str(question["device"]))


def scanned(snapshot: Snapshot) -> Mapping[str, Any]:
    """One client of a scan as plain JSON."""
    numbers = numbers_of(snapshot)
    sections = [s for s in (snapshot.mfa, snapshot.patches) if s is not None]
    unread = [item for s in sections for item in s.coverage.unread] + [*snapshot.failing.unread]
    return {
        "client": snapshot.client,
        "mfa_gaps": numbers.mfa_gaps,
        "mfa_unknown": numbers.mfa_unknown,
        "overdue_devices": numbers.overdue_devices,
        "unknown_devices": numbers.unknown_devices,
        "not_read": [f"{item.source}: {item.what}: {item.reason}" for item in unread],
    }
