"""NinjaOne's HTTP API v2, as JSON rows: sign-in, the lists, the reports, and the triggers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorForbidden,
    VendorRefused,
)
from core.ports import Clock
from integrations.http import Call, Http
from integrations.rmm.bearer import Bearer, Token, read_token, refused_sign_in
from integrations.rmm.ninjaone.scan import Scan
from integrations.rmm.rows import Row, number, row, rows, text

READ_SCOPES = "monitoring"
WRITE_SCOPES = "monitoring management"

#: Rows asked for at once. No maximum is described; a server with a lower one gives less, which ends nothing.
LIST_PAGE = 1000
REPORT_PAGE = 5000

#: More pages than any fleet has: a list that goes on beyond them does not end at all.
_MAX_PAGES = 10_000
#: The most activities a page may hold, by the API description.
_ACTIVITIES_PAGE = 1000
_FEWEST_ACTIVITIES = 10
#: The first status that is no success.
_NOT_TAKEN = 300

_SIGN_IN_REMEDY = (
    "Check client_id, client_secret and base_url (the region you sign in at) of this account; "
    "the client app must be of the kind API Services with client credentials."
)


def every(_: Row) -> bool:
    """Keeps all rows of a report."""
    return True


@dataclass(frozen=True, kw_only=True)
class NinjaOneApi:
    """Speaks to one NinjaOne server with a client for reading and, where there is one, a client for writing.

    Everything raises VendorError. `df` is NinjaOne's device filter, such as "org in (1, 2)".
    """

    reading: Http
    writing: Http | None = None

    @property
    def source(self) -> str:
        return self.reading.source

    # Lists: pages go on after the last id.

    def organizations(self) -> list[Row]:
        return list(self._list("v2/organizations", "organizations", {}))

    def devices(self, df: str, *, at_most: int | None = None) -> list[Row]:
        """All devices of a filter; where it can match only so many, without looking for more."""
        found = self._list("v2/devices-detailed", "devices", {"df": df})
        return list(islice(found, at_most))

    def _list(self, path: str, what: str, asked: dict[str, str | int]) -> Iterator[Row]:
        """Ends with an empty page. A short one may be the server's own page limit, so it ends nothing."""
        after = 0
        for _ in range(_MAX_PAGES):
            params = {**asked, "pageSize": LIST_PAGE} | ({"after": after} if after else {})
            page = rows(self.source, self.reading.get_json(path, params=params), what)
            fresh = [item for item in page if number(self.source, item, "id", what) > after]
            if not fresh:
                return
            yield from fresh
            after = max(item["id"] for item in fresh)
        raise MalformedAnswer(self.source, f"The list of {what} does not end.")

    # Reports: a cursor stands for the position on the server.

    def os_patches(self, df: str, *, status: str | None = None) -> list[Row]:
        """Updates without an install attempt: MANUAL, APPROVED, REJECTED."""
        asked = {"df": df} | ({"status": status} if status else {})
        return self._report("v2/queries/os-patches", "missing patches", asked)

    def os_patch_installs(
        self,
        df: str,
        since: datetime,
        *,
        status: str | None = None,
        keep: Callable[[Row], bool] = every,
    ) -> list[Row]:
        """Install attempts, FAILED and INSTALLED. The date is sent as Unix seconds, as working clients do."""
        asked = {"df": df, "installedAfter": int(since.timestamp())}
        asked |= {"status": status} if status else {}
        return self._report("v2/queries/os-patch-installs", "patch installs", asked, keep)

    def software_patches(self, df: str, *, status: str | None = None) -> list[Row]:
        """Updates of other makers' software without an install attempt."""
        asked = {"df": df} | ({"status": status} if status else {})
        return self._report("v2/queries/software-patches", "missing software patches", asked)

    def software_patch_installs(self, df: str, since: datetime) -> list[Row]:
        """Attempts to install updates of other makers' software, FAILED and INSTALLED."""
        asked = {"df": df, "installedAfter": int(since.timestamp())}
        return self._report("v2/queries/software-patch-installs", "software patch installs", asked)

    def device_health(self, df: str) -> list[Row]:
        return self._report("v2/queries/device-health", "device health", {"df": df})

    def _report(
        self,
        path: str,
        what: str,
        asked: dict[str, Any],
        keep: Callable[[Row], bool] = every,
    ) -> list[Row]:
        def page(cursor: str | None) -> Row:
            params = {**asked, "pageSize": REPORT_PAGE} | ({"cursor": cursor} if cursor else {})
            return row(self.source, self.reading.get_json(path, params=params), what)

        return Scan(self.source, what, page, keep).rows()

    # Activities: newest first, ids rise with time.

    def activities(self, df: str, *, of_type: str, newer_than: int) -> list[Row]:
        """All activities of a type after an activity id, oldest first."""
        asked = {"df": df, "type": of_type, "newerThan": newer_than}
        return sorted(self._activities(asked), key=lambda item: int(item["id"]))

    def scans(self, df: str, since: datetime) -> Iterator[Row]:
        """Completed patch scans since a moment, newest first, read as far as the caller goes on."""
        asked = {
            "df": df,
            "type": "PATCH_MANAGEMENT",
            "status": "PATCH_MANAGEMENT_SCAN_COMPLETED",
            "after": int(since.timestamp()),
        }
        return self._activities(asked)

    def last_activity_id(self, df: str) -> int:
        """The newest activity's id, 0 where there is none."""
        page = self._activity_page({"df": df, "pageSize": _FEWEST_ACTIVITIES})
        return max((item["id"] for item in page), default=0)

    def _activities(self, asked: dict[str, Any]) -> Iterator[Row]:
        older_than: int | None = None
        for _ in range(_MAX_PAGES):
            params = {**asked, "pageSize": _ACTIVITIES_PAGE}
            page = self._activity_page(params | ({"olderThan": older_than} if older_than else {}))
            fresh = [item for item in page if older_than is None or item["id"] < older_than]
            yield from fresh
            if not fresh or len(page) < _ACTIVITIES_PAGE:
                return
            older_than = min(item["id"] for item in fresh)
        raise MalformedAnswer(self.source, "The list of activities does not end.")

    def _activity_page(self, params: dict[str, Any]) -> list[Row]:
        """Servers answer a bare list or {"activities": [...]}."""
        answer = self.reading.get_json("v2/activities", params=params)
        bare = answer.get("activities") if isinstance(answer, dict) else answer
        page = rows(self.source, bare, "activities")
        for item in page:
            number(self.source, item, "id", "activities")
        return page

    # Triggers: 204 means accepted, not done.

    def apply_patches(self, device_id: str, *, software: bool) -> None:
        """Have a device install everything approved: the system's, or other makers'. Not repeatable: see Http.send."""
        self._writer().send("POST", f"v2/device/{device_id}/patch/{_family(software)}/apply")

    def scan_patches(self, device_id: str, *, software: bool) -> None:
        """Have a device look for updates."""
        self._writer().send("POST", f"v2/device/{device_id}/patch/{_family(software)}/scan")

    def run_script(self, device_id: str, script: int, parameters: str) -> str | None:
        """Have a device run a script of the library; gives the run's uid, where it is told.

        What is answered differs: nothing, a number, an object, words. Any of them means that it was taken.
        """
        order = {"type": "SCRIPT", "id": script, "parameters": parameters, "runAs": "system"}
        path = f"v2/device/{device_id}/script/run"
        try:
            answer = self._writer().send("POST", path, json=order)
        except OutcomeUnknown as failure:
            if failure.status is None or failure.status >= _NOT_TAKEN:
                raise
            return None  # words that are not JSON
        told = answer.json()
        return text(told.get("jobUid")) or None if isinstance(told, dict) else None

    def scripts(self) -> list[Row]:
        """The library of scripts."""
        return rows(self.source, self.reading.get_json("v2/automation/scripts"), "scripts")

    def restart(self, device_id: str, reason: str) -> None:
        """Have a device restart as a person would have it, with its programs asked to close."""
        path = f"v2/device/{device_id}/reboot/NORMAL"
        self._writer().send("POST", path, json={"reason": reason})

    def _writer(self) -> Http:
        if self.writing is None:
            raise VendorForbidden(self.source, "No client with the scope management is configured.")
        return self.writing


def _family(software: bool) -> str:
    return "software" if software else "os"


def org_filter(organisations: Iterable[str]) -> str:
    """The device filter for organisation ids, which are whole numbers; others are left out."""
    ids = sorted({int(item) for item in organisations if item.isdecimal()})
    return f"org in ({', '.join(map(str, ids))})"


def id_filter(device_ids: Iterable[int]) -> str:
    """The device filter for device ids."""
    return f"id in ({', '.join(map(str, sorted(device_ids)))})"


def sign_in(http: Http, client_id: str, secret: str, scopes: str) -> Token:
    """A token for a client with the scopes. Raises VendorForbidden where it may not have them."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
        "scope": scopes,
    }
    try:
        answer = http.read(Call(method="POST", path="ws/oauth/token", form=form))
    except (VendorAuthError, VendorRefused) as failure:
        if failure.code == "invalid_scope":
            raise VendorForbidden(
                failure.source,
                f"The client app may not have the scopes {scopes!r}.",
                remedy="Give the client app these scopes under Administration > Apps > API.",
                status=failure.status,
                code=failure.code,
            ) from failure
        raise refused_sign_in(failure, _SIGN_IN_REMEDY) from failure
    return read_token(http.source, answer)


def bearer(http: Http, client_id: str, secret: str, scopes: str, clock: Clock) -> Bearer:
    return Bearer(lambda: sign_in(http, client_id, secret, scopes), clock)
