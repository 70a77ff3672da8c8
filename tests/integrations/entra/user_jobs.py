"""Changes to users, made and verified at the stand-in."""

from core.domain.events import StepResult
from core.domain.remediation import Action, Job, JobKind
from core.ports import Report
from integrations.entra import EntraDirectory
from sandbox.estate.model import User
from tests.integrations.entra.house import REQUEST, House

ADD, REMOVE, REVOKE = JobKind.ADD_TO_GROUP, JobKind.REMOVE_FROM_GROUP, JobKind.REVOKE_SESSIONS
ENFORCE, UNDO = Action.ENFORCE_MFA, Action.UNDO_ENFORCE_MFA


def dispatch(house: House, job: Job, directory: EntraDirectory | None = None) -> Report:
    return (directory or house.directory).dispatch(house.client(), job, REQUEST)


def verify(house: House, job: Job, action: Action = ENFORCE) -> dict[str, StepResult]:
    results = house.directory.verify(house.client(), job, house.plan(action))
    return {result.target: result for result in results}


def of(report: Report, user: User) -> StepResult:
    return next(result for result in report.results if result.target == user.id)
