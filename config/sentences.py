"""What pydantic found wrong, as sentences for whoever writes the file."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from config.errors import Problem
from config.settings import GUID, KEY

_NUMBER = "must be a number."
_TIME = 'must be a time such as "07:30".'
_SHAPES: Mapping[str, str] = {
    GUID: "must be an id such as 00000000-0000-0000-0000-00000000000a.",
    KEY: "may only have small letters, digits and hyphens.",
}
_REMEDIES: Mapping[str, str] = {
    "missing": "Add it.",
    "extra_forbidden": "Check its spelling or remove it.",
}
#: By pydantic's name for the mistake, from what it tells about it.
_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is missing.",
    "extra_forbidden": lambda _: "is no setting of this table.",
    "string_pattern_mismatch": lambda told: _SHAPES.get(
        told["pattern"], f"must look like {told['pattern']}"
    ),
    "string_type": lambda _: "must be text in quotes.",
    "string_too_short": lambda _: "must not be empty.",
    "string_too_long": lambda told: f"may have at most {told['max_length']} characters.",
    "too_short": lambda told: f"needs at least {told['min_length']}.",
    "greater_than": lambda told: f"must be more than {told['gt']}.",
    "greater_than_equal": lambda told: f"must be at least {told['ge']}.",
    "less_than": lambda told: f"must be less than {told['lt']}.",
    "less_than_equal": lambda told: f"must be at most {told['le']}.",
    "literal_error": lambda told: f"must be {told['expected']}.",
    "enum": lambda told: f"must be {told['expected']}.",
    "time_parsing": lambda _: _TIME,
    "time_type": lambda _: _TIME,
    "int_type": lambda _: _NUMBER,
    "int_parsing": lambda _: _NUMBER,
    "int_from_float": lambda _: "must be a whole number.",
    "float_type": lambda _: _NUMBER,
    "float_parsing": lambda _: _NUMBER,
    "bool_type": lambda _: "must be true or false.",
    "bool_parsing": lambda _: "must be true or false.",
    "list_type": lambda _: "must be a list in [ ].",
    "dict_type": lambda _: "must be a table.",
    "model_type": lambda _: "must be a table.",
}


def problems_of(error: ValidationError, prefix: str) -> Iterable[Problem]:
    """One each, with the key's path below `prefix`; never the value, which may be a secret."""
    for item in error.errors(include_url=False, include_input=False):
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]]
        path = (prefix + "".join(parts)).removeprefix(".")
        sentence = _SENTENCES.get(item["type"])
        what = sentence(item.get("ctx", {})) if sentence else _own(item["msg"])
        remedy = _REMEDIES.get(item["type"], "")
        yield Problem(path=path or "(file)", what=what, remedy=remedy)


def _own(message: str) -> str:
    """A validator's own words."""
    return f"{message.removeprefix('Value error, ')}."
