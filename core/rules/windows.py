"""Which Windows a piece of text means: product and release, from names, versions and build numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

#: Build number -> (release on a PC, product on a server). Public release history of Windows.
_BUILDS: Mapping[str, tuple[str, str]] = {
    "14393": ("1607", "Windows Server 2016"),
    "17763": ("1809", "Windows Server 2019"),
    "19044": ("21H2", ""),
    "19045": ("22H2", ""),
    "20348": ("", "Windows Server 2022"),
    "22000": ("21H2", ""),
    "22621": ("22H2", ""),
    "22631": ("23H2", ""),
    "26100": ("24H2", "Windows Server 2025"),
    "26200": ("25H2", ""),
}
#: Update titles name newer servers by release only.
_SERVER_OF_RELEASE: Mapping[str, str] = {
    "21h2": "Windows Server 2022",
    "24h2": "Windows Server 2025",
}
_SERVER = re.compile(r"windows (?:small business )?server\W+(\d{4})(\s+r2)?", re.IGNORECASE)
_TITLE_SERVER = re.compile(r"server operating system\W+version (\w+)", re.IGNORECASE)
_PC = re.compile(r"windows\W+(xp|vista|7|8\.1|8|10|11)(?![\w.])", re.IGNORECASE)
_RELEASE = re.compile(r"\b(2[0-9]H[12]|1[5-9]0[0-9]|200[49])\b", re.IGNORECASE)
_BUILD = re.compile(r"\b(?:10\.0\.)?([12]\d{4})(?=\.\d|\b)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Windows:
    """A Windows: "Windows Server 2012 R2" without a release, "Windows 11" with "24H2" or None."""

    product: str
    release: str | None = None

    @property
    def server(self) -> bool:
        return "Server" in self.product

    @property
    def name(self) -> str:
        return f"{self.product} {self.release}" if self.release else self.product


@lru_cache(maxsize=1024)
def windows_in(text: str) -> Windows | None:
    """The Windows a title or an operating system's name speaks of; None where it names none."""
    if server := _SERVER.search(text):
        return Windows(product=f"Windows Server {server[1]}{' R2' if server[2] else ''}")
    if titled := _TITLE_SERVER.search(text):
        release = titled[1].casefold()
        return Windows(product=_SERVER_OF_RELEASE.get(release, f"Windows Server {titled[1]}"))
    if pc := _PC.search(text):
        return Windows(product=f"Windows {_spelled(pc[1])}", release=release_in(text[pc.end() :]))
    return None


def release_in(text: str) -> str | None:
    """A PC's release, written out or told by a build number."""
    if named := _RELEASE.search(text):
        return named[1].upper()
    build = _BUILD.search(text)
    return _BUILDS.get(build[1], ("", ""))[0] or None if build else None


def _spelled(word: str) -> str:
    return {"xp": "XP", "vista": "Vista"}.get(word.casefold(), word)
