"""See which of the servers a request has changed are offline: they restart, or do not come back."""

from dataclasses import dataclass
from datetime import timedelta

from core.domain.clients import Client
from core.domain.events import ServersSeen
from core.domain.facts import Fact
from core.domain.patching import DeviceId
from core.domain.remediation import JobKind, Request
from core.errors import VendorError
from core.ports import Rmm
from core.rules.rings import sent_first
from core.usecases.calls import Calls
from core.usecases.job_record import JobRecord
from core.usecases.servers_sent import changes_devices

#: A restart takes minutes, and every look costs the vendor a call.
EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchServers:
    """Keeps on the record since when which server is offline, for as long as its request is under way."""

    record: JobRecord
    rmm: Rmm
    client: Client
    calls: Calls

    def __call__(self, request: Request) -> Request:
        """What the vendor cannot tell, or whom it does not know, changes nothing."""
        servers = _changed(request)
        if not servers or not self.calls.may_look(request.id, self.record.clock.now(), EVERY):
            return request
        try:
            seen = self.rmm.preview(self.client, JobKind.SCAN, servers)
        except VendorError:
            return request
        online = {device: preview.online for device, preview in seen.items()}
        away = [s for s in servers if online.get(s) is Fact.NO and not _is_away(request, s)]
        back = [s for s in servers if online.get(s) is Fact.YES and _is_away(request, s)]
        if not away and not back:
            return request
        event = ServersSeen(at=self.record.clock.now(), away=tuple(away), back=tuple(back))
        return self.record.commit(request, event)


def _changed(request: Request) -> list[DeviceId]:
    if not any(changes_devices(request, job) for job in request.jobs):
        return []
    sent = sent_first(request)
    return [DeviceId(target) for target in sent if request.plan.target(target).is_server]


def _is_away(request: Request, target: str) -> bool:
    return request.step(target).away_since is not None
