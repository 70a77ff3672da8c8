"""Approve, deny, withdraw, cancel, settle: by button or by `/gatehouse WORD ID`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.remediation import Request, RequestId, RequestState, Verdict
from core.errors import BadInput
from core.rules.approval_policy import may_decide, may_settle
from core.usecases.cancel_request import CancelRequest
from core.usecases.decide_request import DecideRequest, find
from core.usecases.settle_step import SettleStep
from handlers.desk import Desk
from handlers.door import Door
from handlers.metadata import metadata
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import forms
from integrations.slack.rendering.ids import Act, Field, Form
from integrations.slack.rendering.request_words import state_words
from integrations.slack.rendering.sentences import info

#: What a request's id looks like, in capitals.
_ID = re.compile(r"R[0-9A-Z]{5}")


@dataclass(frozen=True, kw_only=True)
class Approvals:
    """Every word on a request; who may say it is decided at this moment, on the server."""

    desk: Desk
    decide: DecideRequest
    cancel_request: CancelRequest
    settle_step: SettleStep

    def register(self, door: Door) -> None:
        door.action(Act.APPROVE, self.approve_clicked)
        door.action(Act.DENY, self.deny_clicked)
        door.action(Act.CANCEL, self.cancel_clicked)
        door.action(Act.SETTLE, self.settle_clicked)
        door.submission(Form.DENY, self.deny_sent, check=_reason_given)
        door.submission(Form.SETTLE, self.settle_sent, check=_reason_given)

    # By button.

    def approve_clicked(self, inbound: Inbound) -> None:
        self._decide(inbound, inbound.value, Verdict.APPROVE, "")

    def deny_clicked(self, inbound: Inbound) -> None:
        """Nobody writes a reason only to read that it does not count; whether it does is looked at again."""
        asker = self.desk.reader(inbound)
        request = find(self.desk.requests, RequestId(inbound.value))
        may_decide(
            request,
            asker.person,
            asker.identity,
            self.desk.client(request.plan.client),
            verdict=Verdict.DENY,
            policy=self.decide.policy,
            now=self.desk.clock.now(),
        )
        view = forms.deny_form(request, inbound.channel_id)
        self.desk.chat.open_form(inbound.trigger_id or "", view)

    def deny_sent(self, inbound: Inbound) -> None:
        request_id = str(metadata(inbound).get("request"))
        self._decide(inbound, request_id, Verdict.DENY, inbound.field_text(Field.REASON))

    def cancel_clicked(self, inbound: Inbound) -> None:
        self._cancel(inbound, inbound.value)

    def settle_clicked(self, inbound: Inbound) -> None:
        asker = self.desk.reader(inbound)
        request = find(self.desk.requests, RequestId(inbound.value))
        may_settle(request, asker.person, asker.identity)
        view = forms.settle_form(request, inbound.channel_id)
        self.desk.chat.open_form(inbound.trigger_id or "", view)

    def settle_sent(self, inbound: Inbound) -> None:
        seen = inbound.field_text(Field.CARRIED_OUT)
        if seen not in ("yes", "no"):
            raise BadInput("Say whether it was carried out: nobody else can tell.")
        asker = self.desk.decider(inbound)
        self.settle_step(
            RequestId(str(metadata(inbound).get("request"))),
            carried_out=seen == "yes",
            reason=inbound.field_text(Field.REASON),
            person=asker.person,
            identity=asker.identity,
        )

    # By command.

    def approve_typed(self, inbound: Inbound, words: str) -> None:
        request = self._decide(inbound, _id(words, "approve"), Verdict.APPROVE, "")
        self.desk.answer(inbound, info(f"You approved it. {_stands(request)}"))

    def deny_typed(self, inbound: Inbound, words: str) -> None:
        typed, _, reason = words.partition(" ")
        request_id = _id(typed, "deny")
        if not reason.strip():
            raise BadInput(f"Say why, as in: /gatehouse deny {request_id} wrong weekend")
        request = self._decide(inbound, request_id, Verdict.DENY, reason)
        self.desk.answer(inbound, info(f"You denied it. {_stands(request)}"))

    def cancel_typed(self, inbound: Inbound, words: str) -> None:
        request = self._cancel(inbound, _id(words, "cancel"))
        self.desk.answer(inbound, info(_stands(request)))

    # Both.

    def _decide(self, inbound: Inbound, request_id: str, verdict: Verdict, reason: str) -> Request:
        asker = self.desk.decider(inbound)
        request = find(self.desk.requests, RequestId(request_id))
        return self.decide(
            request.id,
            verdict,
            client=self.desk.client(request.plan.client),
            person=asker.person,
            identity=asker.identity,
            reason=reason,
        )

    def _cancel(self, inbound: Inbound, request_id: str) -> Request:
        asker = self.desk.decider(inbound)
        return self.cancel_request(
            RequestId(request_id), person=asker.person, identity=asker.identity
        )


def _stands(request: Request) -> str:
    """Such as "R4K7QX: Waiting for approval, 1 of 2 so far."."""
    so_far = f", {len(request.approvals)} of {request.approvals_needed} so far"
    pending = request.state is RequestState.PENDING
    return f"{request.id}: {state_words(request)}{so_far if pending else ''}."


def _id(words: str, verb: str) -> str:
    typed = words.strip().upper()
    if not _ID.fullmatch(typed):
        raise BadInput(
            f"Say which request, as in: /gatehouse {verb} R4K7QX. /gatehouse status lists the open ones."
        )
    return typed


def _reason_given(inbound: Inbound) -> Mapping[str, str]:
    if inbound.field_text(Field.REASON).strip():
        return {}
    return {Field.REASON: "Say why in one sentence: it goes on the record."}
