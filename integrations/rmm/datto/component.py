"""The update script as Datto's component: whether it is fit, and what it printed among a job's outputs."""

from collections.abc import Sequence
from datetime import datetime

from core.domain.remediation import JobKind
from integrations.rmm import update_script
from integrations.rmm.rows import Row, text
from integrations.rmm.update_script import Output


def missing_variables(component: Row) -> frozenset[str]:
    """Variables of the contract that an installed component lacks."""
    declared = component.get("variables")
    rows = declared if isinstance(declared, list) else []
    named = {text(row.get("name")) for row in rows if isinstance(row, dict)}
    return update_script.VARIABLES - named


def read_output(
    outputs: Sequence[Row], component_uid: str, *, kind: JobKind, job_id: str
) -> Output:
    """What our component printed, among a job's outputs. Raises OutputError."""
    printed = update_script.read_output(_printed(outputs, component_uid))
    return printed.of_job(kind, job_id)


def read_restart(outputs: Sequence[Row], component_uid: str, job_id: str) -> datetime:
    """For when our component ordered a restart. Raises OutputError."""
    return update_script.read_restart(_printed(outputs, component_uid), job_id)


def _printed(outputs: Sequence[Row], component_uid: str) -> list[str]:
    ours = (row for row in outputs if row.get("componentUid") == component_uid)
    return [text(row.get("stdData")) for row in ours]
