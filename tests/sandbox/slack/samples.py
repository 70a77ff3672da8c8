"""Small valid pieces of Block Kit that tests bend until Slack refuses them."""

from typing import Any

Json = dict[str, Any]


def plain(text: str = "Text") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "*Text*") -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "Text", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text: str = "Press", action_id: str = "press", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str = "One", value: str = "1", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def select(kind: str = "static_select", **more: Any) -> Json:
    return {"type": kind, "action_id": "choose", "options": [option()], **more}


def input_block(element: Json, block_id: str = "field", **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("Label"),
        "element": element,
        **more,
    }


def text_input(action_id: str = "reason", **more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "title": plain("Title"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [section()],
        **more,
    }


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks) or [section()], **more}
