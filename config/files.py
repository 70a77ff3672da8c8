"""Files a configuration names: found beside it, and looked into where a mistake would only show later."""

import ssl
from pathlib import Path
from typing import Any

from config.errors import Problem

_PATHS = ("data_dir", "ca_file", "offset_file")


def with_paths(tree: Any, folder: Path, path: str, problems: list[Problem]) -> Any:
    """The same tree with paths relative to the file's folder; an authority that is none is a problem."""
    if isinstance(tree, dict):
        return {
            key: with_paths(value, folder, f"{path}.{key}" if path else key, problems)
            for key, value in tree.items()
        }
    if isinstance(tree, list):
        return [with_paths(item, folder, f"{path}[{n}]", problems) for n, item in enumerate(tree)]
    key = path.rpartition(".")[2]
    if key not in _PATHS or not isinstance(tree, str):
        return tree
    if key == "ca_file":
        problems += _not_an_authority(folder / tree, path)
    return str(folder / tree)


def _not_an_authority(file: Path, path: str) -> list[Problem]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except ssl.SSLError:
        what = f"{file} holds no certificate that can be read."
    except OSError as error:
        what = f"{file} cannot be read ({error.strerror})."
    else:
        return []
    return [Problem(path=path, what=what, remedy="Name a PEM file, or remove the line.")]
