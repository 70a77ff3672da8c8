"""ConnectWise Automate's REST API v1, as JSON rows: the lists, what each computer's patching has come to, one trigger."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.errors import MalformedAnswer, OutcomeUnknown, VendorForbidden
from integrations.http import Http
from integrations.rmm.rows import Row, row, rows

#: Automate publishes no limit. Working clients keep to four calls at once; one place is for jobs.
AT_ONCE = 3

_BASE = "cwa/api/v1"
#: More pages than any server has: a list that goes on beyond them does not end at all.
_MAX_PAGES = 10_000


@dataclass(frozen=True, kw_only=True)
class AutomateApi:
    """Speaks to one Automate server with a user for reading and, where there is one, a user for writing.

    Everything raises VendorError. Ids are numbers as text. A list can be narrowed by a `condition`, such as
    "Client.Id = 5 or Client.Id = 7".
    """

    reading: Http
    writing: Http | None = None
    page_size: int

    @property
    def source(self) -> str:
        return self.reading.source

    def clients(self) -> list[Row]:
        return list(self._pages("Clients", "clients", {"orderBy": "Id asc"}))

    def computers(self, condition: str | None = None) -> list[Row]:
        asked = {"orderBy": "Id asc"} | ({"condition": condition} if condition else {})
        return list(self._pages("Computers", "computers", asked))

    def patching_stats(self, computer_id: str) -> Row:
        """How many updates a computer misses, when that was found out, and whether a patch job runs."""
        path = f"{_BASE}/Computers/{computer_id}/PatchingStats"
        return row(self.source, self.reading.get_json(path), "patching stats")

    def microsoft_updates(self, computer_id: str, *, enough: int | None = None) -> list[Row]:
        """All of Microsoft's updates, installed or not; `enough`: how many there are known to be."""
        path = f"Computers/{computer_id}/MicrosoftUpdates"
        return list(self._pages(path, "updates", {}, enough=enough))

    def third_party_patches(self, computer_id: str, *, enough: int | None = None) -> list[Row]:
        """Other makers' software that a policy looks after; `enough`: how many rows there are known to be."""
        path = f"Computers/{computer_id}/ThirdPartyPatches"
        return list(self._pages(path, "third-party patches", {}, enough=enough))

    def patch_history(self, since: datetime, *, computer_id: str | None = None) -> list[Row]:
        """What was tried since a moment, at any computer or at one. May hold older lines, too."""
        condition = f"ActionDate >= {date_literal(since)}"
        if computer_id is not None:
            condition = f"ComputerId = {computer_id} and {condition}"
        return list(self._pages("PatchHistory", "patch history", {"condition": condition}))

    def commands(self) -> list[Row]:
        """The commands this server has for computers, with the numbers and names it gives them."""
        return list(self._pages("Commands", "commands", {}))

    def execute(self, computer_id: str, command: int) -> None:
        """Have a computer carry out a command without parameters. Not repeatable: see Http.send."""
        if self.writing is None:
            raise VendorForbidden(self.source, "No user for writing is configured.")
        order = {
            "ComputerId": int(computer_id),
            "Command": {"Id": str(command)},
            "Parameters": [],
        }
        path = f"{_BASE}/Computers/{computer_id}/CommandExecute"
        answer = self.writing.send("POST", path, json=order)
        if not isinstance(answer.json(), dict):
            raise OutcomeUnknown(
                self.source, "It answered the command with something unintelligible."
            )

    def deploy_all_approved(self, computer_id: str, *, entity_type: int) -> None:
        """Have a computer install everything approved; 204 means taken. Not repeatable: see Http.send."""
        if self.writing is None:
            raise VendorForbidden(self.source, "No user for writing is configured.")
        order = {"EntityType": entity_type, "EntityId": int(computer_id)}
        self.writing.send("POST", f"{_BASE}/PatchActions/DeployAllApproved", json=order)

    def _pages(
        self, path: str, what: str, asked: dict[str, Any], *, enough: int | None = None
    ) -> Iterator[Row]:
        """Pages are counted from 1, and an empty one ends them.

        A short one may be the server's own limit; it ends them only once there are `enough` rows. A server
        that knows no pages here gives the same one again.
        """
        before: list[Row] = []
        read = 0
        for page in range(1, _MAX_PAGES + 1):
            params = {**asked, "page": page, "pageSize": self.page_size}
            found = rows(self.source, self._get(path, params), what)
            if not found or found == before:
                return
            yield from found
            read += len(found)
            if enough is not None and read >= enough and len(found) < self.page_size:
                return
            before = found
        raise MalformedAnswer(self.source, f"The list of {what} does not end.")

    def _get(self, path: str, params: dict[str, Any]) -> Any:
        return self.reading.get_json(f"{_BASE}/{path}", params=params)


def date_literal(moment: datetime) -> str:
    """A date as conditions take it: ISO 8601 in UTC, bare, as working clients send it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def of_clients(client_ids: Iterable[str]) -> str:
    """The condition for computers of clients, whose ids are whole numbers; others are left out."""
    ids = sorted({int(item) for item in client_ids if item.isdecimal()})
    return " or ".join(f"Client.Id = {item}" for item in ids)
