"""Secrets are written by reference, { file = "..." } or { env = "..." }, and read here."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from config.errors import Problem

INLINE = 'Write it as a reference: { file = "path" } or { env = "NAME" }.'
_WORLD = stat.S_IRWXG | stat.S_IRWXO


def resolved(value: Any, folder: Path, path: str, problems: list[Problem]) -> Any:
    """The same tree with every reference replaced by a SecretStr; what cannot be read is a problem."""
    if isinstance(value, Mapping):
        if _is_reference(value):
            return _read(value, folder, path, problems)
        return {
            key: resolved(item, folder, f"{path}.{key}" if path else key, problems)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [resolved(v, folder, f"{path}[{n}]", problems) for n, v in enumerate(value)]
    return value


def inline_secrets(model: type[BaseModel], raw: Any, path: str) -> list[Problem]:
    """Every secret of a model that the file does not refer to: as plain text, or misspelt."""
    if not isinstance(raw, Mapping):
        return []
    problems: list[Problem] = []
    for name, field in model.model_fields.items():
        here, value = f"{path}.{name}" if path else name, raw.get(name)
        kinds = (field.annotation, *get_args(field.annotation))
        if SecretStr in kinds and value is not None and not _is_reference(value):
            itself = isinstance(value, str)
            what = "holds the secret itself." if itself else "is no reference to a secret."
            problems.append(Problem(path=here, what=what, remedy=INLINE))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                problems += inline_secrets(kind, value, here)
    return problems


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) in ({"file"}, {"env"})


def _read(
    reference: Mapping[str, Any], folder: Path, path: str, problems: list[Problem]
) -> SecretStr | None:
    if "env" in reference:
        value = os.environ.get(str(reference["env"]))
        if not value:
            what = f"the environment variable {reference['env']} is not set."
            problems.append(Problem(path=path, what=what, remedy="Set it before starting."))
            return None
        return SecretStr(value)
    return _read_file(folder / str(reference["file"]), path, problems)


def _read_file(file: Path, path: str, problems: list[Problem]) -> SecretStr | None:
    try:
        mode = file.stat().st_mode
        text = file.read_text().strip()
    except OSError as error:
        what = f"{file} cannot be read ({error.strerror})."
        problems.append(Problem(path=path, what=what, remedy="Create it, readable by Gatehouse."))
        return None
    if mode & _WORLD:
        what = f"{file} can be read by others."
        problems.append(Problem(path=path, what=what, remedy=f"Run: chmod 600 {file}"))
        return None
    if not text:
        problems.append(Problem(path=path, what=f"{file} is empty.", remedy="Put the secret in."))
        return None
    return SecretStr(text)
