"""N-able N-central's REST API, as JSON rows: sign-in, pages, errors that come as success, devices, and tasks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
)
from integrations.http import Call, Http
from integrations.rmm.bearer import Token, refused_sign_in
from integrations.rmm.ncentral.lanes import CallLanes
from integrations.rmm.rows import Row, count, number, row, rows, text

#: The most a page may hold.
PAGE_MAX = 200
_MAX_PAGES = 10_000
#: A list that moved while it was read is read once more.
_READINGS = 2
_LONGEST_LIFE = 366 * 86_400

_REMEDY = (
    "Check jwt (the secret made under Administration > User Management > Users > API Access) and base_url. "
    "It ends with its user's password, which expires every 90 days."
)
#: The two spellings in which an error comes with HTTP 200.
_ERRORS = ("error message", "errorMessage")


@dataclass(frozen=True, kw_only=True)
class NCentralApi:
    """Speaks to one server for one user. Everything raises VendorError."""

    http: Http
    lanes: CallLanes

    @property
    def source(self) -> str:
        return self.http.source

    # Reading.

    def customers(self) -> list[Row]:
        return self._list("customers", "customers", "customerId")

    def devices(self) -> list[Row]:
        """All devices the user may see, of all customers and their sites."""
        return self._list("devices", "devices", "deviceId")

    def device(self, device: str) -> Row | None:
        """One device; None where there is none."""
        try:
            answer = self._read("devices/{id}", f"devices/{device}", "device")
        except VendorNotFound:
            return None
        return row(self.source, answer.get("data", answer), "device")

    def services(self, device: str) -> list[Row]:
        """The state of everything that is monitored on a device."""
        path = f"devices/{device}/service-monitor-status"
        answer = self._read("service-monitor-status", path, "services")
        return rows(self.source, answer.get("data"), "services")

    # Tasks.

    def tasks_of(self, device: str) -> list[Row]:
        """The scheduled tasks of a device, by number and name."""
        answer = self._read("device tasks", f"devices/{device}/scheduled-tasks", "tasks")
        return rows(self.source, answer.get("data"), "tasks")

    def task_details(self, task: str) -> list[Row]:
        """How a task fares on each of its devices, with what it printed there; empty where there is none."""
        path = f"scheduled-tasks/{task}/status/details"
        try:
            answer = self._read("task details", path, "task")
        except VendorNotFound:
            return []
        return rows(self.source, answer.get("data"), "task details")

    def run_script(self, name: str, item: int, place: Mapping[str, int], command_line: str) -> str:
        """Run a script of the repository on one device now; gives the task's number.

        `name` has to be new to the server. `place`: customerId and deviceId. Not repeatable: see Http.send.
        """
        body = {
            "name": name,
            "itemId": item,
            "taskType": "Script",
            **place,
            "credential": {"type": "LocalSystem"},
            "parameters": [{"name": "CommandLine", "value": command_line, "type": "string"}],
        }
        with self.lanes.one("direct"):
            answer = self.http.send("POST", "api/scheduled-tasks/direct", json=body).json()
        told = answer if isinstance(answer, dict) else {}
        data = told.get("data", told)
        task = count(data.get("taskId")) if isinstance(data, dict) else None
        if task is None:
            words = _error(told) or "It accepted the task and did not number it."
            raise OutcomeUnknown(self.source, words)
        return str(task)

    # Pages and envelopes.

    def _list(self, path: str, what: str, key: str) -> list[Row]:
        """All rows. Pages are counted off, so rows that came or went meanwhile shift the rest: read anew then."""
        for _ in range(_READINGS):
            found, total = self._pages(path, what)
            keys = {number(self.source, item, key, what) for item in found}
            if len(keys) == len(found) >= total:
                return found
        raise MalformedAnswer(self.source, f"Only {len(keys)} of {total} {what} were delivered.")

    def _pages(self, path: str, what: str) -> tuple[list[Row], int]:
        """All rows as delivered, and the total told with the last of them (0 where none is)."""
        found: list[Row] = []
        for page_number in range(1, _MAX_PAGES):
            params = {"pageNumber": page_number, "pageSize": PAGE_MAX}
            page = self._read(path, path, what, params)
            delivered = rows(self.source, page.get("data"), what)
            found += delivered
            total, pages = count(page.get("totalItems")), count(page.get("totalPages"))
            if pages is not None:
                over = page_number >= pages
            else:
                over = total is not None and len(found) >= total
            if not delivered or over:
                return found, total or 0
        raise MalformedAnswer(self.source, f"The list of {what} does not end.")

    def _read(
        self, kind: str, path: str, what: str, params: Mapping[str, int] | None = None
    ) -> dict[str, Any]:
        with self.lanes.one(kind):
            answer = self.http.get_json(f"api/{path}", params=params)
        envelope = dict(row(self.source, answer, f"answer on {what}"))
        if _error(envelope):
            raise VendorRefused(self.source, f"HTTP 200 with an error: {_error(envelope)}")
        return envelope


def sign_in(http: Http, jwt: str) -> Callable[[], Token]:
    """Gets an access token for the user's JWT.

    The refresh token that comes with it is not kept: the JWT does the same, and a restart of the server ends
    both tokens.
    """

    def fetch() -> Token:
        headers = {"Authorization": f"Bearer {jwt}"}
        try:
            answer = http.read(Call(method="POST", path="api/auth/authenticate", headers=headers))
        except (VendorAuthError, VendorForbidden, VendorRefused) as failure:
            raise refused_sign_in(failure, _REMEDY) from failure
        return _token(http.source, answer)

    return fetch


def _token(source: str, answer: object) -> Token:
    tokens = answer.get("tokens") if isinstance(answer, dict) else None
    access = tokens.get("access") if isinstance(tokens, dict) else None
    value = text(access.get("token")) if isinstance(access, dict) else ""
    life = count(access.get("expirySeconds")) if isinstance(access, dict) else None
    if not value:
        raise MalformedAnswer(source, "Signing in brought no token.")
    if not life:
        raise MalformedAnswer(source, "Signing in did not say how long the token lives.")
    return Token(value=value, life=timedelta(seconds=min(life, _LONGEST_LIFE)))


def _error(envelope: Mapping[str, Any]) -> str:
    """The error in an answer that says success; empty where there is none."""
    return next((said for key in _ERRORS if (said := text(envelope.get(key))[:300])), "")
