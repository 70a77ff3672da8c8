"""Atera's API v3, as JSON rows: customers and agents page by page, and one agent's updates."""

from dataclasses import dataclass
from urllib.parse import quote

from core.errors import MalformedAnswer, VendorNotFound
from integrations.http import Http
from integrations.rmm.refused_key import key_named
from integrations.rmm.rows import Row, count, row, rows

#: The most that Atera's users are known to have asked for.
PAGE = 50
_MAX_PAGES = 10_000
#: Agents asked about side by side; the limit of requests is the true bound.
AT_ONCE = 4

_AGENTS = "api/v3/agents"
_KEY_REMEDY = (
    "Check api_key (the secret of Admin > API; it may have expired, been revoked, or be limited to "
    "other addresses)."
)


@dataclass(frozen=True, kw_only=True)
class AteraApi:
    """Speaks to one Atera account with one key. Everything raises VendorError."""

    http: Http

    @property
    def source(self) -> str:
        return self.http.source

    def customers(self) -> list[Row]:
        return self._pages("api/v3/customers", "customers")

    def agents(self) -> list[Row]:
        """All agents of all customers."""
        return self._pages(_AGENTS, "agents")

    def agent(self, agent_id: str) -> Row | None:
        """One agent; None where there is none."""
        try:
            return row(self.source, self._get(f"{_AGENTS}/{agent_id}"), "agent")
        except VendorNotFound:
            return None

    def available(self, guid: str) -> list[Row]:
        """The updates one agent found to be missing."""
        return self._updates(guid, "available-patches")

    def installed(self, guid: str) -> list[Row]:
        return self._updates(guid, "installed-patches")

    def _updates(self, guid: str, what: str) -> list[Row]:
        """The one list of an answer, under whatever name: it is not the same in all that is said of it."""
        answer = row(self.source, self._get(f"{_AGENTS}/{quote(guid, safe='')}/{what}"), what)
        lists = [value for value in answer.values() if isinstance(value, list)]
        if len(lists) != 1:
            raise MalformedAnswer(self.source, f"The answer to {what} has {len(lists)} lists.")
        return rows(self.source, lists[0], what)

    def _pages(self, path: str, what: str) -> list[Row]:
        """All pages. Raises MalformedAnswer where they hold fewer rows than told, or none is told to be the last."""
        found: list[Row] = []
        for number in range(1, _MAX_PAGES):
            page = row(self.source, self._get(path, page=number, itemsInPage=PAGE), "page")
            found += rows(self.source, page.get("items"), what)
            last, total = count(page.get("totalPages")), count(page.get("totalItemCount"))
            if last is None or total is None:
                raise MalformedAnswer(
                    self.source, f"The list of {what} does not say how long it is."
                )
            if number >= last:
                if len(found) < total:
                    words = f"The list of {what} has {len(found)} of {total} rows."
                    raise MalformedAnswer(self.source, words)
                return found
        raise MalformedAnswer(self.source, f"The list of {what} does not end.")

    def _get(self, path: str, **params: int) -> object:
        with key_named(_KEY_REMEDY):
            asked = {name: str(value) for name, value in params.items()}
            answer: object = self.http.get_json(path, params=asked)
            return answer
