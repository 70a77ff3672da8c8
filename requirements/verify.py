"""Check that the compiled requirement sets still satisfy pyproject.toml, are hashed, and name no host."""

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
EXTRAS = {"base": (), "demo": ("demo",), "dev": ("demo", "dev")}


def wanted(extras: Iterable[str]) -> list[Requirement]:
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"]]
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def pinned(text: str) -> dict[str, list[Version]]:
    pins: dict[str, list[Version]] = {}
    for line in text.splitlines():
        found = PIN.match(line)
        if found:
            pins.setdefault(canonicalize_name(found[1]), []).append(Version(found[2]))
    return pins


def problems(name: str, extras: Iterable[str]) -> Iterable[str]:
    text = (HERE / f"{name}.txt").read_text()
    pins = pinned(text)
    for requirement in wanted(extras):
        versions = pins.get(canonicalize_name(requirement.name), [])
        if not any(requirement.specifier.contains(version) for version in versions):
            yield f"{name}.txt does not satisfy {requirement}: run make lock"
    if text.count("--hash=sha256:") < len(pins):
        yield f"{name}.txt has a pin without a hash: run make lock"
    if "://" in text or "--index" in text:
        yield f"{name}.txt names a host"


def main() -> int:
    found = [line for name, extras in EXTRAS.items() for line in problems(name, extras)]
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
