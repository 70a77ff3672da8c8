"""The contract with the component that an MSP installs: its variables, and the one line it prints.

docs/datto-component.md is the contract's text. What is printed is taken strictly, because an administrator
of the RMM can replace the component: anything the contract does not say is refused.
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
from integrations.rmm.rows import Row, text

VARIABLES = frozenset({"mode", "requestId", "reboot"})
#: Characters of output that are looked at; a device with every update of a decade stays far below.
MAX_OUTPUT = 256 * 1024

_MODES: dict[JobKind, str] = {JobKind.INSTALL: "install", JobKind.SCAN: "scan"}


class OutputError(ValueError):
    """What the component printed is not what its contract says; the message says why."""


class NoOutputError(OutputError):
    """The component has printed nothing, or Datto does not show it yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What one run found or did. `failed` names updates by KB, else by title."""

    finished_at: datetime
    installed: int
    failed: tuple[str, ...]
    missing: int
    reboot_required: bool


def variables(kind: JobKind, job_id: str) -> dict[str, str]:
    """What one run is told. Restarts are never asked for: one that is owed is shown instead."""
    return {"mode": _MODES[kind], "requestId": job_id, "reboot": "never"}


def missing_variables(component: Row) -> frozenset[str]:
    """Variables of the contract that an installed component lacks."""
    declared = component.get("variables")
    rows = declared if isinstance(declared, list) else []
    return VARIABLES - {text(row.get("name")) for row in rows if isinstance(row, dict)}


def read_output(
    outputs: Sequence[Row], component_uid: str, *, kind: JobKind, job_id: str
) -> Output:
    """What our component printed, among a job's outputs. Raises OutputError."""
    ours = (row for row in outputs if row.get("componentUid") == component_uid)
    printed = [line for line in (text(row.get("stdData")) for row in ours) if line]
    if not printed:
        raise NoOutputError("there is none")
    if len(printed) > 1:
        raise OutputError(f"there are {len(printed)} instead of one")
    if len(printed[0]) > MAX_OUTPUT:
        raise OutputError(f"it is longer than {MAX_OUTPUT} characters")
    run = _read(printed[0])
    if (run.mode, run.request_id) != (_MODES[kind], job_id):
        raise OutputError(f"it belongs to another job ({run.mode} {run.request_id})")
    return _output(run)


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
        finished_at=run.finished_at,
        installed=sum(update.result == "installed" for update in tried),
        failed=tuple(update.name for update in tried if update.result == "failed"),
        missing=len(run.updates) if isinstance(run, _Scan) else 0,
        reboot_required=run.reboot_required,
    )
