"""A small language for saying what a JSON value must look like; complaints carry Slack's words and pointer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spot:
    """A place in the payload, as a JSON pointer, and the list that gathers every complaint."""

    path: str
    complaints: list[str] = field(default_factory=list)

    def at(self, key: str | int) -> "Spot":
        return Spot(f"{self.path}/{key}", self.complaints)

    def complain(self, words: str) -> None:
        self.complaints.append(f"{words} [json-pointer:{self.path}]")


Check = Callable[[Spot, Any], None]


def anything(spot: Spot, value: Any) -> None:
    """Accept whatever is there."""


def string(low: int = 0, high: int | None = None) -> Check:
    """Length is counted in characters."""

    def check(spot: Spot, value: Any) -> None:
        if not isinstance(value, str):
            spot.complain("must provide a string")
        elif len(value) < low:
            spot.complain(f"must be more than {low - 1} characters")
        elif high is not None and len(value) > high:
            spot.complain(f"must be less than {high + 1} characters")

    return check


def number(low: float | None = None, high: float | None = None, *, whole: bool = False) -> Check:
    kinds = int if whole else (int, float)

    def check(spot: Spot, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, kinds):
            spot.complain("must provide a number")
        elif low is not None and value < low:
            spot.complain(f"must be greater than or equal to {low}")
        elif high is not None and value > high:
            spot.complain(f"must be less than or equal to {high}")

    return check


def boolean(spot: Spot, value: Any) -> None:
    if not isinstance(value, bool):
        spot.complain("must provide a boolean")


def one_of(*words: str) -> Check:
    def check(spot: Spot, value: Any) -> None:
        if value not in words:
            spot.complain(f"value must be one of: {', '.join(words)}")

    return check


def array(item: Check, low: int = 0, high: int | None = None) -> Check:
    def check(spot: Spot, value: Any) -> None:
        if not isinstance(value, list):
            spot.complain("must provide an array")
            return
        if len(value) < low:
            spot.complain(f"must provide at least {low} items")
        if high is not None and len(value) > high:
            spot.complain(f"no more than {high} items allowed")
        for index, entry in enumerate(value):
            item(spot.at(index), entry)

    return check


def record(
    required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None
) -> Check:
    """An object with these keys and no others; null counts as absent."""
    needed, allowed = dict(required or {}), {**(required or {}), **(optional or {})}

    def check(spot: Spot, value: Any) -> None:
        if not isinstance(value, dict):
            spot.complain("must provide an object")
            return
        for key in needed:
            if value.get(key) is None:
                spot.complain(f"missing required field: {key}")
        for key, entry in value.items():
            if key not in allowed:
                spot.complain(f"invalid additional property: {key}")
            elif entry is not None:
                allowed[key](spot.at(key), entry)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """Choose the check by the object's `type`."""

    def check(spot: Spot, value: Any) -> None:
        if not isinstance(value, dict):
            spot.complain("must provide an object")
        elif "type" not in value:
            spot.complain("missing required field: type")
        elif value["type"] not in kinds:
            spot.at("type").complain(f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](spot, value)

    return check


def both(first: Check, second: Check) -> Check:
    """Check the second only where the first found nothing, so that rules may trust the shape."""

    def check(spot: Spot, value: Any) -> None:
        before = len(spot.complaints)
        first(spot, value)
        if len(spot.complaints) == before:
            second(spot, value)

    return check


def exactly_one(*keys: str) -> Check:
    def check(spot: Spot, value: Any) -> None:
        if sum(value.get(key) is not None for key in keys) != 1:
            spot.complain(f"must define exactly one of: {', '.join(keys)}")

    return check


def at_least_one(*keys: str) -> Check:
    def check(spot: Spot, value: Any) -> None:
        if all(value.get(key) is None for key in keys):
            spot.complain(f"must define at least one of: {', '.join(keys)}")

    return check
