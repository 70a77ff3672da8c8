"""Kaseya VSA X's REST API v3, as JSON rows: its envelope, its pages, and the run of a workflow."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorNotFound,
    VendorRefused,
)
from integrations.http import Http
from integrations.rmm.rows import Row, count, name, row, rows, text

#: The most a page may hold.
PAGE_MAX = 100
_MAX_PAGES = 10_000
#: A list that moved while it was read is read once more.
_READINGS = 2

_REMEDY = (
    "Check token_id, token_secret and base_url, and under Administration > Configuration > API Access the "
    "token's start and end dates and its list of addresses."
)
_FIRST_ERROR, _FIRST_FAILURE = 400, 500


@dataclass(frozen=True, kw_only=True)
class VsaxApi:
    """Speaks to one server for one account. Everything raises VendorError."""

    http: Http
    #: What stands between the server's address and the paths: "api/v3" or "v3".
    path: str

    @property
    def source(self) -> str:
        return self.http.source

    def devices(self) -> list[Row]:
        """All devices the token may see, those without an agent too."""
        return self._list("devices", "devices", "Identifier")

    def device(self, identifier: str) -> Row | None:
        """One device, which unlike the list tells whether it is online; None where there is none."""
        return self._one(f"devices/{identifier}", "device")

    def assets(self, organisation: str | None = None) -> list[Row]:
        """What the agents last reported, with the counts of missing updates; of one organisation where asked."""
        wanted = {} if organisation is None else {"$filter": f"OrganizationId eq {organisation}"}
        return self._list("assets", "assets", "Identifier", wanted)

    def asset(self, identifier: str) -> Row | None:
        return self._one(f"assets/{identifier}", "asset")

    def workflows(self) -> list[Row]:
        return self._list("automation/workflows", "workflows", "Id")

    # Running a workflow.

    def run_workflow(self, workflow: int, device: str, constants: Mapping[str, str]) -> Row:
        """Run a workflow on a device, unless it runs there already; gives what the server started and found."""
        answer = self._write(
            f"automation/workflows/{workflow}/run",
            {
                "DeviceIdentifiers": [device],
                "ConstantVariableOverrides": [
                    {"Name": key, "Value": value} for key, value in constants.items()
                ],
            },
        )
        started = answer.get("Data") if isinstance(answer, dict) else None
        if not isinstance(started, dict):
            raise OutcomeUnknown(
                self.source, "It accepted the run and did not say what it started."
            )
        return started

    def execution(self, execution: str) -> Row | None:
        """One execution with its steps; None where there is none."""
        return self._one(f"automation/workflows/executions/{execution}", "execution")

    def executions(self, workflow: int, device: str) -> list[Row]:
        """The executions of a workflow on a device, without their steps.

        Which fields may be filtered by is not documented: whoever reads the rows looks at both again.
        """
        wanted = {"$filter": f"WorkflowId eq {workflow} and TargetId eq '{device}'"}
        return self._list("automation/workflows/executions", "executions", "ExecutionId", wanted)

    # The envelope and the pages.

    def _list(
        self, path: str, what: str, key: str, params: Mapping[str, str] | None = None
    ) -> list[Row]:
        """All rows. Pages are counted off, so rows that came or went meanwhile shift the rest: read anew then."""
        for _ in range(_READINGS):
            found, total = self._pages(path, what, params or {})
            keys = {_key(self.source, item, key, what) for item in found}
            if len(keys) == len(found) >= total:
                return found
        raise MalformedAnswer(self.source, f"Only {len(keys)} of {total} {what} were delivered.")

    def _pages(self, path: str, what: str, params: Mapping[str, str]) -> tuple[list[Row], int]:
        """All rows as delivered, and the total told with the last of them (0 where none is)."""
        found: list[Row] = []
        for _ in range(_MAX_PAGES):
            page = self._read(path, what, {**params, "$top": PAGE_MAX, "$skip": len(found)})
            delivered = rows(self.source, page.get("Data"), what)
            found += delivered
            total = _total(page)
            if not delivered or (total is not None and len(found) >= total):
                return found, total or 0
        raise MalformedAnswer(self.source, f"The list of {what} does not end.")

    def _one(self, path: str, what: str) -> Row | None:
        try:
            answer = self._read(path, what)
        except VendorNotFound:
            return None
        return row(self.source, answer.get("Data"), what)

    def _read(self, path: str, what: str, params: Mapping[str, str | int] | None = None) -> Row:
        """The whole envelope of a reading."""
        try:
            answer = self.http.get_json(f"{self.path}/{path}", params=params)
        except VendorAuthError as failure:
            raise _refused_token(failure) from failure
        envelope = row(self.source, answer, f"answer on {what}")
        code = _code(envelope)
        if code >= _FIRST_ERROR:
            raise VendorRefused(self.source, _said(envelope), status=code)
        return envelope

    def _write(self, path: str, body: Row) -> Any:
        try:
            answer = self.http.send("POST", f"{self.path}/{path}", json=body).json()
        except VendorAuthError as failure:
            raise _refused_token(failure) from failure
        code = _code(answer) if isinstance(answer, dict) else 0
        if code >= _FIRST_FAILURE:
            raise OutcomeUnknown(self.source, _said(answer), status=code)
        if code >= _FIRST_ERROR:
            raise VendorRefused(self.source, _said(answer), status=code)
        return answer


def basic(token_id: str, secret: str) -> Mapping[str, str]:
    """The header that goes with every call: there is no signing in, and nothing to renew."""
    credentials = base64.b64encode(f"{token_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


def _refused_token(failure: VendorAuthError) -> VendorAuthError:
    return VendorAuthError(failure.source, failure.reason, remedy=_REMEDY, status=failure.status)


def _key(source: str, item: Row, field: str, what: str) -> str:
    """What names a row: words, or a number. Raises MalformedAnswer."""
    number = count(item.get(field))
    return str(number) if number is not None else name(source, item, field, what)


def _total(envelope: Row) -> int | None:
    meta = envelope.get("Meta")
    return count(meta.get("TotalCount")) if isinstance(meta, dict) else None


def _code(envelope: Row) -> int:
    """The status as the envelope repeats it; 0 where it does not."""
    meta = envelope.get("Meta")
    return (count(meta.get("ResponseCode")) or 0) if isinstance(meta, dict) else 0


def _said(envelope: Row) -> str:
    meta = envelope.get("Meta")
    words = text(meta.get("ErrorMessage")) if isinstance(meta, dict) else ""
    return f"HTTP 200 with error {_code(envelope)}" + (f": {words[:300]}" if words else "")
