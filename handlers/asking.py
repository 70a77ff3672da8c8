"""What MFA and patch requests share: form, plan, preview, request."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.domain.clients import Client
from core.domain.remediation import Options, Plan, RequestId, When
from core.errors import BadInput, GatehouseError
from core.ports import Drafts
from core.rules.approval_policy import approvals_needed
from core.usecases.request_plan import RequestPlan
from handlers.desk import Asker, Desk
from handlers.door import Door
from handlers.metadata import metadata
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import forms
from integrations.slack.rendering.ids import Field, Form, Option
from integrations.slack.rendering.sentences import info

#: Crockford's letters: nothing that can be misread in `/gatehouse approve ID`.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAFT_MINUTES = 60
#: Which field of a form names the targets, where they are not devices.
_TARGETS: Mapping[str, Field] = {Form.MFA: Field.USERS, Form.EXEMPT: Field.EXEMPT_USERS}


def new_request_id() -> RequestId:
    """Five letters behind an R: short enough to type, and taken once in 33 million."""
    return RequestId("R" + "".join(secrets.choice(LETTERS) for _ in range(5)))


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Turns a planned change into a preview, and a confirmed preview into a request."""

    desk: Desk
    drafts: Drafts
    request_plan: RequestPlan

    def register(self, door: Door) -> None:
        door.submission(Form.PREVIEW, self.confirm, check=self.check_preview)

    def check(self, inbound: Inbound) -> Mapping[str, str]:
        """What a form lacks, from memory: the listener's answer to a submission."""
        field = _TARGETS.get(inbound.callback_id or "", Field.DEVICES)
        chosen = inbound.field_list(field)
        errors = {} if chosen else {field: "Choose at least one."}
        return errors | self.check_words(inbound)

    def check_preview(self, inbound: Inbound) -> Mapping[str, str]:
        return self.check_words(inbound) if Field.REASON in inbound.values else {}

    def check_words(self, inbound: Inbound) -> dict[str, str]:
        """The same of a form in which nothing can be left unchosen."""
        client, errors = self._client(inbound), dict[str, str]()
        if not inbound.field_text(Field.REASON).strip():
            errors[Field.REASON] = "Say why in one sentence: the approver decides on it."
        wants_ticket = client is not None and client.needs_ticket
        if wants_ticket and not inbound.field_text(Field.TICKET).strip():
            errors[Field.TICKET] = "This client wants a ticket number with every request."
        return errors

    def _client(self, inbound: Inbound) -> Client | None:
        key = metadata(inbound).get("client")
        return next((c for c in self.desk.clients if c.key == key), None)

    # The preview.

    def preview(
        self,
        inbound: Inbound,
        view_id: str,
        make: Callable[[Asker, Client], Plan],
        *,
        client_key: str | None = None,
    ) -> None:
        """Plan, and show what would happen; a refusal is shown in the same place."""
        try:
            asker = self.desk.decider(inbound)
            client = self.desk.client(client_key or metadata(inbound).get("client"))
            view = self._previewed(inbound, asker, client, make(asker, client))
        except GatehouseError as error:
            self.desk.refusals.note(inbound, "preview", error)
            view = forms.note("Not possible", error.advice)
        self.desk.chat.update_form(view_id, view)

    def _previewed(
        self, inbound: Inbound, asker: Asker, client: Client, plan: Plan
    ) -> dict[str, Any]:
        request_id = self._unused_id()
        until = self.desk.clock.now() + timedelta(minutes=DRAFT_MINUTES)
        self.drafts.put(request_id, plan, owner=asker.person.key, until=until)
        deciders = self.desk.deciders(client, besides=asker.person.key)
        reason = inbound.field_text(Field.REASON).strip()
        return forms.preview(
            plan,
            request_id=request_id,
            reason=reason or None,
            ticket=inbound.field_text(Field.TICKET).strip() or None,
            approvers=[person.name for person in deciders],
            approvals_needed=approvals_needed(plan, self.request_plan.policy),
            channel=metadata(inbound).get("channel") or inbound.channel_id,
            ask_reason=not reason,
            needs_ticket=client.needs_ticket,
        )

    def _unused_id(self) -> RequestId:
        ids = iter(new_request_id, None)
        return next(item for item in ids if self.desk.requests.get(item) is None)

    # The request.

    def confirm(self, inbound: Inbound) -> None:
        """The preview was sent off: make it a request."""
        held = metadata(inbound)
        asker = self.desk.decider(inbound)
        request_id = RequestId(str(held["request"]))
        plan = self.drafts.get(request_id, owner=asker.person.key, now=self.desk.clock.now())
        if plan is None:
            raise BadInput("That preview is too old to be sent. Please start again.")
        client = self.desk.client(plan.client)
        who = len(self.desk.deciders(client, besides=asker.person.key))
        request = self.request_plan(
            request_id,
            plan,
            client=client,
            person=asker.person,
            identity=asker.identity,
            reason=held.get("reason") or inbound.field_text(Field.REASON),
            ticket=held.get("ticket") or inbound.field_text(Field.TICKET),
        )
        words = (
            f"{request.id} waits for approval in #{self.desk.chat.approval_channel}. "
            f"{who} {'person' if who == 1 else 'people'} may decide; you will hear from me in our direct messages."
        )
        self.desk.chat.tell(inbound.user_id, held.get("channel"), info(words))


def options(inbound: Inbound) -> Options:
    """The choices made in a form."""
    ticked = inbound.field_list(Field.OPTIONS)
    return Options(
        when=When.WINDOW if inbound.field_text(Field.WHEN) == When.WINDOW else When.NOW,
        revoke_sessions=Option.REVOKE_SESSIONS in ticked,
        revoke_admins=Option.REVOKE_ADMINS in ticked,
        include_without_method=Option.INCLUDE_WITHOUT_METHOD in ticked,
        wait_for_offline=Option.WAIT_FOR_OFFLINE in ticked,
    )
