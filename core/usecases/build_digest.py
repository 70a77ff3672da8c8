"""Put the day's findings of one channel together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from core.domain.clients import Client, ClientKey
from core.domain.digest import ClientDigest, Digest, Numbers, Offers, RequestLine
from core.domain.facts import Coverage, Fact
from core.domain.findings import Snapshot
from core.domain.mfa_history import MfaChange
from core.domain.remediation import Request, RequestState
from core.domain.tenant_change import state_after
from core.ports import AuditLog, Clock, Exemptions, Requests, ShownSnapshots, Slots, Switch
from core.rules.attention import needs_person_first
from core.rules.exemptions import ended_since, ending
from core.rules.mfa_changes import changes, in_order, mark_at
from core.rules.numbers import numbers_of, troubles_of
from core.rules.outcome import nothing_failed, tally
from core.rules.per_user import per_user_may

FINISHED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildDigest:
    """Builds digests from what is stored; reads nothing outside."""

    snapshots: ShownSnapshots
    requests: Requests
    slots: Slots
    switch: Switch
    audit: AuditLog
    clock: Clock
    exemptions: Exemptions
    remind_days: int
    offers: Callable[[Client], Offers] = lambda _client: Offers()
    #: What people call the RMMs, by vendor key.
    vendor_names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, channel: str, day: date, clients: Sequence[Client]) -> Digest:
        """The digest of a channel for one local date."""
        now = self.clock.now()
        last = self.slots.last_numbers(channel, day)
        known = [(c, self.snapshots.get(c.key) or Snapshot(client=c.key)) for c in clients]
        keys = {client.key for client in clients}
        open_requests = [r for r in self.requests.open() if r.plan.client in keys]
        head = self.audit.head()
        exemptions = [item for client in clients for item in self.exemptions.of(client.key)]
        return Digest(
            channel=channel,
            day=day,
            made_at=now,
            attention=needs_person_first(known, open_requests),
            clients=tuple(
                replace(
                    _client_part(client, snapshot, last[1].get(client.key) if last else None),
                    offers=_fitting(self.offers(client), snapshot),
                    sources=self._sources(client),
                )
                for client, snapshot in known
            ),
            running=_lines(r for r in open_requests if r.state is not RequestState.PENDING),
            pending=_lines(r for r in open_requests if r.state is RequestState.PENDING),
            finished=_lines(self._finished(keys, now)),
            compared_with=last[0] if last else None,
            changes=_changes(known, last[1] if last else {}),
            ending=ending(exemptions, day, self.remind_days),
            ended=ended_since(exemptions, day, last[0] if last else None),
            audit_head=head.hash,
            audit_count=head.seq,
            frozen=self.switch.frozen() is not None,
        )

    def _sources(self, client: Client) -> tuple[str, ...]:
        vendors = dict.fromkeys(binding.vendor for binding in client.rmm)
        return tuple(self.vendor_names.get(vendor, vendor) for vendor in vendors)

    def _finished(self, keys: set[ClientKey], now: datetime) -> list[Request]:
        done = self.requests.finished_since(now - FINISHED_WITHIN)
        return [r for r in done if r.plan.client in keys and r.started_at is not None]


def _fitting(offers: Offers, snapshot: Snapshot) -> Offers:
    """Where conditional access is not for everybody with a gap, there is another way to enforce MFA."""
    if snapshot.mfa is None:
        return offers
    if snapshot.mfa.licensed is Fact.NO:
        return replace(offers, enforce_mfa=offers.per_user_mfa)
    some = any(per_user_may(v) for v in snapshot.mfa.gaps() if v.held_out is None)
    return replace(offers, enforce_mfa=offers.enforce_mfa or (offers.per_user_mfa and some))


def numbers_shown(digest: Digest) -> dict[ClientKey, Numbers]:
    """What the next digest compares with."""
    return {
        part.client: replace(part.now, mfa_read_at=part.mfa_observed_at) for part in digest.clients
    }


def _changes(
    known: Iterable[tuple[Client, Snapshot]], last: Mapping[ClientKey, Numbers]
) -> tuple[MfaChange, ...]:
    """Since the reading that the last digest showed, which may be older than yesterday."""
    found: list[MfaChange] = []
    for client, snapshot in known:
        shown = last.get(client.key)
        before = mark_at(snapshot.marks, shown.mfa_read_at) if shown is not None else None
        if before is not None and snapshot.mfa is not None:
            found += changes(client.key, before, snapshot.mfa)
    return in_order(found)


def _client_part(client: Client, snapshot: Snapshot, before: Numbers | None) -> ClientDigest:
    register = snapshot.register if snapshot.patches is not None else None
    sections = (snapshot.mfa, snapshot.patches, register)
    unread = [item for s in sections if s is not None for item in s.coverage.unread]
    return ClientDigest(
        client=client.key,
        client_name=client.name,
        now=numbers_of(snapshot),
        before=before,
        mfa_observed_at=snapshot.mfa.observed_at if snapshot.mfa else None,
        patches_observed_at=snapshot.patches.observed_at if snapshot.patches else None,
        coverage=Coverage(unread=(*unread, *snapshot.failing.unread)),
        troubles=troubles_of(snapshot.patches) if snapshot.patches else {},
    )


def _lines(requests: Iterable[Request]) -> tuple[RequestLine, ...]:
    return tuple(
        RequestLine(
            request_id=r.id,
            action=r.plan.action,
            targets=len(r.plan.targets),
            client_name=r.plan.client_name,
            state=r.state,
            counts=tally(r).sentence if r.started_at is not None else "",
            nothing_failed=nothing_failed(r),
            policy_state=state_after(r.plan.change),
        )
        for r in requests
    )
