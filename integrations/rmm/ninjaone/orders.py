"""What a job sends to NinjaOne, call by call, and which of the calls it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from core.domain.patching import Family
from core.domain.remediation import Job, JobKind
from core.errors import OutcomeUnknown, VendorError, VendorRefused
from integrations.rmm.ninjaone.activities import Part
from integrations.rmm.ninjaone.api import NinjaOneApi
from integrations.rmm.update_script import command_line

_WORDS: Mapping[Part, str] = {
    Part.SYSTEM: "the system's updates",
    Part.SOFTWARE: "other makers' software",
    Part.SCRIPT: "the script",
}


def parts_of(job: Job) -> tuple[Part, ...]:
    """Its calls in the order in which they are made: only the first one can be made again later."""
    if job.kind is JobKind.SCAN:
        return (Part.SYSTEM, Part.SOFTWARE)
    system = Part.SCRIPT if job.chosen else Part.SYSTEM
    wanted = ((Family.SYSTEM, system), (Family.SOFTWARE, Part.SOFTWARE))
    return tuple(part for family, part in wanted if family in job.families)


@dataclass(kw_only=True)
class Taken:
    """Which calls NinjaOne took, and by which uid the script's run is told where it gave one: a job's reference."""

    parts: list[Part] = field(default_factory=list)
    series: str | None = None
    #: Why the others were not taken, a clause each.
    refused: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, job: Job) -> Self:
        """Of a call that was cut off, all that may have been taken."""
        if job.reference is None:
            return cls(parts=list(parts_of(job)))
        parts, _, series = job.reference.partition(":")
        return cls(parts=[Part(part) for part in parts.split("+")], series=series or None)

    @property
    def reference(self) -> str:
        return "+".join(self.parts) + (f":{self.series}" if self.series else "")

    @property
    def words(self) -> str:
        return "; ".join(("accepted by NinjaOne", *self.refused))


@dataclass(frozen=True, kw_only=True)
class Orders:
    """Makes the calls of a job, each once. `script` is the update script's number in NinjaOne's library."""

    api: NinjaOneApi
    script: int | None

    def send(self, job: Job, device: str) -> Taken:
        """Raises VendorError where the first call was not taken, or may not have been: then no other is made.

        Once the first one is taken nothing may be sent again, so what becomes of the others is only told.
        """
        first, *others = parts_of(job)
        taken = Taken(parts=[first], series=self._call(first, job, device))
        for part in others:
            try:
                self._call(part, job, device)
            except OutcomeUnknown:
                taken.parts.append(part)
            except VendorError as failure:
                taken.refused.append(f"not for {_WORDS[part]}: {failure.reason}")
            else:
                taken.parts.append(part)
        return taken

    def _call(self, part: Part, job: Job, device: str) -> str | None:
        if part is Part.SCRIPT:
            told = command_line(job.kind, job.id, job.chosen)
            return self.api.run_script(device, self._configured(), told)
        software = part is Part.SOFTWARE
        if job.kind is JobKind.INSTALL:
            self.api.apply_patches(device, software=software)
        else:
            self.api.scan_patches(device, software=software)
        return None

    def _configured(self) -> int:
        if self.script is None:
            remedy = "Put the update script into the library as docs/vendors/ninjaone.md says and set its id."
            raise VendorRefused(self.api.source, "No script_id is configured.", remedy=remedy)
        return self.script
