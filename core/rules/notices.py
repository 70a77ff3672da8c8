"""Which messages a request gives rise to: a pure function of the request and the people."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.people import People, PersonKey, Role
from core.domain.remediation import Request, RequestState


class NoticeKind(StrEnum):
    """What a message is about."""

    #: The card, again, in an approver's direct messages.
    APPROVAL_WANTED = "approval_wanted"
    #: To the requester: what was decided, or how it ended.
    DECIDED = "decided"
    FINISHED = "finished"
    CLOSED = "closed"
    NEEDS_PERSON = "needs_person"
    #: To the approvers: what went first did not go well, so the rest is not sent.
    REST_STOPPED = "rest_stopped"
    #: In the card's thread.
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One message; `to` None means the card's thread. `key` names it for once and all."""

    key: str
    kind: NoticeKind
    to: PersonKey | None


def notices(request: Request, people: People) -> tuple[Notice, ...]:
    """Every message that this request, as it stands, should have given rise to by now."""
    return (*_to_approvers(request, people), *_to_requester(request), *_in_thread(request))


def approvers(request: Request, people: People) -> tuple[PersonKey, ...]:
    """Who may still decide, the requester never among them."""
    return tuple(
        person.key
        for person in people.who_may(Role.APPROVER, request.plan.client)
        if person.key != request.requester
    )


def _to_approvers(request: Request, people: People) -> tuple[Notice, ...]:
    keys = approvers(request, people)
    kinds = {"ask": NoticeKind.APPROVAL_WANTED}
    if request.stopped:
        kinds["stopped"] = NoticeKind.REST_STOPPED
    if request.state is RequestState.NEEDS_PERSON:
        kinds["settle"] = NoticeKind.NEEDS_PERSON
    return tuple(
        Notice(key=f"{request.id}:{word}:{key}", kind=kind, to=key)
        for word, kind in kinds.items()
        for key in keys
    )


def _to_requester(request: Request) -> tuple[Notice, ...]:
    kinds: list[NoticeKind] = []
    if request.state is RequestState.DENIED or len(request.approvals) >= request.approvals_needed:
        kinds.append(NoticeKind.DECIDED)
    if request.state in (
        RequestState.EXPIRED,
        RequestState.SUPERSEDED,
        RequestState.WITHDRAWN,
    ):
        kinds.append(NoticeKind.CLOSED)
    if request.state is RequestState.NEEDS_PERSON:
        kinds.append(NoticeKind.NEEDS_PERSON)
    if _ended(request):
        kinds.append(NoticeKind.FINISHED)
    return tuple(
        Notice(key=f"{request.id}:{kind}", kind=kind, to=request.requester) for kind in kinds
    )


def _in_thread(request: Request) -> tuple[Notice, ...]:
    kinds: list[NoticeKind] = []
    if request.started_at is not None:
        kinds.append(NoticeKind.STARTED)
    if _ended(request):
        kinds.append(NoticeKind.ENDED)
    return tuple(Notice(key=f"{request.id}:thread:{kind}", kind=kind, to=None) for kind in kinds)


def _ended(request: Request) -> bool:
    return request.started_at is not None and request.state.final
