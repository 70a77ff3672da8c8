"""Checking and storing the content of a message, whichever way the app sends it."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.slack.blockkit.payloads import complaints_about_blocks, too_long
from sandbox.slack.blockkit.stored import with_ids
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json

TRUNCATED_ABOVE = 40_000
MOST_ATTACHMENTS = 100


@dataclass(frozen=True, kw_only=True)
class Content:
    """`blocks` is None where the app sent none, and empty where it sent an empty list."""

    text: str
    blocks: list[Json] | None
    attachments: list[Json]

    @property
    def empty(self) -> bool:
        return not (self.text or self.blocks or self.attachments)


def parsed(value: Any, refusal: str) -> Any:
    """JSON arguments may come as JSON or as a string of JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise SlackError(refusal) from error


def content_of(arguments: Json) -> Content:
    """Raise Slack's refusal for blocks or attachments that cannot be shown."""
    markdown = arguments.get("markdown_text")
    if markdown is not None and (arguments.get("text") or arguments.get("blocks")):
        raise SlackError("markdown_text_conflict")
    blocks = checked_blocks(arguments.get("blocks"))
    if markdown is not None:
        blocks = checked_blocks([{"type": "markdown", "text": markdown}])
    return Content(
        text=str(arguments.get("text") or markdown or ""),
        blocks=blocks,
        attachments=_attachments(arguments.get("attachments")),
    )


def checked_blocks(value: Any) -> list[Json] | None:
    """Blocks with their ids filled in, or Slack's refusal with every complaint."""
    if value is None:
        return None
    blocks = parsed(value, "invalid_blocks_format")
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    complaints = complaints_about_blocks(blocks, "message")
    if complaints:
        raise SlackError("invalid_blocks", complaints)
    if too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    return with_ids(blocks)


def _attachments(value: Any) -> list[Json]:
    attachments = parsed(value or [], "invalid_attachments")
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    return attachments


def metadata_of(value: Any) -> Json | None:
    """None: not sent. Empty: remove it. Otherwise event_type and event_payload, both needed."""
    if value is None:
        return None
    metadata = parsed(value, "invalid_metadata_format")
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if not metadata:
        return {}
    if not isinstance(metadata.get("event_type"), str) or not isinstance(
        metadata.get("event_payload"), dict
    ):
        raise SlackError("invalid_metadata_schema")
    return metadata
