"""PowerShell read as tokens: strings, comments and brackets closed in their order, and which commands it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_CLOSING = {"(": ")", "{": "}", "[": "]"}
_PATTERNS = re.compile(
    r"""
      (?P<comment><\#.*?\#>|\#[^\n]*)
    | (?P<here>@'\n.*?\n'@|@"\n.*?\n"@)
    | (?P<plain>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"`]|""|`.)*")
    | (?P<variable>\$(?:\{[^}]*\}|[\w:?]+|[$^?]))
    | (?P<word>[A-Za-z_][\w.-]*)
    | (?P<argument>-[A-Za-z]+|[0-9]\w*)
    | (?P<open>[@$]?[({]|\[)
    | (?P<close>[)}\]])
    | (?P<escape>`(?:\n|.))
    | (?P<space>[ \t\r]+)
    | (?P<end>[\n;|&])
    | (?P<other>(?:<(?!\#)|[-+*/%=,.:!>?])+)
    """,
    re.VERBOSE | re.DOTALL,
)
# fmt: off
_KEYWORDS = frozenset({
    "if", "else", "elseif", "foreach", "for", "while", "do", "switch", "return", "throw", "try",
    "catch", "finally", "param", "function", "exit", "break", "continue", "trap",
})
# fmt: on


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    line: int


class ScriptError(ValueError):
    """The text is not a whole script."""


def tokens(script: str) -> list[Token]:
    """All tokens but comments and blanks. Raises ScriptError where a string or bracket is left open."""
    found = [token for token in _scan(script) if token.kind not in ("comment", "space", "escape")]
    _check_brackets(found)
    return found


def _scan(script: str) -> Iterator[Token]:
    place = 0
    while place < len(script):
        match = _PATTERNS.match(script, place)
        line = script.count("\n", 0, place) + 1
        if match is None:
            raise ScriptError(f"line {line}: {script[place : place + 20]!r} begins nothing")
        yield Token(str(match.lastgroup), match[0], line)
        place = match.end()


def _check_brackets(found: list[Token]) -> None:
    open_ones: list[Token] = []
    for token in found:
        if token.kind == "open":
            open_ones.append(token)
        if token.kind == "close":
            if not open_ones or _CLOSING[open_ones[-1].text[-1]] != token.text:
                raise ScriptError(f"line {token.line}: {token.text} closes nothing")
            open_ones.pop()
    if open_ones:
        raise ScriptError(f"line {open_ones[-1].line}: {open_ones[-1].text} is never closed")


def commands(found: list[Token]) -> set[str]:
    """The words that stand where a command does, functions of the script's own among them."""
    named = set()
    for before, token, after in zip(
        [Token("end", "\n", 0), *found], found, [*found[1:], Token("end", "\n", 0)], strict=False
    ):
        starts = before.kind in ("end", "open") or before.text in ("=", "return", "}", ")")
        starts = starts and before.text != "["
        is_key = after.text == "="
        if token.kind == "word" and starts and not is_key and token.text.lower() not in _KEYWORDS:
            named.add(token.text)
    return named


def functions(found: list[Token]) -> set[str]:
    return {b.text for a, b in pairwise(found) if a.text == "function"}


def types(found: list[Token]) -> set[str]:
    """The names of types in square brackets."""
    triples = zip(found, found[1:], found[2:], strict=False)
    return {
        b.text
        for a, b, c in triples
        if (a.text, b.kind) == ("[", "word") and c.text in ("]", "[", "(")
    }
