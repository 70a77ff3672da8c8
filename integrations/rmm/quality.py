"""docs/vendors.md: what each vendor can tell and do, from its `Capabilities`. `python -m integrations.rmm.quality` writes it."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core.domain.patching import Capabilities, RebootControl, Reconcile
from integrations.rmm import VENDORS
from integrations.rmm.vendor import Vendor

PAGE = Path(__file__).parents[2] / "docs" / "vendors.md"

_INTRO = """\
# RMM vendors

What Gatehouse can read from and do through each RMM. This page is written by
`python -m integrations.rmm.quality` from what the code declares; do not edit it by hand.

Where a vendor lists no updates, Gatehouse shows its counts as counts, unless [our script](components.md) ran on
the device lately and listed them: then with KB numbers, severities and release dates. "At most" in the rows
on acting means: with everything set up as the vendor's page says. Without write credentials an account
is read-only, and no button for it is drawn.
"""

_RESTART: Mapping[RebootControl, str] = {
    RebootControl.OURS: "nobody: one that is owed is shown",
    RebootControl.VENDOR_POLICY: "the RMM's policy; servers only in the window",
    RebootControl.UNKNOWN: "not known; servers only in the window",
}
_RECONCILE: Mapping[Reconcile, str] = {
    Reconcile.EXACT: "known exactly",
    Reconcile.EVIDENCE: "evidence, else a person decides",
    Reconcile.NONE: "a person decides",
}
_OFFLINE: Mapping[str, str] = {
    "queues": "kept by the RMM, run when it is back",
    "expires": "kept by the RMM until it expires",
    "refuses": "refused by the RMM",
    "loses": "lost, though the RMM accepts it",
    "unknown": "not known",
}


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _missing(can: Capabilities) -> str:
    if can.patch_rows:
        return "one by one"
    return "counts; one by one where our script ran lately" if can.script_rows else "counts only"


def _told(can: Capabilities, *, told: bool) -> str:
    return "from our script" if can.script_rows and not told else _yes(told)


def _install(can: Capabilities) -> str:
    if not can.install:
        return "no"
    if can.install_chosen:
        return "at most: chosen updates"
    return "at most: all that is approved" if can.installs_all_approved else "at most: yes"


def _acting(can: Capabilities, words: str) -> str:
    """What concerns acting alone, where there is any."""
    return words if can.scan or can.install else "-"


_ROWS: tuple[tuple[str, Callable[[Capabilities], str]], ...] = (
    ("Missing updates", _missing),
    ("KB numbers", lambda can: _told(can, told=can.kb_numbers)),
    ("Release dates", lambda can: _told(can, told=can.release_dates)),
    ("Scan", lambda can: "at most: yes" if can.scan else "no"),
    ("Install", _install),
    ("Restart on request", lambda can: "at most: yes" if can.reboot else "no"),
    ("Who restarts a device", lambda can: _acting(can, _RESTART[can.reboot_control])),
    (
        "Progress",
        lambda can: _acting(
            can, "a result per job" if can.job_status else "from what the device shows"
        ),
    ),
    ("After a call that was cut off", lambda can: _acting(can, _RECONCILE[can.reconcile])),
    ("Work for an offline device", lambda can: _acting(can, _OFFLINE[can.offline])),
)


_LOCK = "Install is locked until proven on your server"


def page(vendors: Iterable[Vendor[Any]] = VENDORS) -> str:
    """The whole page as Markdown: a column per vendor, in the order of their names."""
    ordered = sorted(vendors, key=lambda vendor: vendor.name)
    head = ["", *(f"[{vendor.name}](vendors/{vendor.key}.md)" for vendor in ordered)]
    rows = [[title, *(tell(vendor.capabilities) for vendor in ordered)] for title, tell in _ROWS]
    locked = [_LOCK, *(_yes(vendor.unsure is not None) for vendor in ordered)]
    lines = [head, ["---"] * len(head), *rows, locked]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"{_INTRO}\n{table}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
