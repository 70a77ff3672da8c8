"""Domain objects to JSON and back, and the one canonical way to write JSON."""

import json
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter

from core.domain.events import Event

T = TypeVar("T")
type_of_event = Annotated[Event, Field(discriminator="type")]


def encode(value: object) -> Any:
    """A dataclass of the domain as plain JSON values (dicts, lists, strings, numbers)."""
    return _adapter(type(value)).dump_python(value, mode="json")


def decode(kind: type[T], data: object) -> T:
    """The domain object behind JSON values. Raises ValueError where they do not fit."""
    decoded: T = _adapter(kind).validate_python(data)
    return decoded


def decode_event(data: object) -> Event:
    """The event behind JSON values, told apart by their "type"."""
    event: Event = _adapter(type_of_event).validate_python(data)
    return event


def to_bytes(value: object) -> bytes:
    """A domain object as one line of JSON.

    Not by pydantic's own writer: text from outside may hold half a surrogate pair, which that refuses.
    """
    return canonical(encode(value))


def from_bytes(kind: type[T], data: bytes) -> T:
    """The reverse of `to_bytes`. Raises ValueError where the bytes do not fit."""
    return decode(kind, json.loads(data))


def plain(value: object) -> Any:
    """Anything as plain JSON values; what JSON has no word for becomes its text."""
    return _adapter(Any).dump_python(value, mode="json", fallback=str)


def canonical(value: object) -> bytes:
    """JSON in the one form that hashes are taken over: sorted keys, no spaces, ASCII, no line breaks."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return text.encode("ascii")


def _adapter(kind: Any) -> TypeAdapter[Any]:
    return _made(kind)


@cache
def _made(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
