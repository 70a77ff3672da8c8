"""Kaseya VSA 9's REST API v1.0, as JSON rows: the lists, what each agent misses, one trigger.

`scannow` is not here and never called: it is reported to remove a machine's recurring patch scan.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorError,
    VendorForbidden,
    VendorRefused,
)
from integrations.http import Http
from integrations.rmm.rows import Row, row, rows
from integrations.rmm.vsa9.envelope import is_success, result

#: No limit is published; eight calls at once were seen to be fine. The rest of them is for jobs.
AT_ONCE = 6
#: Rows a list gives at most.
PAGE_MAX = 100

_BASE = "api/v1.0"
#: More pages than any server has: a list that goes on beyond them does not end at all.
_MAX_PAGES = 10_000
_REDIRECTS = range(300, 400)
_REDIRECT_REMEDY = (
    "Correct base_url, or set trailing_slash = true for this account: this server sends paths without "
    "their last slash elsewhere, and a redirect drops the session."
)


def path_of(path: str, *, slash: bool) -> str:
    return f"{_BASE}/{path}{'/' if slash else ''}"


@dataclass(frozen=True, kw_only=True)
class Vsa9Api:
    """Speaks to one VSA 9 server with a user for reading and, where there is one, a user for writing.

    Everything raises VendorError. Ids are digits as text: an agent's has up to 26 of them.
    """

    reading: Http
    writing: Http | None = None
    slash: bool = False

    @property
    def source(self) -> str:
        return self.reading.source

    def organisations(self) -> list[Row]:
        return list(self._pages("system/orgs", "organisations", {"$orderby": "OrgId"}))

    def machine_groups(self) -> list[Row]:
        return list(
            self._pages("system/machinegroups", "machine groups", {"$orderby": "MachineGroupId"})
        )

    def agents(self) -> list[Row]:
        return list(self._pages("assetmgmt/agents", "agents", {"$orderby": "AgentId"}))

    def agent(self, agent_id: str) -> list[Row]:
        """The one agent of that id; none where there is no such agent (any more)."""
        asked = {"$filter": of_agent(agent_id)}
        return list(self._pages("assetmgmt/agents", "agents", asked))

    def patch_status(self, agent_id: str) -> Row:
        """When an agent was last scanned, and whether a restart is pending."""
        body = self._get(f"assetmgmt/patch/{agent_id}/status", {})
        told, _ = result(self.source, body, "patch status")
        # Seen as an object and as a list that holds it.
        return row(
            self.source, told[0] if isinstance(told, list) and told else told, "patch status"
        )

    def missing(self, agent_id: str, *, hide_denied: bool) -> list[Row]:
        """What an agent lacks. Hidden are updates that were denied and those nobody has approved yet."""
        path = f"assetmgmt/patch/{agent_id}/machineupdate/{str(hide_denied).lower()}"
        return list(self._pages(path, "missing updates", {}))

    def history(self, agent_id: str) -> list[Row]:
        """What an agent has installed."""
        return list(self._pages(f"assetmgmt/patch/{agent_id}/history", "patch history", {}))

    def schedule(self, agent_id: str, patch_ids: Sequence[int]) -> None:
        """Have one agent install these updates as soon as may be. Not repeatable: see Http.send.

        A machine that is off by then is left alone, and not switched on for it.
        """
        if self.writing is None:
            raise VendorForbidden(self.source, "No user for writing is configured.")
        order = {
            "ServerTimeZone": True,
            "SkipIfOffLine": True,
            "PowerUpIfOffLine": False,
            "PatchIds": list(patch_ids),
        }
        path = path_of(f"assetmgmt/patch/{agent_id}/schedule", slash=self.slash)
        with _redirects_named(self.source, written=True):
            answer = self.writing.send("PUT", path, json=order)
        if not is_success(answer.json()):
            raise OutcomeUnknown(
                self.source, "It answered the order with something unintelligible."
            )

    def _pages(self, path: str, what: str, asked: Mapping[str, str]) -> Iterator[Row]:
        """All rows: as many as the list itself says there are; where it does not, to the first short page."""
        read, found, total = 0, list[Row](), None
        for _ in range(_MAX_PAGES):
            found, total = self._page(path, what, {**asked, "$top": PAGE_MAX, "$skip": read})
            if not found and read == 0 and total:
                # A few lists give nothing at all once they are asked for a page.
                found, total = self._page(path, what, asked)
            yield from found
            read += len(found)
            if not found or (read >= total if total is not None else len(found) < PAGE_MAX):
                break
        else:
            raise MalformedAnswer(self.source, f"The list of {what} does not end.")
        if total is not None and read < total:
            raise MalformedAnswer(self.source, f"The list of {what} gave {read} of {total} rows.")

    def _page(
        self, path: str, what: str, params: Mapping[str, str | int]
    ) -> tuple[list[Row], int | None]:
        told, total = result(self.source, self._get(path, params), what)
        return rows(self.source, [] if told is None else told, what), total

    def _get(self, path: str, params: Mapping[str, str | int]) -> object:
        with _redirects_named(self.source):
            answer: object = self.reading.get_json(path_of(path, slash=self.slash), params=params)
            return answer


def of_agent(agent_id: str) -> str:
    """The condition for one agent: ids are decimals to the server, whose literals end with an M."""
    return f"AgentId eq {agent_id}M"


@contextmanager
def _redirects_named(source: str, *, written: bool = False) -> Iterator[None]:
    """Say what a redirect means here. A write that was sent elsewhere was not carried out."""
    try:
        yield
    except VendorError as failure:
        if failure.status not in _REDIRECTS:
            raise
        kind = VendorRefused if written else VendorError
        raise kind(
            source, failure.reason, remedy=_REDIRECT_REMEDY, status=failure.status
        ) from failure
