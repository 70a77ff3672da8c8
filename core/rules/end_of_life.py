"""Operating systems whose maker publishes no more security updates: public facts, by date."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.rules.windows import Windows, windows_in


@dataclass(frozen=True, kw_only=True, slots=True)
class EndOfLife:
    """The last day of free updates. `extended_until`: updates can be bought, which is not seen from here."""

    system: str
    ended: date
    extended_until: date | None = None


#: Product -> (end of free updates, end of bought ones). Microsoft's lifecycle pages.
_FIXED: Mapping[str, tuple[date, date | None]] = {
    "Windows XP": (date(2014, 4, 8), None),
    "Windows Vista": (date(2017, 4, 11), None),
    "Windows 7": (date(2020, 1, 14), date(2023, 1, 10)),
    "Windows 8": (date(2016, 1, 12), None),
    "Windows 8.1": (date(2023, 1, 10), None),
    "Windows 10": (date(2025, 10, 14), date(2028, 10, 10)),
    "Windows Server 2003": (date(2015, 7, 14), None),
    "Windows Server 2003 R2": (date(2015, 7, 14), None),
    "Windows Server 2008": (date(2020, 1, 14), date(2023, 1, 10)),
    "Windows Server 2008 R2": (date(2020, 1, 14), date(2023, 1, 10)),
    "Windows Server 2011": (date(2020, 1, 14), None),
    "Windows Server 2012": (date(2023, 10, 10), date(2026, 10, 13)),
    "Windows Server 2012 R2": (date(2023, 10, 10), date(2026, 10, 13)),
    "Windows Server 2016": (date(2027, 1, 12), None),
    "Windows Server 2019": (date(2029, 1, 9), None),
    "Windows Server 2022": (date(2031, 10, 14), None),
    "Windows Server 2025": (date(2034, 10, 10), None),
}
#: Windows 11 by release: (Home and Pro, Enterprise and Education).
_WINDOWS_11: Mapping[str, tuple[date, date]] = {
    "21H2": (date(2023, 10, 10), date(2024, 10, 8)),
    "22H2": (date(2024, 10, 8), date(2025, 10, 14)),
    "23H2": (date(2025, 11, 11), date(2026, 11, 10)),
    "24H2": (date(2026, 10, 13), date(2027, 10, 12)),
    "25H2": (date(2027, 10, 12), date(2028, 10, 10)),
}
#: Long-term servicing editions of Windows 10 and 11, by their year.
_LONG_TERM: Mapping[str, date] = {
    "2015": date(2025, 10, 14),
    "2016": date(2026, 10, 13),
    "2019": date(2029, 1, 9),
    "2021": date(2027, 1, 12),
    "2024": date(2029, 10, 9),
}
_SHORT_EDITION = re.compile(r"\b(?:home|pro|professional)\b(?! education)", re.IGNORECASE)
_LTSC = re.compile(r"\bLTS[BC]\b(?:\D*(20\d\d))?", re.IGNORECASE)


def end_of_life(os: str, today: date) -> EndOfLife | None:
    """What is known to have ended by `today`; None where it has not, or where the name leaves it open."""
    windows = windows_in(os)
    if windows is None:
        return None
    ends = _ends(windows, os)
    if ends is None or today <= ends[0]:
        return None
    return EndOfLife(system=windows.name, ended=ends[0], extended_until=ends[1])


def _ends(windows: Windows, os: str) -> tuple[date, date | None] | None:
    if not windows.server and (long_term := _LTSC.search(os)):
        return (_LONG_TERM[long_term[1]], None) if long_term[1] in _LONG_TERM else None
    if windows.product != "Windows 11":
        return _FIXED.get(windows.product)
    ends = _WINDOWS_11.get(windows.release or "")
    if ends is None:
        return None
    home_and_pro, enterprise = ends
    return (home_and_pro if _SHORT_EDITION.search(os) else enterprise), None
