"""How a server shows whom a deployment reached, and so whether its number for a computer is the right one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.domain.facts import Fact
from core.domain.patching import DeviceId
from core.domain.proofs import Trace
from core.domain.remediation import Job
from core.ports import Trial
from integrations.rmm.automate import history, mapping
from integrations.rmm.automate.account import AutomateAccount
from integrations.rmm.automate.api import AT_ONCE
from integrations.rmm.automate.settings import AutomateSettings
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import text

RISK = (
    "No document says which number means a computer: with a wrong one, everything approved is installed on a "
    "whole location or client of the same id."
)
#: Attempts are asked for from well before: nothing says whose time the history's lines are in.
_SINCE = timedelta(days=2)


def reading(settings: AutomateSettings) -> str | None:
    number = settings.entity_type_computer
    if number is None or settings.write_username is None:
        return None
    return f"EntityType {number} means a computer"


@dataclass(frozen=True)
class DeploymentTrial:
    """A computer that was reached runs a patch job, or has attempts in the history that it had not before."""

    account: AutomateAccount

    def unfit(self, device: DeviceId) -> str | None:
        """An id that is also a client's or a location's would take all of its computers along."""
        api, number = self.account.api, self.account.vendor_id(device)
        if number in {mapping.ident(api.source, row, "Id", "clients") for row in api.clients()}:
            return f"its id, {number}, is a client's id as well; take another computer."
        places = {str(mapping.part(row, "Location").get("Id")) for row in api.computers()}
        if number in places:
            return f"its id, {number}, is a location's id as well; take another computer."
        return None

    def took(self, job: Job) -> bool:
        return bool(self.account.attempts_since(job))

    def traces(self) -> Mapping[DeviceId, Trace]:
        """Every computer the user sees. Raises VendorError where one could not be read."""
        account, api = self.account, self.account.api
        rows = {mapping.ident(api.source, r, "Id", "computers"): r for r in api.computers()}
        asked = ask_each(rows, api.patching_stats, at_once=AT_ONCE)
        for failure in asked.failed.values():
            raise failure
        newest = self._newest_attempts()
        return {
            key: Trace(
                name=text(rows[number].get("ComputerName")) or number,
                mark=f"{mapping.job_running(stats) is Fact.YES} {newest.get(key, '')}",
            )
            for number, stats in asked.found.items()
            for key in (mapping.device_id(account.account, number),)
        }

    def _newest_attempts(self) -> Mapping[DeviceId, str]:
        """By computer, when it last tried to install something."""
        account = self.account
        rows = account.api.patch_history(account.clock.now() - _SINCE)
        tried = history.attempts(account.account, account.api.source, rows)
        return {item.device_id: str(item.installed_at) for item in tried}


def trial(account: AutomateAccount) -> Trial:
    return DeploymentTrial(account)
