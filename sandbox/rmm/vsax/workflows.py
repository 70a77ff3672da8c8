"""The workflows the MSP has made, and what a run of one may be told."""

from dataclasses import dataclass

from sandbox.rmm.update_script import VARIABLES

INSTALL_WORKFLOW_ID = 12


@dataclass(frozen=True)
class Workflow:
    """One workflow; `constants` are its constant variables with their values. `updates`: it runs the update script."""

    id: int
    name: str
    constants: frozenset[str]
    updates: bool = False


WORKFLOWS = (
    Workflow(7, "Clear print queue", frozenset()),
    Workflow(
        INSTALL_WORKFLOW_ID,
        "Gatehouse updates",
        frozenset(VARIABLES),
        updates=True,
    ),
)
#: The variable in which the workflow's script step keeps what the script printed.
OUTPUT_VARIABLE = "gatehouseOutput"
