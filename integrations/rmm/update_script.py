"""The contract with the update script an MSP installs in an RMM that lists no updates: what it is told, what it prints.

docs/components.md is the contract's text, components/gatehouse-updates.ps1 the script. What is printed is
taken strictly, because an administrator of the RMM can replace the script: anything the contract does not
say is refused.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from core.domain.patching import DeviceId, Listing, Patch, PatchClass, PatchState, Severity
from core.domain.remediation import JobKind
from core.errors import VendorRefused
from integrations.rmm.titles import class_in

VARIABLES = frozenset({"mode", "requestId", "kbs"})
#: Characters of output that are looked at; a device with every update of a decade stays far below.
MAX_OUTPUT = 256 * 1024

_PARAMETERS: Mapping[str, str] = {"mode": "-Mode", "requestId": "-RequestId", "kbs": "-Kbs"}
_MODES: dict[JobKind, str] = {JobKind.INSTALL: "install", JobKind.SCAN: "scan"}
_NAMED = 3


class OutputError(ValueError):
    """What the script printed is not what its contract says; the message says why."""


class NoOutputError(OutputError):
    """The script has printed nothing, or the RMM does not show it yet."""


class Tried(StrEnum):
    """What became of one update an install was to take; all but the first count as failures."""

    INSTALLED = "installed"
    FAILED = "failed"
    #: Its time was over, another installation ran, or a restart is owed first.
    NOT_ATTEMPTED = "not_attempted"
    #: It was named, and Windows Update does not offer it: installed already, or replaced by a newer one.
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One update an install was to take."""

    kb: str | None
    title: str
    result: Tried

    @property
    def name(self) -> str:
        return self.kb or self.title


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """One update the device misses. `approved`: an install of everything approved would take it."""

    kb: str | None
    title: str
    severity: Severity
    patch_class: PatchClass
    released: date | None
    cves: tuple[str, ...]
    approved: bool
    #: Installed already, and without effect until the device has restarted.
    restart_pending: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """What one run did, and what the device misses as the run ends. Definitions are not listed."""

    kind: JobKind
    #: The id of the job the run was made for.
    job_id: str
    finished_at: datetime
    attempts: tuple[Attempt, ...]
    missing: tuple[Missing, ...]
    reboot_required: bool

    def of_job(self, kind: JobKind, job_id: str) -> "Output":
        """The same, if it is that job's. Raises OutputError."""
        if (self.kind, self.job_id) != (kind, job_id):
            raise OutputError(f"it belongs to another job ({self.kind} {self.job_id})")
        return self

    @property
    def installed(self) -> int:
        return len(_names(self.attempts, Tried.INSTALLED))

    @property
    def failures(self) -> str:
        """A clause that names at most three of each kind; empty where all went in."""
        told = (
            (word, _names(self.attempts, result))
            for word, result in (
                ("failed", Tried.FAILED),
                ("not attempted", Tried.NOT_ATTEMPTED),
                ("not offered any more", Tried.NOT_OFFERED),
            )
        )
        return "; ".join(f"{word}: {_several(names)}" for word, names in told if names)

    @property
    def outcome(self) -> str:
        """What an install in which nothing failed came to."""
        left = f"; {self.remaining} left that are not approved" if self.remaining else ""
        return f"{self.installed} installed{left}"

    @property
    def remaining(self) -> int:
        """How many are missing still, without those that only wait for a restart."""
        return sum(not item.restart_pending for item in self.missing)

    def listing(self, device_id: DeviceId) -> Listing:
        """As rows of that device; what this run failed to install is a failed update."""
        failed = frozenset(_names(self.attempts, Tried.FAILED))
        waiting = {item.kb or item.title for item in self.missing}
        went_in = (item for item in self.attempts if item.result is Tried.INSTALLED)
        return Listing(
            device_id=device_id,
            listed_at=self.finished_at,
            patches=(
                *(_patch(device_id, item, failed) for item in self.missing),
                *(
                    _installed(device_id, item, self.finished_at)
                    for item in went_in
                    if item.name not in waiting
                ),
            ),
            reboot_needed=self.reboot_required,
        )


def variables(kind: JobKind, job_id: str, kbs: Collection[str] = ()) -> dict[str, str]:
    """What one run is told. Without `kbs` an install takes everything approved.

    Raises VendorRefused for what the script cannot do.
    """
    if kind not in _MODES:
        raise VendorRefused("The update script", f"It cannot {kind} a device.")
    return {"mode": _MODES[kind], "requestId": job_id, "kbs": ",".join(sorted(kbs))}


def restart_variables(job_id: str) -> dict[str, str]:
    """What a run is told that restarts the device."""
    return {"mode": "restart", "requestId": job_id, "kbs": ""}


def command_line(kind: JobKind, job_id: str, kbs: Collection[str] = ()) -> str:
    """The same as the script's parameters. PowerShell may read a list without quotes as several values.

    Raises as `variables` does.
    """
    told = variables(kind, job_id, kbs)
    return " ".join(f"{_PARAMETERS[key]} {_quoted(value)}" for key, value in told.items() if value)


def read_output(printed: Sequence[str]) -> Output:
    """What one run printed that scanned or installed. Raises OutputError."""
    run = _read(_line(printed))
    if isinstance(run, _Restart):
        raise OutputError(f"it belongs to another job (restart {run.request_id})")
    return _output(run)


def read_restart(printed: Sequence[str], job_id: str) -> datetime:
    """For when one run of that job has ordered the restart. Raises OutputError."""
    run = _read(_line(printed))
    if not isinstance(run, _Restart) or run.request_id != job_id:
        raise OutputError(f"it belongs to another job ({run.mode} {run.request_id})")
    return run.restarts_at


def _line(printed: Sequence[str]) -> str:
    """The one line; a second one is one too many. Raises OutputError."""
    lines = [line for line in printed if line]
    if not lines:
        raise NoOutputError("there is none")
    if len(lines) > 1:
        raise OutputError(f"there are {len(lines)} instead of one")
    if len(lines[0]) > MAX_OUTPUT:
        raise OutputError(f"it is longer than {MAX_OUTPUT} characters")
    return lines[0]


def _quoted(value: str) -> str:
    return f'"{value}"' if "," in value else value


def _names(attempts: Iterable[Attempt], result: Tried) -> list[str]:
    return [attempt.name for attempt in attempts if attempt.result is result]


def _several(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


class _Strict(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=to_camel, str_max_length=500
    )


_Kb = Annotated[str, Field(pattern=r"^KB\d{5,8}$")]
_Cve = Annotated[str, Field(pattern=r"^CVE-\d{4}-\d{4,7}$")]
_Class = Literal[
    "security", "critical", "rollup", "update", "definition", "driver", "feature", "unknown"
]


class _Update(_Strict):
    kb: _Kb | None
    title: Annotated[str, Field(min_length=1)]


class _Attempted(_Update):
    result: Literal["installed", "failed", "not_attempted", "not_offered"]
    hresult: Annotated[str, Field(pattern=r"^0x[0-9A-Fa-f]{8}$")]


class _Missing(_Update):
    classification: _Class
    severity: Literal["critical", "important", "moderate", "low", "none"]
    released: date | None
    cves: list[_Cve]
    approved: bool
    restart_pending: bool


class _Run(_Strict):
    component: Literal["gatehouse-updates"]
    version: Literal["2.1.0"]
    request_id: Annotated[str, Field(max_length=64)]
    started_at: AwareDatetime
    finished_at: AwareDatetime
    #: As the run ends; before the restart, where it ordered one.
    reboot_required: bool


class _Restart(_Run):
    mode: Literal["restart"]
    restarts_at: AwareDatetime


class _Search(_Run):
    missing: list[_Missing]


class _Install(_Search):
    mode: Literal["install"]
    attempted: list[_Attempted]


class _Scan(_Search):
    mode: Literal["scan"]
    attempted: Annotated[list[_Attempted], Field(max_length=0)]


_RUN: TypeAdapter[_Install | _Scan | _Restart] = TypeAdapter(
    Annotated[_Install | _Scan | _Restart, Field(discriminator="mode")]
)


def _read(line: str) -> _Install | _Scan | _Restart:
    try:
        return _RUN.validate_json(line)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise OutputError(f"{where or 'it'}: {first['msg'].lower()}") from failure


def _output(run: _Install | _Scan) -> Output:
    return Output(
        kind=JobKind.INSTALL if isinstance(run, _Install) else JobKind.SCAN,
        job_id=run.request_id,
        finished_at=run.finished_at,
        attempts=tuple(
            Attempt(kb=update.kb, title=update.title, result=Tried(update.result))
            for update in run.attempted
        ),
        missing=tuple(_missing(update) for update in run.missing),
        reboot_required=run.reboot_required,
    )


_CLASSES: dict[str, PatchClass] = {
    "security": PatchClass.SECURITY,
    "critical": PatchClass.UPDATE,
    "rollup": PatchClass.UPDATE,
    "update": PatchClass.UPDATE,
    "definition": PatchClass.DEFINITION,
    "driver": PatchClass.DRIVER,
    "feature": PatchClass.FEATURE,
}


def _missing(update: _Missing) -> Missing:
    return Missing(
        kb=update.kb,
        title=update.title,
        severity=Severity.UNRANKED if update.severity == "none" else Severity(update.severity),
        patch_class=_class(update),
        released=update.released,
        cves=tuple(update.cves),
        approved=update.approved,
        restart_pending=update.restart_pending,
    )


def _class(update: _Missing) -> PatchClass:
    """A driver is one whatever its title; of the others the title knows more than the class."""
    told = _CLASSES.get(update.classification, PatchClass.UNKNOWN)
    return told if told is PatchClass.DRIVER else class_in(update.title) or told


def _patch(device_id: DeviceId, item: Missing, failed: frozenset[str]) -> Patch:
    state, words = _state(item, failed)
    return Patch(
        key=_key(item.kb, item.title),
        device_id=device_id,
        title=item.title,
        kb=item.kb,
        severity=item.severity,
        patch_class=item.patch_class,
        state=state,
        raw_state=words,
        released=item.released,
        cves=item.cves,
    )


def _installed(device_id: DeviceId, item: Attempt, at: datetime) -> Patch:
    """What this run installed, in force already. Its severity is told of missing updates only."""
    return Patch(
        key=_key(item.kb, item.title),
        device_id=device_id,
        title=item.title,
        kb=item.kb,
        severity=Severity.UNRANKED,
        patch_class=class_in(item.title) or PatchClass.UNKNOWN,
        state=PatchState.INSTALLED,
        raw_state="installed",
        installed_at=at,
    )


def _key(kb: str | None, title: str) -> str:
    """Several updates can share an article number, and some have none."""
    return f"{kb or '-'} {title.casefold()}"


def _state(item: Missing, failed: frozenset[str]) -> tuple[PatchState, str]:
    if item.restart_pending:
        return PatchState.PENDING, "waiting for a restart"
    if (item.kb or item.title) in failed:
        return PatchState.FAILED, "failed"
    return (
        (PatchState.APPROVED, "approved") if item.approved else (PatchState.PENDING, "not approved")
    )
