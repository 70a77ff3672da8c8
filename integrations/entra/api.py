"""Microsoft Graph's verbs for one tenant and one app: JSON in, JSON out, pages to the end."""

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from core.errors import MalformedAnswer, VendorError
from core.ports import Lanes
from integrations.http import Answer, Call, Http, Pace
from integrations.http.calls import Params

log = logging.getLogger(__name__)

SOURCE = "Entra"
Json = dict[str, Any]
Version = Literal["v1.0", "beta"]
#: Whom Graph throttles first: scans are low, what a person waits for is high.
Priority = Literal["low", "normal", "high"]

#: Graph rejects these before it does anything.
NOT_DONE = frozenset({429})

_T = TypeVar("_T")


class InTurn:
    """One read after the other."""

    def __call__(self, jobs: Sequence[Callable[[], _T]]) -> list[_T]:
        return [job() for job in jobs]

    def start(self, job: Callable[[], _T]) -> Callable[[], _T]:
        """Nothing begins before its result is asked for."""
        return job


IN_TURN = InTurn()


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphApi:
    """`http` is authorized for the tenant already; `root` is the Graph host's address."""

    http: Http
    priority: Priority
    parallel: Lanes = IN_TURN

    @property
    def root(self) -> str:
        return self.http.base_url

    def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        version: Version = "v1.0",
        pace: Pace | None = None,
    ) -> Json:
        """One object. `path` starts with a slash."""
        call = Call(path=f"/{version}{path}", params=params, headers=self._headers())
        return _object(self._logged(call, lambda: self.http.read(call, pace=pace)))

    def rows(
        self,
        path: str,
        params: Params | None = None,
        *,
        version: Version = "v1.0",
        pace: Pace | None = None,
    ) -> list[Json]:
        """All rows of a collection, or an error: never a part of them."""
        return [
            row for page in self.pages(path, params, version=version, pace=pace) for row in page
        ]

    def pages(
        self,
        path: str,
        params: Params | None = None,
        *,
        version: Version = "v1.0",
        pace: Pace | None = None,
    ) -> Iterator[list[Json]]:
        """The same page by page: whoever stops before the end has but a part."""
        yield from self._pages(self.get(path, params, version=version, pace=pace), pace)

    def rest(self, page: Json, *, pace: Pace | None = None) -> list[Json]:
        """All rows from a first page that came some other way (in a batch) to the end."""
        return [row for rows in self._pages(page, pace) for row in rows]

    def post_read(
        self, path: str, body: Json, *, version: Version = "v1.0", pace: Pace | None = None
    ) -> Json:
        """A POST that changes nothing, such as a batch of reads."""
        call = Call(method="POST", path=f"/{version}{path}", json=body, headers=self._headers())
        return _object(self._logged(call, lambda: self.http.read(call, pace=pace)))

    def write(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        version: Version = "v1.0",
        pace: Pace | None = None,
    ) -> Answer:
        """A change, made once; see Http.send for what is raised when."""
        call = Call(method=method, path=f"/{version}{path}", json=body, headers=self._headers())
        return self._logged(
            call,
            lambda: self.http.send(
                method, call.path, json=body, headers=call.headers, not_done=NOT_DONE, pace=pace
            ),
        )

    def _pages(self, page: Json, pace: Pace | None) -> Iterator[list[Json]]:
        """A page may be empty and still have a next one. The link is used as it is, on our host only."""
        seen: set[str] = set()
        while True:
            yield _rows(page)
            link = page.get("@odata.nextLink")
            if link is None:
                return
            if not isinstance(link, str) or link in seen:
                raise MalformedAnswer(SOURCE, "Its pages lead in a circle.")
            seen.add(link)
            call = Call(path=link, headers=self._headers())
            page = _object(self._logged(call, lambda call=call: self.http.read(call, pace=pace)))  # type: ignore[misc]

    def _headers(self) -> dict[str, str]:
        return {
            "client-request-id": str(uuid.uuid4()),
            "x-ms-throttle-priority": self.priority,
        }

    def _logged(self, call: Call, make: Callable[[], _T]) -> _T:
        """Microsoft's support asks for the request id of what failed."""
        try:
            return make()
        except VendorError as failure:
            log.info(
                "%s %s: %s (client-request-id %s)",
                call.method,
                call.path.partition("?")[0],
                failure.reason,
                call.headers["client-request-id"],
            )
            raise


def _object(parsed: Any) -> Json:
    if not isinstance(parsed, dict):
        raise MalformedAnswer(SOURCE, "The answer is not an object.")
    return parsed


def _rows(page: Mapping[str, Any]) -> list[Json]:
    rows = page.get("value")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MalformedAnswer(SOURCE, "A page of the answer holds no rows.")
    return rows
