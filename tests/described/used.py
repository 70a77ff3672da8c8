"""Every address that a part of the product asks for, read from its source: so that none is forgotten."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[2]
_VERBS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HTTP = ROOT / "integrations" / "http" / "calls.py"
_ANY = "{}"
#: A path from its root, or below one that a function gives; with its version it is part of a body.
_ROOTED = re.compile(r"(\{\})?/(?!v1\.0/)[$a-z]")
#: A path is given to `get` in full, as the other rule finds it.
_OF_DICTS = ("get",)
_LETTER = re.compile(r"[a-zA-Z]")
Known = Mapping[str, list[ast.expr]]


@dataclass(frozen=True, order=True)
class Used:
    """The end of a path with its places left open, and the method where the call names one."""

    method: str
    path: str

    def is_one(self, method: str, asked: str) -> bool:
        path = self.path.partition("?")[0].strip("/")
        pattern = re.escape(path).replace(re.escape(_ANY), "[^/]+")
        end = asked.strip("/")
        return self.method in ("", method) and bool(re.fullmatch(f"(.*/)?{pattern}", end))


def never_asked(package: str, asked: Collection[tuple[str, str]]) -> list[Used]:
    """What the package's source asks for and is not among the methods and paths that were asked for."""
    return [one for one in sorted(used(package)) if not any(one.is_one(*a) for a in asked)]


@cache
def used(package: str) -> frozenset[Used]:
    """All addresses in the modules of a package, such as "integrations/rmm/datto"."""
    trees = [ast.parse(path.read_text()) for path in sorted((ROOT / package).glob("*.py"))]
    constants = _constants(trees)
    takers = dict(_takers([*trees, ast.parse(_HTTP.read_text())]))
    scopes = [
        node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
    ]
    found = {one for scope in scopes for one in _asked(scope, constants, takers)}
    return frozenset(found | {one for tree in trees for one in _rooted(tree, constants)})


def _constants(trees: list[ast.Module]) -> Known:
    return _assigned([line for tree in trees for line in tree.body])


def _assigned(lines: Iterable[ast.AST]) -> Known:
    """Names, and all that is assigned to them."""
    found: dict[str, list[ast.expr]] = {}
    for line in lines:
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            found.setdefault(line.targets[0].id, []).append(line.value)
    return found


def _takers(trees: list[ast.Module]) -> Iterator[tuple[str, int]]:
    """Functions that are given a path, and at which place."""
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            if "path" in names and node.name not in _OF_DICTS:
                yield node.name, names.index("path") - ("self" in names)


def _asked(scope: ast.FunctionDef, constants: Known, takers: Mapping[str, int]) -> Iterator[Used]:
    known = {**constants, **_assigned(ast.walk(scope))}
    for node in ast.walk(scope):
        if isinstance(node, ast.Call):
            for path in _paths(node, takers):
                yield from (Used(_method(node), t) for t in _templates(path, known) if _told(t))


def _rooted(tree: ast.Module, constants: Known) -> Iterator[Used]:
    """What looks like a path wherever it stands: URLs of batches, and what a function gives."""
    parts = {p for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for p in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant) and node not in parts:
            yield from (Used("", t) for t in _templates(node, constants) if _ROOTED.match(t))


def _paths(call: ast.Call, takers: Mapping[str, int]) -> Iterator[ast.expr]:
    """What a call hands over as a path."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    yield from (word.value for word in call.keywords if word.arg == "path")
    place = 1 if name == "partial" else takers.get(name)
    if place is not None and place < len(call.args):
        yield call.args[place]


def _method(call: ast.Call) -> str:
    words = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "method")]
    found = [w.value for w in words if isinstance(w, ast.Constant) and w.value in _VERBS]
    return str(found[0]) if found else ""


def _templates(node: ast.expr, known: Known) -> list[str]:
    """What an expression may come to, with a {} for each part that only running tells."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.FormattedValue):
        return _templates(node.value, known)
    name = str(getattr(node, "id", getattr(node, "attr", "")))
    if name in known:
        inner = {other: values for other, values in known.items() if other != name}
        return [told for value in known[name] for told in _templates(value, inner)]
    if isinstance(node, ast.IfExp):
        return _templates(node.body, known) + _templates(node.orelse, known)
    if isinstance(node, ast.JoinedStr):
        parts = [_templates(part, known) for part in node.values]
        return ["".join(told) for told in product(*parts)]
    return [_ANY]


def _told(template: str) -> bool:
    """Whether it is a path, and more than one handed on."""
    own = template.partition("?")[0].replace(_ANY, "")
    return bool(_LETTER.search(own))
