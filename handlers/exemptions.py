"""Exemptions: whom to let off MFA, until when and why; it is a request like any other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.domain.clients import Client
from core.domain.findings import MfaVerdict
from core.domain.remediation import Plan, Request
from core.errors import BadInput, Refused
from core.rules.exemptions import day_at
from core.usecases.plan_exemptions import ExemptionPlanner, exemptible
from handlers.asking import Asking
from handlers.desk import Asker, Desk, check_technician
from handlers.door import Door
from handlers.metadata import metadata
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import forms
from integrations.slack.rendering.ids import Act, Field, Form

SUGGESTIONS = 100
#: What the form proposes: long enough for a new phone, short enough to be looked at again.
PROPOSED_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Exempting:
    """Opens the form, and plans exemptions and their early ends."""

    desk: Desk
    asking: Asking
    planner: ExemptionPlanner

    def register(self, door: Door) -> None:
        door.action(Act.EXEMPT_FORM, self.open_from_button)
        door.suggestions(Field.EXEMPT_USERS, self.suggest)
        door.submission(
            Form.EXEMPT, self.plan, check=self.check, then=forms.working("MFA exemption")
        )

    def open_named(self, inbound: Inbound, words: str) -> None:
        """`/mfa exempt acme`."""
        asker = self.desk.reader(inbound)
        if not words:
            raise BadInput("Say for which client, as in: /mfa exempt acme")
        self._show_form(inbound, asker, self.desk.named(words, asker.person))

    def open_from_button(self, inbound: Inbound) -> None:
        asker = self.desk.reader(inbound)
        key, _, user_id = inbound.value.partition(" ")
        client = self.desk.readable(key, asker.person)
        self._show_form(inbound, asker, client, user_id)

    def _show_form(self, inbound: Inbound, asker: Asker, client: Client, user_id: str = "") -> None:
        check_technician(asker, client)
        today = day_at(client, self.desk.clock.now())
        longest = self.planner.mfa.exemption_days
        view = forms.exempt_form(
            client,
            users=[v for v in self._exemptible(client) if v.user_id == user_id],
            until=today + timedelta(days=min(PROPOSED_DAYS, longest)),
            last=today + timedelta(days=longest),
            channel=inbound.channel_id,
        )
        self.desk.chat.open_form(inbound.trigger_id or "", view)

    def suggest(self, inbound: Inbound) -> Sequence[dict[str, Any]]:
        """People of the form's client whose gap counts and whose name or address contains what was typed."""
        client = self.desk.menu_of(inbound)
        typed = inbound.value.lower()
        found = [v for v in self._exemptible(client) if typed in f"{v.name} {v.upn}".lower()]
        return forms.user_options(found[:SUGGESTIONS])

    def check(self, inbound: Inbound) -> Mapping[str, str]:
        """What the form lacks, from memory."""
        errors = dict(self.asking.check(inbound))
        try:
            self._until(inbound)
        except Refused as error:
            errors[Field.UNTIL] = error.sentence
        return errors

    def plan(self, inbound: Inbound) -> None:
        """A form was sent: plan it and show the preview in its place."""

        def make(asker: Asker, client: Client) -> Plan:
            check_technician(asker, client)
            users = inbound.field_list(Field.EXEMPT_USERS)
            until = self._until(inbound)
            return self.planner.exempt(client, users, until, self.desk.snapshot(client))

        self.asking.preview(inbound, inbound.view_id or "", make)

    def end(self, asker: Asker, client: Client, done: Request) -> Plan:
        """The plan to end early what a request granted."""
        check_technician(asker, client)
        return self.planner.end(client, done)

    def _until(self, inbound: Inbound) -> date:
        """The day chosen. Raises Refused for one that cannot be."""
        try:
            day = date.fromisoformat(inbound.field_text(Field.UNTIL))
        except ValueError as error:
            raise BadInput("Choose the last day it shall hold.") from error
        self.planner.check_end(self.desk.client(metadata(inbound).get("client")), day)
        return day

    def _exemptible(self, client: Client) -> list[MfaVerdict]:
        section = self.desk.snapshot(client).mfa
        verdicts = section.verdicts if section is not None else ()
        return [v for v in verdicts if exemptible(v) and v.user_id not in client.break_glass]
