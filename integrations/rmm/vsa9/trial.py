"""How a server shows whether `schedule` installs what it names, and on whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.patching import DeviceId
from core.domain.proofs import Trace
from core.domain.remediation import Job
from core.ports import Trial
from integrations.rmm.per_device import ask_each
from integrations.rmm.rows import text
from integrations.rmm.vsa9 import mapping, runs
from integrations.rmm.vsa9.account import Vsa9Account
from integrations.rmm.vsa9.api import AT_ONCE
from integrations.rmm.vsa9.settings import Vsa9Settings

RISK = (
    "One description calls this order a scan's schedule: it could put another schedule in place of a device's "
    "own, and install nothing."
)


def reading(settings: Vsa9Settings) -> str | None:
    return None if settings.write_username is None else "schedule installs the updates it names"


@dataclass(frozen=True)
class ScheduleTrial:
    """What is scheduled or failed on an agent, and what it has installed: a scan alone changes neither."""

    account: Vsa9Account

    def unfit(self, device: DeviceId) -> str | None:
        """An order names its agent in its address, so that no other can be meant."""
        self.account.agent_id(device)
        return None

    def took(self, job: Job) -> bool:
        """Whether any of the updates that were named is gone from the list, or failed."""
        source, agent_id = self.account.api.source, self.account.agent_id(*job.targets)
        rows = self.account.api.missing(agent_id, hide_denied=False)
        standing = {mapping.patch_id(source, row) for row in rows if not mapping.has_failed(row)}
        return any(str(number) not in standing for number in runs.wanted(job.mark) or ())

    def traces(self) -> Mapping[DeviceId, Trace]:
        """Every Windows agent the user sees. Raises VendorError where one could not be read."""
        account = self.account
        agents = account.reader().agents()
        asked = ask_each(
            [key for key, agent in agents.items() if mapping.is_windows(agent.row)],
            self._mark,
            at_once=AT_ONCE,
        )
        for failure in asked.failed.values():
            raise failure
        return {
            mapping.device_id(account.account, key): Trace(
                name=text(agents[key].row.get("ComputerName")) or key, mark=mark
            )
            for key, mark in asked.found.items()
        }

    def _mark(self, agent_id: str) -> str:
        api = self.account.api
        rows = api.missing(agent_id, hide_denied=False)
        touched = [mapping.patch_id(api.source, r) for r in rows if not mapping.is_untouched(r)]
        dates = sorted(str(row.get("InstallDate")) for row in api.history(agent_id))
        return f"{sorted(touched)} {dates}"


def trial(account: Vsa9Account) -> Trial:
    return ScheduleTrial(account)
