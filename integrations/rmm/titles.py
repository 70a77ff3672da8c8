"""What the maker's title tells of an update where a vendor's own words are too coarse."""

import re

from core.domain.patching import PatchClass

_DEFINITION = re.compile(r"security intelligence update|definition update", re.IGNORECASE)
_FEATURE = re.compile(r"^feature update to |^windows 1[01], version \d\dH\d", re.IGNORECASE)
#: The last one is how Windows 11 names its monthly update since 25H2: no product, the build at the end.
_CUMULATIVE = re.compile(
    r"cumulative update|monthly quality rollup|^\d{4}-\d\d security update \(KB\d+\) \(\d{5}\.\d+\)",
    re.IGNORECASE,
)
_KB = re.compile(r"\bKB\s?(\d{6,8})\b", re.IGNORECASE)


def class_in(title: str) -> PatchClass | None:
    """A class that titles are clear about; None for all others."""
    if _DEFINITION.search(title):
        return PatchClass.DEFINITION
    if _CUMULATIVE.search(title):
        return PatchClass.CUMULATIVE
    return PatchClass.FEATURE if _FEATURE.search(title) else None


def kb_in(words: str) -> str | None:
    """The article number in a title, or a field that holds nothing else (with or without its letters)."""
    match = _KB.search(words) or re.fullmatch(r"(\d{6,8})", words)
    return f"KB{match[1]}" if match else None
