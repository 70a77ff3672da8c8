"""What the update script may have printed, made up for tests of what is believed of it."""

from datetime import UTC, date, datetime
from typing import Any

from core.domain.patching import PatchClass, Severity
from core.domain.remediation import JobKind
from integrations.rmm.update_script import Attempt, Missing, Output, Tried

ENDED = datetime(2026, 11, 23, 12, 6, 40, tzinfo=UTC)


def output(
    *, installed: int = 2, failed: tuple[str, ...] = (), missing: int = 0, **changed: Any
) -> Output:
    """An install in which `installed` went in and `failed` did not, with `missing` left that are not approved."""
    went_in = (attempt(f"KB500000{n}", Tried.INSTALLED) for n in range(installed))
    told: dict[str, Any] = {
        "kind": JobKind.INSTALL,
        "job_id": "R4K7Q-1",
        "finished_at": ENDED,
        "attempts": (*went_in, *(attempt(name, Tried.FAILED) for name in failed)),
        "missing": tuple(update(f"KB510000{n}") for n in range(missing)),
        "reboot_required": False,
    }
    return Output(**(told | changed))


def attempt(kb: str, result: Tried) -> Attempt:
    return Attempt(kb=kb, title=f"2026-11 Cumulative Update for Windows 11 ({kb})", result=result)


def update(kb: str | None, **changed: Any) -> Missing:
    told: dict[str, Any] = {
        "kb": kb,
        "title": f"2026-11 Cumulative Update for Windows 11 ({kb})",
        "severity": Severity.CRITICAL,
        "patch_class": PatchClass.CUMULATIVE,
        "released": date(2026, 11, 10),
        "cves": (),
        "approved": False,
        "restart_pending": False,
    }
    return Missing(**(told | changed))
