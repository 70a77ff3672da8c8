"""The contract with the update script an MSP installs in an RMM that lists no updates: what it is told, what it prints.

docs/datto-component.md is the contract's text. What is printed is taken strictly, because an administrator
of the RMM can replace the script: anything the contract does not say is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from core.domain.remediation import JobKind

VARIABLES = frozenset({"mode", "requestId", "reboot"})
#: Characters of output that are looked at; a device with every update of a decade stays far below.
MAX_OUTPUT = 256 * 1024

_MODES: dict[JobKind, str] = {JobKind.INSTALL: "install", JobKind.SCAN: "scan"}
_NAMED = 3


class OutputError(ValueError):
    """What the script printed is not what its contract says; the message says why."""


class NoOutputError(OutputError):
    """The script has printed nothing, or the RMM does not show it yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What one run found or did. `failed` names updates by KB, else by title."""

    kind: JobKind
    #: The id of the job the run was made for.
    job_id: str
    finished_at: datetime
    installed: int
    failed: tuple[str, ...]
    missing: int
    #: Updates still missing as the run ended, approved or not.
    remaining: int
    reboot_required: bool

    def of_job(self, kind: JobKind, job_id: str) -> "Output":
        """The same, if it is that job's. Raises OutputError."""
        if (self.kind, self.job_id) != (kind, job_id):
            raise OutputError(f"it belongs to another job ({self.kind} {self.job_id})")
        return self

    @property
    def failures(self) -> str:
        """A clause that names at most three."""
        more = f" and {len(self.failed) - _NAMED} more" if len(self.failed) > _NAMED else ""
        return f"failed: {', '.join(self.failed[:_NAMED])}{more}"


def variables(kind: JobKind, job_id: str) -> dict[str, str]:
    """What one run is told. Restarts are never asked for: one that is owed is shown instead."""
    return {"mode": _MODES[kind], "requestId": job_id, "reboot": "never"}


def read_output(printed: Sequence[str]) -> Output:
    """What one run printed; a second line is one too many. Raises OutputError."""
    lines = [line for line in printed if line]
    if not lines:
        raise NoOutputError("there is none")
    if len(lines) > 1:
        raise OutputError(f"there are {len(lines)} instead of one")
    if len(lines[0]) > MAX_OUTPUT:
        raise OutputError(f"it is longer than {MAX_OUTPUT} characters")
    return _output(_read(lines[0]))


class _Strict(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, str_max_length=500
    )


class _Update(_Strict):
    kb: Annotated[str, Field(pattern=r"^KB\d{5,8}$")] | None
    title: Annotated[str, Field(min_length=1)]
    hresult: Annotated[str, Field(pattern=r"^0x[0-9A-Fa-f]{8}$")]

    @property
    def name(self) -> str:
        return self.kb or self.title


class _Tried(_Update):
    result: Literal["installed", "failed"]


class _Missing(_Update):
    result: Literal["missing"]
    severity: Literal["critical", "important", "moderate", "low", "optional", "none"]
    released: date
    approved: bool


class _Remaining(_Strict):
    approved: NonNegativeInt
    not_approved: NonNegativeInt


class _Run(_Strict):
    component: Literal["gatehouse-updates"]
    version: Literal["1.0.0"]
    request_id: Annotated[str, Field(max_length=64)]
    started_at: AwareDatetime
    finished_at: AwareDatetime
    reboot_required: bool
    remaining: _Remaining


class _Install(_Run):
    mode: Literal["install"]
    updates: list[_Tried]


class _Scan(_Run):
    mode: Literal["scan"]
    updates: list[_Missing]


_RUN: TypeAdapter[_Install | _Scan] = TypeAdapter(
    Annotated[_Install | _Scan, Field(discriminator="mode")]
)


def _read(line: str) -> _Install | _Scan:
    try:
        return _RUN.validate_json(line)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise OutputError(f"{where or 'it'}: {first['msg'].lower()}") from failure


def _output(run: _Install | _Scan) -> Output:
    tried = run.updates if isinstance(run, _Install) else []
    return Output(
        kind=JobKind.INSTALL if isinstance(run, _Install) else JobKind.SCAN,
        job_id=run.request_id,
        finished_at=run.finished_at,
        installed=sum(update.result == "installed" for update in tried),
        failed=tuple(update.name for update in tried if update.result == "failed"),
        missing=len(run.updates) if isinstance(run, _Scan) else 0,
        remaining=run.remaining.approved + run.remaining.not_approved,
        reboot_required=run.reboot_required,
    )
