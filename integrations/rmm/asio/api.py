"""The partner API of ConnectWise RMM (Asio), as JSON rows: companies, endpoints, updates, scripts and their tasks."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorNotFound,
    VendorRefused,
)
from integrations.http import Answer, Call, Http
from integrations.rmm.asio.quota import Quota
from integrations.rmm.asio.resources import Word, batches, in_heartbeats, in_lists
from integrations.rmm.asio.sign_in import LOCKED, locked
from integrations.rmm.rows import Row, row, rows, text

#: The most a page may hold.
PAGE_MAX = 500
_MAX_PAGES = 1_000
#: What is asked about side by side. No number is documented; the quota is the true bound.
AT_ONCE = 4

_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next\b', re.IGNORECASE)
_SCRIPT_REMEDY = "Set script_id as docs/vendors/asio.md says; where it is set, check it, task_api and run_scopes."
#: Once, now. "STZ" is the server's own time zone.
_AT_ONCE = {"regularity": "Immediate", "category": "STZ", "scheduleType": "TIME"}


@dataclass(frozen=True, kw_only=True)
class AsioApi:
    """Speaks to one region's platform with one API key. Everything raises VendorError."""

    reading: Http
    #: With the scopes for scripts; None where nothing can be run.
    running: Http | None
    #: The same with a token for updates of other makers' software; None where they are not read.
    software: "AsioApi | None" = None
    quota: Quota
    resource_type: str = "company"
    task_api: Literal["v1", "v2"] = "v2"
    heartbeat_word: Word = field(default_factory=in_heartbeats)
    device_word: Word = field(default_factory=lambda: in_lists("company"))
    summary_word: Word = field(default_factory=lambda: in_lists("company"))

    @property
    def source(self) -> str:
        return self.reading.source

    def companies(self) -> list[Row]:
        """All companies the key may see, read to the end where the answer tells of a next page."""
        found: list[Row] = []
        path = "api/platform/v1/company/companies"
        for _ in range(_MAX_PAGES):
            answer = self._whole(Call(path=path))
            found += rows(self.source, answer.json(), "companies")
            following = _NEXT.search(answer.headers.get("Link", ""))
            if following is None:
                return found
            path = following[1]
        raise MalformedAnswer(self.source, "The list of companies does not end.")

    # Endpoints.

    def endpoints(self, companies: Sequence[str]) -> list[Row]:
        """The rows of companies' endpoints in version 2, each with its companyID. Raises VendorRefused for every word."""
        path = "api/platform/v2/device/categories/platform/endpoints"
        ask = partial(self._pages, path, "platform", {"field": "system,os"})
        return self._of(companies, ask, self.device_word)

    def endpoints_v1(self, company: str) -> list[Row]:
        """The same in version 1, which tells neither name nor system."""
        try:
            answer = self._get(f"api/platform/v1/device/clients/{company}/endpoints")
        except VendorNotFound:
            return []
        page = row(self.source, answer, "list of endpoints")
        return rows(self.source, page.get("endpoints"), "endpoints")

    def endpoint_v1(self, endpoint_id: str) -> Row:
        path = f"api/platform/v1/device/endpoints/{endpoint_id}"
        return row(self.source, self._get(path), "endpoint")

    def heartbeats(self, companies: Sequence[str]) -> list[Row]:
        """Which of companies' endpoints are online, and when each was last heard of."""
        return [
            beat
            for batch in batches(companies)
            for beat in self.heartbeat_word.asked(partial(self._heartbeats, batch))
        ]

    def _heartbeats(self, batch: Sequence[str], word: str) -> list[Row]:
        params = {"resourceType": word, "resources": ",".join(batch)}
        try:
            answer = self._get("api/platform/v2/device/endpoints/heartbeat", params)
        except VendorNotFound:
            return []
        told = row(self.source, answer, "heartbeats").get("successfulRecords")
        return _ungrouped(self.source, told, "heartbeats")

    # Updates.

    def compliance(self, companies: Sequence[str]) -> list[Row]:
        """For each assessed endpoint of companies, how many updates it misses; each with its companyID."""
        path = "api/platform/v2/os-patching/compliance/summary"
        return self._of(companies, partial(self._pages, path, "data", {}), self.summary_word)

    def patches(self, endpoint_id: str) -> Row | None:
        """One endpoint's updates with a summary; None where it was never assessed."""
        version = "v1" if self.resource_type == "v1" else "v2"
        try:
            answer = self._get(f"api/platform/{version}/patching/{endpoint_id}/patches")
        except VendorNotFound:
            return None
        return row(self.source, answer, "updates")

    # Updates of other makers' software.

    def software_counts(self, companies: Sequence[str]) -> list[Row]:
        """For endpoints of companies, how many of them wait."""
        path = "api/platform/v2/third-party-patching/compliance/summary"
        return self._of(companies, partial(self._pages, path, "data", {}), self.summary_word)

    def software_of(self, endpoint_id: str) -> list[Row]:
        """One endpoint's products with their versions."""
        path = "api/platform/v2/third-party-patching/patch/details"
        return self._pages(path, "data", {}, [endpoint_id], "endpoint")

    # Scripts.

    def scripts(self) -> list[Row]:
        return rows(self.source, self._run_get("scripts"), "scripts")

    def tasks(self) -> list[Row]:
        """The definitions of all tasks."""
        return rows(self.source, self._run_get("tasks"), "tasks")

    def schedule(
        self, endpoint_id: str, *, name: str, script: str, parameters: Mapping[str, str]
    ) -> str:
        """Run a script on an endpoint, once for each call; gives the task's id."""
        given = "parameters" if self.task_api == "v2" else "userParameters"
        body = {
            "name": name,
            "templateType": "script",
            "templateID": script,
            "targets": [endpoint_id],
            "targetType": "MANAGED_ENDPOINT",
            "resourcesType": "Both",
            "schedule": _AT_ONCE,
            given: json.dumps(dict(parameters)),
        }
        path = f"api/platform/{self.task_api}/automation/endpoints/schedule-tasks"
        with _lock_named():
            answer = self._runner().send("POST", path, json=body).json()
        told = answer if isinstance(answer, dict) else {}
        task = text(told.get("taskId")) or text(told.get("taskID"))
        if not task:
            words = "It accepted the task and did not say under which id."
            raise OutcomeUnknown(self.source, words)
        return task

    def instances(self, task: str) -> object:
        """How far a task is on its endpoints; None as long as nothing is told."""
        try:
            return self._run_get(f"tasks/{task}/instances/summary")
        except VendorNotFound:
            return None

    def results(self, task: str, instance: str) -> object:
        """What an instance of a task came to on its endpoints; None as long as there is nothing."""
        try:
            return self._run_get(f"tasks/{task}/instances/{instance}/results")
        except VendorNotFound:
            return None

    def _run_get(self, path: str) -> object:
        with _lock_named():
            answer: object = self._runner().get_json(f"api/platform/v1/automation/{path}")
            return answer

    def _runner(self) -> Http:
        if self.running is None:
            raise VendorRefused(self.source, "No script_id is configured.", remedy=_SCRIPT_REMEDY)
        return self.running

    # Pages.

    def _of(self, companies: Sequence[str], ask: "partial[list[Row]]", word: Word) -> list[Row]:
        return [item for batch in batches(companies) for item in word.asked(partial(ask, batch))]

    def _pages(
        self, path: str, group: str, params: Mapping[str, str], batch: Sequence[str], word: str
    ) -> list[Row]:
        """All rows that a list holds for companies. 404 means that there are none, or no more."""
        body = {"resourceType": word, "resources": list(batch)}
        found: list[Row] = []
        cursor, linked = "0", False
        for _ in range(_MAX_PAGES):
            asked = {**params, "limit": str(PAGE_MAX), "cursor": cursor}
            try:
                answer = self._whole(Call(method="POST", path=path, params=asked, json=body))
            except VendorNotFound as failure:
                if linked:
                    words = f"A further page of the {group} list is not there."
                    raise MalformedAnswer(self.source, words) from failure
                return found
            told = row(self.source, answer.json(), f"page of {group}").get(group)
            page = _ungrouped(self.source, told, group)
            found += page
            following = _next_cursor(answer, len(page), len(found))
            if following is None:
                return found
            if following == cursor:
                break
            cursor, linked = following, "Link" in answer.headers
        raise MalformedAnswer(self.source, f"The list of {group} does not end.")

    def _whole(self, call: Call) -> Answer:
        with _lock_named():
            return self.reading.read_whole(call)

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> object:
        with _lock_named():
            answer: object = self.reading.get_json(path, params=params)
            return answer


def _next_cursor(answer: Answer, on_page: int, found: int) -> str | None:
    """Where the next page begins: as the Link header tells; without one, a full page may not be the last."""
    following = _NEXT.search(answer.headers.get("Link", ""))
    if following is not None:
        return (parse_qs(urlsplit(following[1]).query).get("cursor") or [""])[0]
    return str(found) if on_page >= PAGE_MAX else None


def _ungrouped(source: str, value: object, what: str) -> list[Row]:
    """Rows, which come in groups by company and site, each with the company of its group."""
    return [
        {"companyID": text(group.get("companyID")), **item}
        for group in rows(source, value, what)
        for item in rows(source, group.get("endpoints"), f"endpoints among the {what}")
    ]


@contextmanager
def _lock_named() -> Iterator[None]:
    try:
        yield
    except VendorRefused as failure:
        if failure.status != LOCKED:
            raise
        raise locked(failure) from failure
