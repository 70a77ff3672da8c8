"""Datto RMM's HTTP API v2, as JSON rows: sign-in, pages, quick jobs and their results."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorNotFound,
    VendorRefused,
)
from integrations.http import Call, Http
from integrations.rmm.bearer import Token, read_token, refused_sign_in
from integrations.rmm.datto.limits import Limits
from integrations.rmm.rows import Row, count, row, rows, text

#: The most a page may hold; a server with a lower maximum gives less and tells the next page.
PAGE_MAX = 250
_MAX_PAGES = 10_000

#: Datto's own public client, the same for everybody: user "public-client", password "public".
_PUBLIC_CLIENT = {"Authorization": "Basic cHVibGljLWNsaWVudDpwdWJsaWM="}
_SIGN_IN_REMEDY = (
    "Check api_key, api_secret and base_url (the platform in your login address), and that API access is "
    "on under Setup > Global Settings > Access Control."
)


@dataclass(frozen=True, kw_only=True)
class DattoApi:
    """Speaks to one Datto platform for one account. Everything raises VendorError."""

    http: Http
    limits: Limits

    @property
    def source(self) -> str:
        return self.http.source

    def sites(self) -> list[Row]:
        return list(self._pages("api/v2/account/sites", "sites"))

    def devices(self) -> list[Row]:
        """All devices of the account."""
        self.limits.before_reading()
        return list(self._pages("api/v2/account/devices", "devices"))

    def devices_of_site(self, site_uid: str) -> list[Row]:
        return list(self._pages(f"api/v2/site/{site_uid}/devices", "devices"))

    def device(self, device_uid: str) -> Row | None:
        """One device; None where there is none of that uid."""
        try:
            answer = self.http.get_json(f"api/v2/device/{device_uid}")
        except VendorNotFound:
            return None
        return row(self.source, answer, "device")

    def components(self) -> list[Row]:
        return list(self._pages("api/v2/account/components", "components"))

    def _pages(self, path: str, what: str) -> Iterator[Row]:
        """Follows the address of the next page; the total told tells whether all of it came."""
        found, total = 0, None
        answer = self.http.get_json(path, params={"page": 0, "max": PAGE_MAX})
        for _ in range(_MAX_PAGES):
            page = rows(self.source, row(self.source, answer, f"page of {what}").get(what), what)
            yield from page
            found += len(page)
            details = answer.get("pageDetails")
            details = details if isinstance(details, dict) else {}
            total = count(details.get("totalCount"))
            following = text(details.get("nextPageUrl"))
            if not following:
                break
            answer = self.http.get_json(following)
        if total is not None and found < total:
            raise MalformedAnswer(self.source, f"Only {found} of {total} {what} were delivered.")

    # Quick jobs.

    def create_quick_job(
        self, device_uid: str, *, name: str, component_uid: str, variables: dict[str, str]
    ) -> str:
        """Run a component on a device, once for each call; gives the job's uid."""
        self.limits.before_writing()
        pairs = [{"name": key, "value": value} for key, value in variables.items()]
        component = {"componentUid": component_uid, "variables": pairs}
        answer = self.http.send(
            "PUT",
            f"api/v2/device/{device_uid}/quickjob",
            json={"jobName": name, "jobComponent": component},
        ).json()
        job = answer.get("job") if isinstance(answer, dict) else None
        uid = text(job.get("uid")) if isinstance(job, dict) else ""
        if not uid:
            raise OutcomeUnknown(
                self.source, "It accepted the job and did not say under which uid."
            )
        return uid

    def job_result(self, job_uid: str, device_uid: str) -> Row | None:
        """What became of a job on a device; None as long as there is no result, which Datto answers with 404."""
        try:
            answer = self.http.get_json(f"api/v2/job/{job_uid}/results/{device_uid}")
        except VendorNotFound:
            return None
        return row(self.source, answer, "job result")

    def job_output(self, job_uid: str, device_uid: str, *, stream: str = "stdout") -> list[Row]:
        """The output of a job's components: `stream` is stdout or stderr."""
        path = f"api/v2/job/{job_uid}/results/{device_uid}/{stream}"
        try:
            answer = self.http.get_json(path)
        except VendorNotFound:
            return []
        return rows(self.source, answer, "job outputs")

    # The account's log.

    def job_activities(self, since: datetime, until: datetime) -> list[Row]:
        """What the log says of jobs on devices, oldest first."""
        params: dict[str, str | int | list[str]] = {
            "from": _stamp(since),
            "until": _stamp(until),
            "entities": "device",
            "categories": "job",
            "order": "asc",
            "size": 100,
        }
        found: list[Row] = []
        answer = self.http.get_json("api/v2/activity-logs", params=params)
        for _ in range(_MAX_PAGES):
            page = row(self.source, answer, "page of the log")
            found += rows(self.source, page.get("activities"), "activities")
            details = page.get("pageDetails")
            following = text(details.get("nextPageUrl")) if isinstance(details, dict) else ""
            if not following:
                return found
            answer = self.http.get_json(following)
        raise MalformedAnswer(self.source, "The log does not end.")


def sign_in(http: Http, key: str, secret: str) -> Token:
    """A token for an API key: a password grant of Datto's public client."""
    form = {"grant_type": "password", "username": key, "password": secret}
    call = Call(method="POST", path="auth/oauth/token", headers=_PUBLIC_CLIENT, form=form)
    try:
        return read_token(http.source, http.read(call))
    except (VendorAuthError, VendorRefused) as failure:
        raise refused_sign_in(failure, _SIGN_IN_REMEDY) from failure


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
