"""The operating systems of the fictional estate, with the dates on which their makers stop caring."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

#: How the maker names its monthly update: with the product, without it, as a roll-up, or as a point release.
TitleStyle = Literal["cumulative", "short", "rollup", "mac"]


@dataclass(frozen=True, kw_only=True)
class System:
    """One edition and release. `updates_until` is later than `supported_until` where updates are bought."""

    name: str
    build: str
    release: str
    #: The words update titles use for it.
    product: str
    supported_until: date
    updates_until: date
    style: TitleStyle = "cumulative"
    server: bool = False


_X64 = "for x64-based Systems"

WINDOWS_11_25H2 = System(
    name="Microsoft Windows 11 Pro", build="10.0.26200", release="25H2", style="short",
    product=f"Windows 11 Version 25H2 {_X64}",
    supported_until=date(2027, 10, 12), updates_until=date(2028, 10, 10),
)  # fmt: skip
WINDOWS_11_24H2 = System(
    name="Microsoft Windows 11 Enterprise", build="10.0.26100", release="24H2",
    product=f"Windows 11 Version 24H2 {_X64}",
    supported_until=date(2027, 10, 12), updates_until=date(2027, 10, 12),
)  # fmt: skip
WINDOWS_11_23H2 = System(
    name="Microsoft Windows 11 Enterprise", build="10.0.22631", release="23H2",
    product=f"Windows 11 Version 23H2 {_X64}",
    supported_until=date(2026, 11, 10), updates_until=date(2026, 11, 10),
)  # fmt: skip
WINDOWS_10 = System(
    name="Microsoft Windows 10 Pro", build="10.0.19045", release="22H2",
    product=f"Windows 10 Version 22H2 {_X64}",
    supported_until=date(2025, 10, 14), updates_until=date(2028, 10, 10),
)  # fmt: skip
MAC = System(
    name="macOS Tahoe 26", build="25", release="26", product="macOS Tahoe", style="mac",
    supported_until=date(2028, 11, 1), updates_until=date(2028, 11, 1),
)  # fmt: skip
SERVER_2012_R2 = System(
    name="Microsoft Windows Server 2012 R2 Standard", build="6.3.9600", release="", server=True,
    product=f"Windows Server 2012 R2 {_X64}", style="rollup",
    supported_until=date(2023, 10, 10), updates_until=date(2023, 10, 10),
)  # fmt: skip
SERVER_2016 = System(
    name="Microsoft Windows Server 2016 Standard", build="10.0.14393", release="1607", server=True,
    product=f"Windows Server 2016 {_X64}",
    supported_until=date(2027, 1, 12), updates_until=date(2027, 1, 12),
)  # fmt: skip
SERVER_2019 = System(
    name="Microsoft Windows Server 2019 Standard", build="10.0.17763", release="1809", server=True,
    product=f"Windows Server 2019 {_X64}",
    supported_until=date(2029, 1, 9), updates_until=date(2029, 1, 9),
)  # fmt: skip
SERVER_2022 = System(
    name="Microsoft Windows Server 2022 Standard", build="10.0.20348", release="21H2", server=True,
    product=f"Microsoft server operating system version 21H2 {_X64}",
    supported_until=date(2031, 10, 14), updates_until=date(2031, 10, 14),
)  # fmt: skip
SERVER_2025 = System(
    name="Microsoft Windows Server 2025 Standard", build="10.0.26100", release="24H2", server=True,
    product=f"Microsoft server operating system version 24H2 {_X64}",
    supported_until=date(2034, 10, 10), updates_until=date(2034, 10, 10),
)  # fmt: skip

SYSTEMS: tuple[System, ...] = (
    WINDOWS_11_25H2, WINDOWS_11_24H2, WINDOWS_11_23H2, WINDOWS_10, MAC,
    SERVER_2012_R2, SERVER_2016, SERVER_2019, SERVER_2022, SERVER_2025,
)  # fmt: skip


def system_of(os_name: str, os_build: str) -> System:
    """Find the system a device says it runs."""
    return next(s for s in SYSTEMS if (s.name, s.build) == (os_name, os_build))
