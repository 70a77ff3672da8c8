"""The modal of tenant-wide changes: what is possible at a client now, and why the rest is not."""

from collections.abc import Sequence

from core.domain.clients import Client
from core.rules.tenant_offers import Offer
from integrations.slack.rendering.blocks import context, option, section
from integrations.slack.rendering.form_parts import ask_view, frame, pick_one, why_entries
from integrations.slack.rendering.ids import Field, Form
from integrations.slack.rendering.message import Block, View
from integrations.slack.rendering.mrkdwn import bold, escape, listed

#: As many as radio buttons hold.
SHOWN_POSSIBLE, SHOWN_IMPOSSIBLE = 10, 15
TITLE = "Tenant-wide change"


def policy_form(client: Client, offers: Sequence[Offer], channel: str | None) -> View:
    """Nothing can be sent where nothing is possible."""
    possible = [offer for offer in offers if offer.refusal is None][:SHOWN_POSSIBLE]
    head = section(bold(client.name))
    if not possible:
        nothing = section("Nothing can be changed here for the whole tenant now.")
        return frame(Form.NOTE, TITLE, [head, nothing, *_impossible(offers)])
    blocks = [
        head,
        pick_one(Field.POLICY_CHANGE, "What to change", [option(o.title, o.key) for o in possible]),
        context(
            "A policy is created report-only and enabled by a request of its own, days later. "
            "The next step shows whom it meets; nothing is changed yet."
        ),
        *_impossible(offers),
        *why_entries(needs_ticket=client.needs_ticket),
    ]
    return ask_view(Form.POLICY, TITLE, "Preview", blocks, client=client.key, channel=channel)


def _impossible(offers: Sequence[Offer]) -> list[Block]:
    lines = [
        f"• {escape(offer.title, 150)}: {escape(offer.refusal, 250)}"
        for offer in offers
        if offer.refusal is not None
    ]
    if not lines:
        return []
    return [section(f"*Not possible now*\n{listed(lines, SHOWN_IMPOSSIBLE)}")]
