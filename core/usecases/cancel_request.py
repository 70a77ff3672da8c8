"""Stop a request: before work it is withdrawn, during work no new dispatch is made."""

from dataclasses import dataclass

from core.domain.events import CancelAsked, Closed
from core.domain.people import ChatIdentity, Person
from core.domain.remediation import Request, RequestId, RequestState
from core.errors import TooLate
from core.ports import Clock, Requests
from core.rules.approval_policy import may_cancel
from core.usecases.decide_request import find, whoever_is_quicker


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelRequest:
    """Withdraws or cancels. What the vendor already has is followed to its end."""

    requests: Requests
    clock: Clock

    def __call__(self, request_id: RequestId, *, person: Person, identity: ChatIdentity) -> Request:
        """Raises NotAllowed, or TooLate where there is nothing left to stop."""
        return whoever_is_quicker(lambda: self._cancel(request_id, person, identity))

    def _cancel(self, request_id: RequestId, person: Person, identity: ChatIdentity) -> Request:
        request = find(self.requests, request_id)
        may_cancel(request, person, identity)
        if request.state.final:
            raise TooLate(f"{request.id} has ended already: {request.state.value}.")
        if request.state is RequestState.CANCELLING:
            raise TooLate(f"{request.id} is being cancelled already.")
        note = f"{person.name} cancelled it."
        now = self.clock.now()
        event: Closed | CancelAsked = (
            CancelAsked(at=now, by=person.key, note=note)
            if request.state.in_flight
            else Closed(at=now, by=person.key, state=RequestState.WITHDRAWN, note=note)
        )
        return self.requests.commit(request.id, event, expected=request.version)
