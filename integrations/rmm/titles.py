"""What Microsoft's own words, titles and classifications, tell of an update, whichever vendor passes them on."""

import re
from collections.abc import Mapping

from core.domain.patching import PatchClass

_DEFINITION = re.compile(r"security intelligence update|definition update", re.IGNORECASE)
_FEATURE = re.compile(r"^feature update to |^windows 1[01], version \d\dH\d", re.IGNORECASE)
#: The last one is how Windows 11 names its monthly update since 25H2: no product, the build at the end.
_CUMULATIVE = re.compile(
    r"cumulative update|monthly quality rollup|^\d{4}-\d\d security update \(KB\d+\) \(\d{5}\.\d+\)",
    re.IGNORECASE,
)
_CLASSES: Mapping[str, PatchClass] = {
    "definition updates": PatchClass.DEFINITION,
    "drivers": PatchClass.DRIVER,
    "driver sets": PatchClass.DRIVER,
    "upgrades": PatchClass.FEATURE,
    "feature packs": PatchClass.FEATURE,
    "security updates": PatchClass.SECURITY,
    "critical updates": PatchClass.UPDATE,
    "update rollups": PatchClass.UPDATE,
    "service packs": PatchClass.UPDATE,
    "updates": PatchClass.UPDATE,
}
_KB = re.compile(r"\bKB\s?(\d{6,8})\b", re.IGNORECASE)


def class_in(title: str) -> PatchClass | None:
    """A class that titles are clear about; None for all others."""
    if _DEFINITION.search(title):
        return PatchClass.DEFINITION
    if _CUMULATIVE.search(title):
        return PatchClass.CUMULATIVE
    return PatchClass.FEATURE if _FEATURE.search(title) else None


def class_of(title: str, *classifications: str) -> PatchClass:
    """By the first classification that is Microsoft's, and by the title, which knows more of all but drivers."""
    words = (word.lower() for word in classifications)
    told = next((_CLASSES[word] for word in words if word in _CLASSES), PatchClass.UNKNOWN)
    if told in (PatchClass.DEFINITION, PatchClass.DRIVER):
        return told
    return class_in(title) or told


def kb_in(words: str) -> str | None:
    """The article number in a title, or a field that holds nothing else (with or without its letters)."""
    match = _KB.search(words) or re.fullmatch(r"(\d{6,8})", words)
    return f"KB{match[1]}" if match else None
