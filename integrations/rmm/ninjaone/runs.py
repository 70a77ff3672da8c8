"""How far the runs of a job's calls have come on its device, as NinjaOne's activities show it now."""

from core.domain.patching import Family
from core.domain.remediation import Job, JobKind, JobState
from integrations.rmm.ninjaone.activities import TYPES, Course, Part, course, together
from integrations.rmm.ninjaone.api import NinjaOneApi
from integrations.rmm.ninjaone.orders import Taken
from integrations.rmm.rows import Row

#: In a job's mark: the device's newest activity before the call.
MARK = "newest activity"


def whole_course(api: NinjaOneApi, df: str, job: Job) -> Course:
    """Of all calls that were taken, together. `df` is the filter for the job's device. Raises VendorError.

    A scan is one of the system's updates: whether a device looks for others at all is not told.
    """
    parts = [Part.SYSTEM] if job.kind is JobKind.SCAN else Taken.of(job).parts
    return together([_course(api, df, job, part) for part in parts])


def rescanned(api: NinjaOneApi, df: str, family: Family, job: Job) -> bool:
    """Whether a scan has ended since the call, and where a script installs, since that has ended."""
    part, newer_than = Part(family), _mark(job)
    if family is Family.SYSTEM and job.chosen:
        ended_by = _course(api, df, job, Part.SCRIPT).ended_by
        if ended_by is None:
            return False
        newer_than = ended_by
    rows = _activities(api, df, part, newer_than)
    return course(JobKind.SCAN, rows, part).state is JobState.DONE


def _course(api: NinjaOneApi, df: str, job: Job, part: Part) -> Course:
    series = Taken.of(job).series if part is Part.SCRIPT else None
    return course(job.kind, _activities(api, df, part, _mark(job)), part, series)


def _activities(api: NinjaOneApi, df: str, part: Part, newer_than: int) -> list[Row]:
    return api.activities(df, of_type=TYPES[part], newer_than=newer_than)


def _mark(job: Job) -> int:
    return int(job.mark.get(MARK, "0"))
