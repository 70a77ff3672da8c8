"""/mfa policy: changes to a whole tenant, each asked for like any other."""

from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.remediation import Plan, Request
from core.errors import BadInput, GatehouseError
from core.usecases.plan_tenant import TenantPlanner
from core.usecases.undo_tenant import TenantUndo
from handlers.asking import Asking
from handlers.desk import Asker, Desk, check_technician
from handlers.door import Door
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import forms, policy_forms
from integrations.slack.rendering.ids import Act, Field, Form


@dataclass(frozen=True, kw_only=True)
class Policies:
    """Opens the form of tenant-wide changes, and plans them and their undo."""

    desk: Desk
    asking: Asking
    planner: TenantPlanner
    undo_plan: TenantUndo

    def register(self, door: Door) -> None:
        door.action(Act.POLICY_FORM, self.open_from_button)
        door.submission(
            Form.POLICY,
            self.plan,
            check=self.asking.check_words,
            then=forms.working(policy_forms.TITLE),
        )

    def open(self, inbound: Inbound, words: str) -> None:
        asker = self.desk.reader(inbound)
        if not words:
            raise BadInput("Say for which client, as in: /mfa policy acme")
        self._show_form(inbound, asker, self.desk.named(words, asker.person))

    def open_from_button(self, inbound: Inbound) -> None:
        asker = self.desk.reader(inbound)
        self._show_form(inbound, asker, self.desk.readable(inbound.value, asker.person))

    def _show_form(self, inbound: Inbound, asker: Asker, client: Client) -> None:
        """What is possible takes a few seconds to read, and a form has to be opened within three."""
        check_technician(asker, client)
        reading = forms.working(policy_forms.TITLE)
        view_id = self.desk.chat.open_form(inbound.trigger_id or "", reading)
        try:
            offers = self.planner.offers(client, self.desk.snapshot(client)).all()
            view = policy_forms.policy_form(client, offers, inbound.channel_id)
        except GatehouseError as error:
            self.desk.refusals.note(inbound, "policy form", error)
            view = forms.note("Not possible", error.advice)
        self.desk.chat.update_form(view_id, view)

    def plan(self, inbound: Inbound) -> None:
        """A form was sent: plan it and show the preview in its place."""

        def make(asker: Asker, client: Client) -> Plan:
            check_technician(asker, client)
            chosen = inbound.field_text(Field.POLICY_CHANGE)
            return self.planner.plan(client, chosen, self.desk.snapshot(client))

        self.asking.preview(inbound, inbound.view_id or "", make)

    def plan_undo(self, client: Client, done: Request) -> Plan:
        """What taking `done` back would do."""
        later = self.desk.requests.finished_since(done.ended_at or done.created_at)
        return self.undo_plan(client, done, later)
