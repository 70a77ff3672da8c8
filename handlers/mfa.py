"""/mfa: who lacks MFA and why, and enforcing it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict
from core.domain.people import Role
from core.domain.remediation import Action, Plan, RequestId
from core.errors import BadInput, Refused
from core.rules.per_user import per_user_may
from core.usecases.decide_request import find
from core.usecases.explain_mfa import ExplainMfa
from core.usecases.plan_mfa import MfaPlanner, enforceable
from core.usecases.plan_per_user import PerUserPlanner
from handlers.asking import Asking, options
from handlers.desk import Asker, Desk, check_technician
from handlers.door import Door
from handlers.exemptions import Exempting
from handlers.lists import Lists
from handlers.policies import Policies
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import forms, guide, mfa_why
from integrations.slack.rendering.ids import Act, Command, Field, Form, Option

PRESELECTED = 20
SUGGESTIONS = 100
#: How Slack may write an address that somebody typed.
_MAILTO = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, kw_only=True)
class Mfa:
    """Answers /mfa, explains, opens the form, and plans enforcement and undo."""

    desk: Desk
    lists: Lists
    asking: Asking
    planner: MfaPlanner
    per_user: PerUserPlanner
    explain: ExplainMfa
    exempting: Exempting
    policies: Policies

    def register(self, door: Door) -> None:
        door.command(Command.MFA, self.command, slow=("why", "policy"))
        door.action(Act.MFA_FORM, self.open_from_button)
        door.action(Act.UNDO, self.undo)
        door.suggestions(Field.USERS, self.suggest)
        door.submission(
            Form.MFA, self.plan, check=self.asking.check, then=forms.working("MFA request")
        )

    def command(self, inbound: Inbound) -> None:
        verb, _, words = inbound.text.partition(" ")
        match verb.lower():
            case "gaps" | "list":
                self.lists.mfa_named(inbound, words.strip())
            case "why":
                self._why(inbound, words.strip())
            case "enforce":
                self._open(inbound, words.strip())
            case "exempt":
                self.exempting.open_named(inbound, words.strip())
            case "policy":
                self.policies.open(inbound, words.strip())
            case _:
                self.desk.reader(inbound)
                self.desk.answer(inbound, guide.usage(Command.MFA, verb))

    def _why(self, inbound: Inbound, words: str) -> None:
        asker = self.desk.reader(inbound)
        address = _MAILTO.sub(r"\1", words)
        if "@" not in address:
            raise BadInput("Say whose account, as in: /mfa why ann@acme.example")
        found = self.explain(self.desk.visible(asker.person), address)
        may_exempt = asker.person.may(Role.TECHNICIAN, found.client.key)
        answer = mfa_why.why(found, now=self.desk.clock.now(), may_exempt=may_exempt)
        self.desk.answer(inbound, answer)

    def _open(self, inbound: Inbound, words: str) -> None:
        asker = self.desk.reader(inbound)
        if not words:
            raise BadInput("Say for which client, as in: /mfa enforce acme")
        self._show_form(inbound, asker, self.desk.named(words, asker.person))

    def open_from_button(self, inbound: Inbound) -> None:
        asker = self.desk.reader(inbound)
        self._show_form(inbound, asker, self.desk.readable(inbound.value, asker.person))

    def _show_form(self, inbound: Inbound, asker: Asker, client: Client) -> None:
        check_technician(asker, client)
        if not self.planner.directory.can_write:
            raise Refused(
                "Gatehouse is read-only for Entra: an owner has to configure the write app first."
            )
        found = self._gaps(client)
        if not found:
            raise Refused(
                f"No MFA gap is known at {client.name}, so there is nobody to enforce it for. "
                "/mfa gaps says how many could not be judged."
            )
        ready = [v for v in found if v.capable is Fact.YES]
        view = forms.mfa_form(
            client,
            users=ready[:PRESELECTED],
            mixed=self._licensed(client) is Fact.YES and any(map(per_user_may, found)),
            channel=inbound.channel_id,
        )
        self.desk.chat.open_form(inbound.trigger_id or "", view)

    def suggest(self, inbound: Inbound) -> Sequence[dict[str, Any]]:
        """People of the form's client whose name or address contains what was typed."""
        client = self.desk.menu_of(inbound)
        typed = inbound.value.lower()
        found = [v for v in self._gaps(client) if typed in f"{v.name} {v.upn}".lower()]
        return forms.user_options(found[:SUGGESTIONS])

    def plan(self, inbound: Inbound) -> None:
        """A form was sent: plan it and show the preview in its place."""

        def make(asker: Asker, client: Client) -> Plan:
            check_technician(asker, client)
            chosen = inbound.field_text(Field.MFA_MEANS) == Option.PER_USER
            per_user = chosen or self._licensed(client) is Fact.NO
            planner = self.per_user if per_user else self.planner
            users = inbound.field_list(Field.USERS)
            return planner.enforce(client, users, options(inbound), self.desk.snapshot(client))

        self.asking.preview(inbound, inbound.view_id or "", make)

    def undo(self, inbound: Inbound) -> None:
        """Show what an undo would do; it is a request of its own."""
        done = find(self.desk.requests, RequestId(inbound.value))
        view_id = self.desk.chat.open_form(inbound.trigger_id or "", forms.working("Undo"))

        def make(asker: Asker, client: Client) -> Plan:
            if done.plan.action is Action.EXEMPT_MFA:
                return self.exempting.end(asker, client, done)
            check_technician(asker, client)
            if done.plan.action.on_tenant:
                return self.policies.plan_undo(client, done)
            later = self.desk.requests.finished_since(done.ended_at or done.created_at)
            per_user = done.plan.action is Action.ENABLE_PER_USER
            planner = self.per_user if per_user else self.planner
            return planner.undo(client, done, later)

        self.asking.preview(inbound, view_id, make, client_key=done.plan.client)

    def _licensed(self, client: Client) -> Fact:
        section = self.desk.snapshot(client).mfa
        return section.licensed if section is not None else Fact.UNKNOWN

    def _gaps(self, client: Client) -> list[MfaVerdict]:
        section = self.desk.snapshot(client).mfa
        verdicts = [v for v in section.verdicts if enforceable(v)] if section is not None else []
        return sorted(verdicts, key=lambda v: (v.rank, v.capable is not Fact.YES, v.name))
