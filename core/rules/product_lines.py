"""Which product line an update belongs to, and when it came out, told from how vendors title updates.

A cumulative update replaces last month's under a new KB number, so ages are judged per line, not per KB.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from core.domain.patching import Device, Patch, PatchClass, ProductLine
from core.rules.windows import Windows, release_in, windows_in

_MONTH = re.compile(r"^\s*(20\d\d)-(0[1-9]|1[0-2])\b")
_KB = re.compile(r"\(?\bKB\d{5,}\b\)?", re.IGNORECASE)
_PREVIEW = re.compile(r"\bupdate preview\b|\bpreview (?:update|of)\b", re.IGNORECASE)
_OUT_OF_BAND = re.compile(r"\bout[- ]of[- ]band\b", re.IGNORECASE)
_VERSION = re.compile(r"\bv?(\d+(?:\.\d+)+)\b", re.IGNORECASE)

#: New content every day or month under one number for ever: never an age, never overdue.
_ROLLING_KBS = frozenset({"KB2267602", "KB4052623", "KB2461484", "KB915597", "KB890830"})
_ROLLING = re.compile(
    r"security intelligence update|definition update|antimalware platform"
    r"|malicious software removal tool|virus definitions",
    re.IGNORECASE,
)

_DOTNET_FRAMEWORK = re.compile(r"\.NET Framework", re.IGNORECASE)
_DOTNET = re.compile(r"\.NET(?: Core)? (\d+\.\d+)", re.IGNORECASE)
_SERVICING_STACK = re.compile(r"servicing stack", re.IGNORECASE)
_CUMULATIVE = re.compile(
    r"cumulative update|monthly (?:quality )?roll-?up|quality rollup|hotpatch"
    # The short titles of late 2025 name neither product nor "cumulative".
    r"|^\s*20\d\d-\d\d (?:security|preview) update \(KB",
    re.IGNORECASE,
)
_FEATURE = re.compile(r"\bfeature update\b|^windows 1\d,? version", re.IGNORECASE)
_SINGLE_FIX = re.compile(r" KB\d+$")
_EDGE = re.compile(r"\bmicrosoft edge\b(?!.*webview)", re.IGNORECASE)

_DRIVER = "Driver: "
_FEATURE_LINE = ProductLine("Windows feature update")

#: What varies from one release to the next, or says nothing about the product.
_NOISE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\([^()]*\d[^()]*\)",
        r"^(?:security |critical |important )?(?:update|hotfix)(?: rollup)? for ",
        r"\b(?:32|64)-bit edition\b",
        r"\b(?:for )?x(?:64|86)(?:[- ]based)?(?: systems?| editions?)?\b",
        r"\b(?:version|build|release) \d[\w.]*",
        r"\bv?\d+(?:\.\d+)+\b",
        r"\bupdate\b(?: for)?",
        r"\bCU\s?\d+\b",
    )
)


def line_of(patch: Patch, device: Device) -> ProductLine | None:
    """The line an update belongs to; None for what never counts (definitions and their like)."""
    if _rolls(patch):
        return None
    title = patch.title
    if patch.patch_class is PatchClass.DRIVER:
        return ProductLine(f"{_DRIVER}{_plain(title)}")
    if _DOTNET_FRAMEWORK.search(title):
        return ProductLine(".NET Framework cumulative")
    if dotnet := _DOTNET.search(title):
        return ProductLine(f".NET {dotnet[1]}")
    if _SERVICING_STACK.search(title):
        return ProductLine(f"{_windows_of(title, device)} servicing stack")
    if _CUMULATIVE.search(title):
        return ProductLine(f"{_windows_of(title, device)} cumulative")
    if patch.patch_class is PatchClass.FEATURE or _FEATURE.search(title):
        return _FEATURE_LINE
    if _EDGE.search(title):
        return ProductLine("Microsoft Edge")
    return _other(patch)


def class_of(line: ProductLine) -> PatchClass | None:
    """DRIVER and FEATURE have lines of their own; None for all other lines."""
    if line.startswith(_DRIVER):
        return PatchClass.DRIVER
    return PatchClass.FEATURE if line == _FEATURE_LINE else None


def counts_when_missing(patch: Patch) -> bool:
    """A preview is optional: next month's release brings what it brings. Installed, it does count."""
    return not _PREVIEW.search(patch.title)


def released_on(patch: Patch) -> date | None:
    """The day it came out: as told, else the second Tuesday of the month in its title.

    An out-of-band update came out on some other day of that month, so its title does not tell.
    """
    if patch.released is not None:
        return patch.released
    month = _MONTH.match(patch.title)
    if month is None or _OUT_OF_BAND.search(patch.title) or _PREVIEW.search(patch.title):
        return None
    return second_tuesday(int(month[1]), int(month[2]))


def second_tuesday(year: int, month: int) -> date:
    """Microsoft's patch day."""
    first = date(year, month, 1)
    return first + timedelta(days=(1 - first.weekday()) % 7 + 7)


def first_missed(missing: Sequence[Patch], installed: Iterable[Patch]) -> date | None:
    """The patch day after the newest monthly Windows update installed: whatever came since is missed.

    A device lists the newest release only, however many it has missed. None where no month tells.
    """
    have = [month for patch in installed if (month := _month_of_windows(patch))]
    lack = [month for patch in missing if (month := _month_of_windows(patch))]
    if not have or not lack or max(have) >= min(lack):
        return None
    year, number = max(have)
    return second_tuesday(year + number // 12, number % 12 + 1)


def stands_alone(line: ProductLine) -> bool:
    """A line of one single fix, which replaces nothing: its own release date is its whole age."""
    return bool(_SINGLE_FIX.search(line))


def rank_of(patch: Patch) -> tuple[int, ...]:
    """Orders the releases of one line: month or version. Empty where the title tells neither."""
    if month := _MONTH.match(patch.title):
        return (int(month[1]), int(month[2]))
    versions = _VERSION.findall(patch.title)
    return tuple(int(part) for part in versions[-1].split(".")) if versions else ()


def _month_of_windows(patch: Patch) -> tuple[int, int] | None:
    """Windows itself has a release every month; .NET has not."""
    month = _MONTH.match(patch.title)
    if month is None or _DOTNET_FRAMEWORK.search(patch.title):
        return None
    return (int(month[1]), int(month[2])) if _CUMULATIVE.search(patch.title) else None


def _rolls(patch: Patch) -> bool:
    if patch.patch_class is PatchClass.DEFINITION:
        return True
    kb = (patch.kb or "").upper()
    return kb in _ROLLING_KBS or bool(_ROLLING.search(patch.title))


def _windows_of(title: str, device: Device) -> str:
    """The title's own words first; a title that names no release leaves it to the device."""
    named, running = windows_in(title), windows_in(device.os)
    if named is None and running is None:
        return "Windows"
    windows = named or running
    if windows is None or windows.server or windows.release:
        return windows.name if windows else "Windows"
    release = release_in(title) or (running.release if running else None)
    return Windows(product=windows.product, release=release).name


def _other(patch: Patch) -> ProductLine:
    """Other products by name. A single fix for Windows replaces nothing: it is its own line."""
    windows = windows_in(patch.title)
    if windows is not None and patch.kb:
        return ProductLine(f"{windows.name} {patch.kb.upper()}")
    return ProductLine(_plain(patch.title) or patch.key)


def _plain(title: str) -> str:
    text = _KB.sub(" ", _MONTH.sub("", title)).strip()
    for noise in _NOISE:
        text = noise.sub(" ", text).strip()
    return re.sub(r"\s+", " ", text).strip(" ,-")
