"""Hypothesis strategies for every dataclass of the domain, made from its annotations."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

_PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=6),
    int: st.integers(-5, 2**53),
    bool: st.booleans(),
    type(None): st.none(),
    object: st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3)),
    datetime: st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    date: st.dates(min_value=date(2000, 1, 1)),
    time: st.times(),
}


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type as the domain writes it; collections stay small."""
    hint = getattr(hint, "__supertype__", hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    return _generic(get_origin(hint), get_args(hint))


def _dataclass(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    made: st.SearchStrategy[Any] = st.builds(
        kind, **{field.name: of(hints[field.name]) for field in fields(kind)}
    )
    return made


def _generic(origin: Any, args: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin in (Union, UnionType):
        return st.one_of([of(arg) for arg in args])
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple and args[-1] is ...:
        return st.lists(of(args[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*[of(arg) for arg in args])
    if origin is frozenset:
        return st.frozensets(of(args[0]), max_size=2)
    if origin is Mapping:
        return st.dictionaries(of(args[0]), of(args[1]), max_size=2)
    raise NotImplementedError(f"{origin}{args}")
