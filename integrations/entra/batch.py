"""Up to 20 calls in one: every item has a fate of its own, whatever the whole was answered."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from core.errors import OutcomeUnknown, VendorError
from integrations.entra.api import SOURCE, GraphApi, Json, Version
from integrations.http import Answer
from integrations.http import answer as answers

SIZE = 20

#: Reads answered so are asked again; of writes only those that were surely not carried out.
_THROTTLED = 429
_AGAIN_READ = frozenset({424, _THROTTLED, 500, 502, 503, 504})
_AGAIN_WRITE = frozenset({_THROTTLED})

#: Of a write: it may have been carried out.
_DOUBTFUL = _AGAIN_READ - _AGAIN_WRITE

#: What an item counts as that is missing from the answer.
_MISSING = 502

#: The object an item was answered with, or the error it ended as.
Outcome = Json | VendorError

#: Makes one call of some URLs.
_Send = Callable[[Sequence[str]], Json]
_Item = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Batches:
    """Sends batches to one version of Graph. `urls` are relative to it, by keys of the caller's choice."""

    api: GraphApi
    version: Version = "v1.0"

    def get(self, urls: Mapping[str, str]) -> dict[str, Outcome]:
        """GET every URL. Raises VendorError where the first batches as a whole fail."""
        ended = self._run(urls, self._ask, _AGAIN_READ, at_once=True)
        return {key: _read(end) for key, end in ended.items()}

    def whole(self, end: Outcome) -> list[Json] | VendorError:
        """All rows of a collection whose first page came as an item, or the error that cut them short."""
        if isinstance(end, VendorError):
            return end
        try:
            return self.api.rest(end)
        except VendorError as failure:
            return failure

    def post(self, urls: Mapping[str, str]) -> dict[str, Outcome]:
        """POST to every URL once, without bodies; what Graph wants made later is made later, within limits.

        An item whose fate is not told ends as OutcomeUnknown. Raises as GraphApi.write does where the first
        batch as a whole is lost; of a later one, its items end with that error.
        """
        ended = self._run(urls, self._change, _AGAIN_WRITE, at_once=False)
        return {key: _carried_out(end) for key, end in ended.items()}

    def patch(self, urls: Mapping[str, str], body: Json) -> dict[str, Outcome]:
        """PATCH every URL with the same body; otherwise like `post`."""
        send = partial(self._change, method="PATCH", body=body)
        ended = self._run(urls, send, _AGAIN_WRITE, at_once=False)
        return {key: _carried_out(end) for key, end in ended.items()}

    def _run(
        self, urls: Mapping[str, str], send: _Send, again: frozenset[int], *, at_once: bool
    ) -> dict[str, Answer | VendorError]:
        """Items that failed for the moment go once more, together with the next ones.

        Batches go side by side where `at_once`, until an item is throttled: from then on one at a time.
        """
        ended: dict[str, Answer | VendorError] = {}
        tries: Counter[str] = Counter()
        while waiting := {key: url for key, url in urls.items() if key not in ended}:
            answered, failure = self._sent(waiting, send, at_once=at_once)
            if failure is not None and not answered and not tries:
                raise failure
            tries.update(answered.keys())
            later = self._later(answered, tries, again)
            ended |= {key: answer for key, answer in answered.items() if key not in later}
            if failure is not None:
                return ended | {key: failure for key in urls if key not in ended}
            at_once = at_once and not later
            self._rest(later, tries)
        return ended

    def _sent(
        self, urls: Mapping[str, str], send: _Send, *, at_once: bool
    ) -> tuple[dict[str, Answer], VendorError | None]:
        """What the next batch, or all of them, brought, and how one of them failed as a whole."""
        batches = [dict(batch) for batch in _packed(list(urls.items()))]
        round_ = _Round(send)
        jobs = [partial(round_.take, batch) for batch in (batches if at_once else batches[:1])]
        self.api.parallel(jobs)
        return round_.answered, round_.failure

    def _later(
        self, answered: Mapping[str, Answer], tries: Counter[str], again: frozenset[int]
    ) -> dict[str, Answer]:
        """What is worth another try: not too often, and not after a longer wait than our patience."""
        return {
            key: answer
            for key, answer in answered.items()
            if answer.status in again
            and tries[key] < self.api.http.patience.tries
            and _asked(answer) <= self.api.http.patience.longest_wait
        }

    def _rest(self, later: Mapping[str, Answer], tries: Counter[str]) -> None:
        """Wait as long as the most demanding item asks."""
        if later:
            backoff = self.api.http.patience.backoff(max(tries[key] for key in later))
            wait = max(backoff, *(_asked(answer) for answer in later.values()))
            self.api.http.sleep(wait.total_seconds())

    def _ask(self, urls: Sequence[str]) -> Json:
        return self.api.post_read("/$batch", _body("GET", urls), version=self.version)

    def _change(
        self, urls: Sequence[str], *, method: str = "POST", body: Json | None = None
    ) -> Json:
        items = _body(method, urls, body)
        answer = self.api.write("POST", "/$batch", items, version=self.version)
        parsed = answer.json()
        if not isinstance(parsed, dict) or not isinstance(parsed.get("responses"), list):
            raise OutcomeUnknown(SOURCE, "A batch was answered without its items.")
        return parsed


def _packed(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), SIZE):
        yield items[start : start + SIZE]


@dataclass(slots=True)
class _Round:
    """Batches on their way; those that have not left stay where Graph no longer wants them."""

    send: _Send
    answered: dict[str, Answer] = field(default_factory=dict)
    failure: VendorError | None = None
    throttled: bool = False

    def take(self, urls: Mapping[str, str]) -> None:
        if self.throttled or self.failure is not None:
            return
        try:
            answered = _answers(self.send(list(urls.values())), list(urls))
        except VendorError as failure:
            self.failure = failure
            return
        self.answered.update(answered)
        if any(answer.status == _THROTTLED for answer in answered.values()):
            self.throttled = True


def _asked(answer: Answer) -> timedelta:
    return answer.wait() or timedelta(0)


def _body(method: str, urls: Sequence[str], body: Json | None = None) -> Json:
    """Items that write must have a body and its type, even where there is nothing to say."""
    typed = {"headers": {"Content-Type": "application/json"}, "body": body or {}}
    extra = {} if method == "GET" else typed
    return {
        "requests": [
            {"id": str(number), "method": method, "url": url, **extra}
            for number, url in enumerate(urls)
        ]
    }


def _answers(body: Json, keys: Sequence[str]) -> dict[str, Answer]:
    """The items by our keys, in whatever order they came."""
    rows = body.get("responses")
    found = {
        str(row.get("id")): row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    }
    return {key: _answer(found.get(str(number), {})) for number, key in enumerate(keys)}


def _answer(row: Mapping[str, Any]) -> Answer:
    status, headers, body = row.get("status"), row.get("headers"), row.get("body")
    return Answer(
        status=status if isinstance(status, int) else _MISSING,
        headers={str(name).title(): str(value) for name, value in headers.items()}
        if isinstance(headers, dict)
        else {},
        body=b"" if body is None else json.dumps(body).encode(),
    )


def _read(end: Answer | VendorError) -> Outcome:
    if isinstance(end, VendorError):
        return end
    if not end.ok:
        return answers.error(SOURCE, end)
    body = end.json()
    return body if isinstance(body, dict) else {}


def _carried_out(end: Answer | VendorError) -> Outcome:
    """Of a failing server nobody knows what it did before it failed."""
    if isinstance(end, Answer) and end.status in _DOUBTFUL:
        return OutcomeUnknown(SOURCE, f"HTTP {end.status}", status=end.status)
    return _read(end)
