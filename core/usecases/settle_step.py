"""A named person says what became of a target that no source can tell about."""

from dataclasses import dataclass

from core.domain.events import PersonRuled, StepResult
from core.domain.people import ChatIdentity, Person
from core.domain.remediation import Request, RequestId, StepState
from core.errors import BadInput, Refused
from core.ports import Clock, Requests
from core.rules.approval_policy import may_settle
from core.usecases.decide_request import find, whoever_is_quicker


@dataclass(frozen=True, kw_only=True, slots=True)
class SettleStep:
    """Ends `unknown` steps by a person's word; the word and the name go on the record."""

    requests: Requests
    clock: Clock

    def __call__(
        self,
        request_id: RequestId,
        *,
        carried_out: bool,
        reason: str,
        person: Person,
        identity: ChatIdentity,
    ) -> Request:
        """Settle every unknown step of the request. Raises Refused or BadInput."""

        def attempt() -> Request:
            request = find(self.requests, request_id)
            may_settle(request, person, identity)
            event = self._ruled(request, person, carried_out=carried_out, reason=reason.strip())
            return self.requests.commit(request.id, event, expected=request.version)

        return whoever_is_quicker(attempt)

    def _ruled(
        self, request: Request, person: Person, *, carried_out: bool, reason: str
    ) -> PersonRuled:
        unknown = [step.target for step in request.steps if step.state is StepState.UNKNOWN]
        if not unknown:
            raise Refused(f"Nothing of {request.id} is unknown; there is nothing to settle.")
        if not reason:
            raise BadInput("Say what you saw: your word takes the place of proof.")
        state = StepState.NOT_VERIFIED if carried_out else StepState.FAILED
        words = "carried out, in the word of" if carried_out else "not carried out, in the word of"
        results = tuple(
            StepResult(target=t, state=state, reason=f"{words} {person.name}: {reason}")
            for t in unknown
        )
        return PersonRuled(
            at=self.clock.now(),
            by=person.key,
            results=results,
            note=f"Settled by {person.name}: {reason}",
        )
