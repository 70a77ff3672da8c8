"""What people do with requests, from the form to the card that tells how it ended."""

import re
from collections.abc import Mapping, Sequence

from tests.stories.world import Json, World, says, text_of

REQUEST_ID = re.compile(r"\bR[0-9A-HJKMNP-TV-Z]{5}\b")
APPROVALS = "gatehouse-approvals"

Value = str | list[str]


def ask_mfa(
    world: World, who: str, channel: str, client: str, users: Sequence[str], **more: Value
) -> str:
    """`users` are parts of names. The id of the request that was sent for approval."""
    preview_mfa(world, who, channel, client, users, **more)
    return send_preview(world, who, channel)


def preview_mfa(
    world: World, who: str, channel: str, client: str, users: Sequence[str], **more: Value
) -> Json:
    """Fill the form in as far as the preview, or as far as the note that says why not."""
    world.command(who, channel, f"/mfa enforce {client}")
    form = world.view(who, "mfa_form")
    return _previewed(
        world, who, form, {"users": _options(world, who, form, "users", users)} | more
    )


def preview_exemption(
    world: World, who: str, channel: str, client: str, users: Sequence[str], **more: Value
) -> Json:
    """Fill the form in as far as the preview, or as far as the note that says why not."""
    world.command(who, channel, f"/mfa exempt {client}")
    form = world.view(who, "exempt_form")
    chosen = _options(world, who, form, "exempt_users", users)
    return _previewed(world, who, form, {"exempt_users": chosen} | more)


def ask_patches(
    world: World, who: str, channel: str, client: str, devices: Sequence[str], **more: Value
) -> str:
    """`devices` are names. The id of the request that was sent for approval."""
    preview_patches(world, who, channel, client, devices, **more)
    return send_preview(world, who, channel)


def preview_patches(
    world: World, who: str, channel: str, client: str, devices: Sequence[str], **more: Value
) -> Json:
    """Fill the form in as far as the preview, or as far as the note that says why not."""
    world.command(who, channel, f"/patch run {client}")
    form = world.view(who, "patch_form")
    chosen = _options(world, who, form, "devices", devices)
    return _previewed(world, who, form, {"devices": chosen} | more)


def preview_restart(world: World, who: str, channel: str, client: str) -> Json:
    """Send the form as it opens: a restart of the devices that wait for one."""
    world.command(who, channel, f"/patch restart {client}")
    return _previewed(world, who, world.view(who, "patch_form"), {})


def policy_form(world: World, who: str, channel: str, client: str) -> Json:
    """What can be changed for the client's whole tenant, or the note that nothing can."""
    world.close_forms(who)
    world.command(who, channel, f"/mfa policy {client}")
    return world.eventually(lambda: _read_out(world, who), what="the form of tenant-wide changes")


def _read_out(world: World, who: str) -> Json | None:
    view: Json = world.view(who, "policy_form", "note")
    return None if says(view, "⏳") else view


def preview_policy(world: World, who: str, form: Json, change: str) -> Json:
    """Choose one of the changes, as far as the preview."""
    return _previewed(world, who, form, {"policy_change": change})


def _options(world: World, who: str, form: Json, field: str, names: Sequence[str]) -> list[str]:
    """What the menu offers for each of the names, typed one after the other."""
    chosen = []
    for name in names:
        offered = world.suggestions(who, form, field, name)
        (value,) = (o["value"] for o in offered if o["text"]["text"].startswith(name))
        chosen.append(str(value))
    return chosen


def _previewed(world: World, who: str, form: Json, values: Mapping[str, Value]) -> Json:
    sent = world.submit(who, form, {"reason": "Found in the morning's digest", **values})
    assert sent["status"] == "update", sent
    return world.eventually(lambda: _worked_out(world, who), what="the preview")


def _worked_out(world: World, who: str) -> Json | None:
    view: Json = world.view(who, "preview", "note")
    return None if says(view, "⏳") else view


def preview_undo(world: World, who: str, done: Json) -> Json:
    """Click Undo on a card, as far as the preview or the note that says why not."""
    world.close_forms(who)
    world.click(who, done, "undo")
    return world.eventually(lambda: _worked_out(world, who), what="the preview of the undo")


def send_preview(world: World, who: str, channel: str, **values: str) -> str:
    """Send what is previewed for approval; the request's id, as the person is told it."""
    view = world.view(who, "preview", "note")
    assert view["callback_id"] == "preview", text_of(view)
    told = world.answered(who, channel, lambda: world.submit(who, view, values))
    found = REQUEST_ID.search(text_of(told))
    assert found is not None, told
    return found.group()


def card(world: World, request_id: str, *words: str, who: str = "manager") -> Json:
    """The card in the approval channel, once it says these words."""
    return world.reads(who, APPROVALS, f"{request_id}:", *words)


def approve(world: World, who: str, request_id: str) -> None:
    """Click Approve on the card."""
    world.click(who, card(world, request_id), "approve")


def buttons(shown: Json) -> set[str]:
    """The action ids a message or view offers."""
    return {
        element["action_id"]
        for block in shown["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }
