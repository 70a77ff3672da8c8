"""How much memory this process has needed."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_rss_mb() -> float:
    """The most that was resident at once. Linux's own figure leaves out what our parent held before."""
    if _STATUS.exists():
        line = next(item for item in _STATUS.read_text().splitlines() if item.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
