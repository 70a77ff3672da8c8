"""Action1's HTTP API 3.0, as JSON rows: sign-in, pages, endpoints, updates, and the run of an automation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorAuthError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
)
from core.ports import Clock
from integrations.http import Call, Http
from integrations.rmm.action1.mapping import whole_number
from integrations.rmm.bearer import Bearer, Token, read_token, refused_sign_in
from integrations.rmm.rows import Row, name, row, rows, text

#: Rows asked for at once: what Action1's own PowerShell module asks for. No maximum is described.
PAGE = 200

_API = "api/3.0"
_MAX_PAGES = 10_000
#: A list that moved while it was read is read once more.
_READINGS = 2
#: Instances that are looked through for one of ours, newest first.
_RECENT = 50

_SIGN_IN_REMEDY = (
    "Check client_id, client_secret and base_url (the region you sign in at): Configuration > Users & API "
    "Credentials makes a new secret."
)

_Asked = dict[str, str | int | list[str]]


@dataclass(frozen=True, kw_only=True)
class Action1Api:
    """Speaks to one enterprise with credentials for reading and, where there are, some for running automations.

    Everything raises VendorError.
    """

    reading: Http
    writing: Http | None = None
    #: "automations" or "policies": two names of one thing, with `endpoint-results` and `endpoint_results`.
    instances_path: str = "automations"

    @property
    def source(self) -> str:
        return self.reading.source

    # Reading.

    def organizations(self) -> list[Row]:
        return self._list("organizations", "organizations")

    def endpoints(self, organisation: str) -> list[Row]:
        """An organisation's endpoints, with the counts of what they miss."""
        path = f"endpoints/managed/{_part(organisation)}"
        return self._list(path, "endpoints", {"fields": "*"})

    def endpoint(self, organisation: str, endpoint: str) -> Row | None:
        """One endpoint; None where the organisation has none of that id, or is none of ours.

        Action1's gateway says "forbidden" to organisations out of our reach and to those that are not there.
        """
        path = f"{_API}/endpoints/managed/{_part(organisation)}/{_part(endpoint)}"
        try:
            answer = self.reading.get_json(path, params={"fields": "*"})
        except VendorNotFound:
            return None
        except VendorForbidden:
            if any(item.get("id") == organisation for item in self.organizations()):
                raise
            return None
        return row(self.source, answer, "endpoint")

    def updates(self, organisation: str) -> list[Row]:
        """The packages that anything in an organisation misses, each with the versions that are missed."""
        path = f"updates/{_part(organisation)}"
        return self._list(path, "missing updates", {"fields": "*"})

    def missing_updates(self, organisation: str, endpoint: str) -> list[Row]:
        """The packages that one endpoint misses."""
        path = f"endpoints/managed/{_part(organisation)}/{_part(endpoint)}/missing-updates"
        return self._list(path, "missing updates")

    def endpoints_missing(self, organisation: str, package: str, version_id: str) -> list[str]:
        """The ids of the endpoints that miss one version of a package."""
        path = (
            f"updates/{_part(organisation)}/{_part(package)}/versions/{_part(version_id)}/endpoints"
        )
        found = self._list(path, "endpoints of an update")
        return [name(self.source, item, "id", "endpoints of an update") for item in found]

    # Automations.

    def recent_instances(self, organisation: str, endpoint: str) -> list[Row]:
        """The newest runs of automations on an endpoint."""
        params: _Asked = {"endpoint_id": endpoint, "limit": _RECENT, "from": 0}
        answer = self.reading.get_json(self._instances(organisation), params=params)
        page = row(self.source, answer, "list of automations")
        return rows(self.source, page.get("items"), "automations")

    def result(self, organisation: str, instance: str, endpoint: str) -> Row | None:
        """What a run came to on one endpoint; None where nothing is told of it yet."""
        word = "endpoint-results" if self.instances_path == "automations" else "endpoint_results"
        path = f"{self._instances(organisation)}/{_part(instance)}/{word}"
        found = self._list(path.removeprefix(f"{_API}/"), "results")
        ours = (item for item in found if endpoint in (item.get("id"), item.get("endpoint_id")))
        return next(ours, None)

    def deploy(
        self, organisation: str, endpoint: str, packages: Sequence[tuple[str, str]], **order: str
    ) -> str:
        """Have an endpoint install these versions of packages now, restarting nothing; gives the run's id.

        `order`: name and retry_minutes. Not repeatable: see Http.send.
        """
        body = {
            **order,
            "endpoints": [{"id": endpoint, "type": "Endpoint"}],
            "actions": [_deploy_action(packages)],
        }
        answer = self._writer().send("POST", self._instances(organisation), json=body).json()
        instance = text(answer.get("id")) if isinstance(answer, dict) else ""
        if not instance:
            raise OutcomeUnknown(
                self.source, "It accepted the automation and did not name its run."
            )
        return instance

    def _instances(self, organisation: str) -> str:
        return f"{_API}/{self.instances_path}/instances/{_part(organisation)}"

    def _writer(self) -> Http:
        if self.writing is None:
            raise VendorForbidden(
                self.source, "No credentials for running automations are configured."
            )
        return self.writing

    # Pages.

    def _list(self, path: str, what: str, asked: Mapping[str, str] | None = None) -> list[Row]:
        """All rows. Pages are counted off, so rows that came or went meanwhile shift the rest: read anew then."""
        for _ in range(_READINGS):
            found, total = self._pages(f"{_API}/{path}", what, asked or {})
            keys = {_key(item) for item in found}
            if len(keys) == len(found) >= total:
                return found
        raise MalformedAnswer(self.source, f"Only {len(keys)} of {total} {what} were delivered.")

    def _pages(self, path: str, what: str, asked: Mapping[str, str]) -> tuple[list[Row], int]:
        """All rows as delivered, and the total that was told last (0 where none is).

        Some lists name the next page, some tell a total only; a server with a lower limit gives less than
        it is asked for, which ends nothing.
        """
        found: list[Row] = []
        for _ in range(_MAX_PAGES):
            params: _Asked = {**asked, "from": len(found), "limit": PAGE}
            page = row(self.source, self.reading.get_json(path, params=params), what)
            delivered = rows(self.source, page.get("items"), what)
            found += delivered
            total = whole_number(page.get("total_items"))
            more = bool(page.get("next_page")) if total is None else len(found) < total
            if not delivered or not more:
                return found, total or 0
        raise MalformedAnswer(self.source, f"The list of {what} does not end.")


def _deploy_action(packages: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "name": "Deploy Update",
        "template_id": "deploy_update",
        "params": {
            "display_summary": f"{len(packages)} approved in chat",
            "scope": "Specified",
            "packages": [{package: version} for package, version in packages],
            "update_approval": "manual",
            "reboot_options": {"auto_reboot": "no"},
        },
    }


def bearer(http: Http, client_id: str, secret: str, clock: Clock) -> Bearer:
    return Bearer(_sign_in(http, client_id, secret), clock)


def _sign_in(http: Http, client_id: str, secret: str) -> Callable[[], Token]:
    def fetch() -> Token:
        form = {"client_id": client_id, "client_secret": secret}
        call = Call(method="POST", path=f"{_API}/oauth2/token", form=form)
        try:
            answer = http.read(call)
        except (VendorAuthError, VendorForbidden, VendorRefused) as failure:
            raise refused_sign_in(failure, _SIGN_IN_REMEDY) from failure
        if isinstance(answer, dict):
            answer = {**answer, "expires_in": whole_number(answer.get("expires_in"))}
        return read_token(http.source, answer)

    return fetch


def _part(value: str) -> str:
    return quote(value, safe="")


def _key(item: Row) -> str:
    return text(item.get("id")) or repr(item)
