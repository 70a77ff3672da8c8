"""Restarting a computer at Automate: a command whose number differs from server to server.

A number is believed only where the server itself, asked just before, names a restart under it.
"""

from dataclasses import dataclass

from core.domain.facts import Fact
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.automate import mapping
from integrations.rmm.automate.api import AutomateApi
from integrations.rmm.restarts import Look
from integrations.rmm.rows import Row, text

_REMEDY = "Set restart_command as docs/vendors/automate.md says."


@dataclass(frozen=True, kw_only=True)
class Restarting:
    """The one command of a server that restarts. `number` is None where nobody has set it."""

    api: AutomateApi
    number: int | None

    def order(self, computer_id: str) -> None:
        """Have one computer restart. Raises VendorRefused where the server names something else."""
        if self.number is None:
            raise VendorForbidden(self.api.source, "restart_command is not set.", remedy=_REMEDY)
        command = self.command()
        if command is None or not mapping.restarts(command):
            named = "nothing" if command is None else repr(text(command.get("Name")))
            words = f"This server calls command {self.number} {named}, which is no restart."
            raise VendorRefused(self.api.source, words, remedy=_REMEDY)
        self.api.execute(computer_id, self.number)

    def command(self) -> Row | None:
        """What the server has under the number."""
        listed = self.api.commands()
        return next((row for row in listed if str(row.get("Id")) == str(self.number)), None)

    def likely(self) -> list[tuple[str, str]]:
        """The names and numbers of what restarts on this server."""
        return [
            (text(row.get("Name")), str(row.get("Id")))
            for row in self.api.commands()
            if mapping.restarts(row)
        ]


def look(row: Row) -> Look:
    """What a computer's row shows of a restart."""
    return Look(
        online=mapping.online(row),
        booted_at=mapping.booted_at(row),
        owed=Fact.of(row.get("IsRebootNeeded")),
    )
