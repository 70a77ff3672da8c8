"""What a person does: write, command, click, choose, submit, close, forge."""

from typing import Any

from sandbox.slack.acts import actions, commands, modals, suggestions
from sandbox.slack.acts.actions import Place, find_element
from sandbox.slack.acts.events import Events, message_posted
from sandbox.slack.acts.forge import forge as forge_payload
from sandbox.slack.inputs import Raw
from sandbox.slack.model import Json, View
from sandbox.slack.person.ask import Ask, refused
from sandbox.slack.person.rows import message_row


async def message(ask: Ask, events: Events) -> Json:
    """Say something; "/..." is not a command here."""
    person, channel = ask.person, ask.writable
    thread = ask.optional("thread")
    if thread is not None and channel.posted(thread) is None:
        raise refused(404, "message_not_found", "There is no such thread.")
    text = ask.text("text").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    said = ask.slack.workspace.post(channel, person.id, _with_mentions(ask, text), thread_ts=thread)
    await message_posted(events, person, channel, said)
    return {"message": message_row(ask.slack, person, said)}


def _with_mentions(ask: Ask, text: str) -> str:
    """The client turns @handle into a mention before sending."""
    for user in ask.slack.workspace.users.values():
        text = text.replace(f"@{user.handle}", f"<@{user.id}>")
    return text


async def command(ask: Ask) -> Json:
    person, channel = ask.person, ask.writable
    outcome = await commands.run_command(ask.slack, person, channel, ask.text("text"))
    return outcome.as_json()


async def action(ask: Ask) -> Json:
    posted = ask.posted
    place = _place(ask, posted.message.blocks)
    outcome = await actions.act_on_message(
        ask.slack, ask.person, posted, place, _raw(ask.given.get("selected"))
    )
    return outcome.as_json()


async def suggest(ask: Ask) -> Json:
    """With view_id in a view, else with channel and ts in a message."""
    where = ask.view if ask.optional("view_id") else ask.posted
    blocks = where.blocks if isinstance(where, View) else where.message.blocks
    outcome, options = await suggestions.suggest(
        ask.slack, ask.person, _place(ask, blocks), ask.optional("value") or "", where
    )
    return {**outcome.as_json(), "options": options}


async def submit_view(ask: Ask) -> Json:
    outcome = await modals.submit(ask.slack, ask.person, ask.modal, _values(ask))
    return outcome.as_json()


async def act_in_view(ask: Ask) -> Json:
    """`values` are typed into the other inputs first, as the person would have done."""
    view = ask.view
    place = _place(ask, view.blocks)
    complaints = modals.fill(ask.slack, ask.person, view, _values(ask))
    if complaints:
        raise refused(400, "invalid_selection", next(iter(complaints.values())))
    outcome = await actions.act_on_view(
        ask.slack, ask.person, view, place, _raw(ask.given.get("selected"))
    )
    return outcome.as_json()


async def close_view(ask: Ask) -> Json:
    outcome = await modals.close(ask.slack, ask.person, ask.modal, whole_stack=ask.flag("clear"))
    return outcome.as_json()


async def forge(ask: Ask) -> Json:
    payload = ask.given.get("payload")
    if not isinstance(payload, dict):
        raise refused(400, "invalid_arguments", "payload must be an object.")
    outcome, response = await forge_payload(ask.slack, payload)
    return {**outcome.as_json(), "response": response}


def _place(ask: Ask, blocks: list[Json]) -> Place:
    return find_element(ask.person, blocks, ask.text("action_id"), ask.optional("block_id"))


def _raw(value: Any) -> Raw:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return value
    raise refused(400, "invalid_arguments", "A value is a string, a list of strings or null.")


def _values(ask: Ask) -> dict[str, Raw]:
    values = ask.given.get("values") or {}
    if not isinstance(values, dict):
        raise refused(400, "invalid_arguments", "values must be an object.")
    return {str(name): _raw(value) for name, value in values.items()}
