"""Calls to one service: reads that try again within limits, writes that are made once."""

import ssl
import time
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import requests

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorBusy,
    VendorDown,
    VendorError,
)
from integrations.http import answer as answers
from integrations.http.answer import Answer
from integrations.http.failure import TRANSIENT, Health, in_words, not_reached, worth_another
from integrations.http.pace import Pace
from integrations.http.patience import Patience
from integrations.http.tls import Sessions, forget_request, request_left

#: Headers that authorize a call. Asked with True after the service refused what was given last.
Authorize = Callable[[bool], Mapping[str, str]]
Params = Mapping[str, str | int | list[str]]

#: Seconds to connect, and seconds of silence while reading.
TIMEOUTS = (5.0, 30.0)

_T = TypeVar("_T")
_UNAUTHORIZED = 401
_BUSY = 429


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request as asked for. `path` is appended to the base URL, or a whole URL on the same host."""

    method: str = "GET"
    path: str
    params: Params | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None


class Http:
    """One service at one address. Raises only VendorError and its kinds; `source` is its name in them."""

    def __init__(
        self,
        *,
        source: str,
        base_url: str,
        context: ssl.SSLContext,
        authorize: Authorize | None = None,
        pace: Pace | None = None,
        patience: Patience | None = None,
        timeouts: tuple[float, float] = TIMEOUTS,
        sleep: Callable[[float], None] = time.sleep,
        unsaid_wait: timedelta | None = None,
        unwrap: Callable[[Answer], Answer] | None = None,
    ) -> None:
        """`unwrap` is for a service whose real status stands in the body: it gives the answer with that one.

        `unsaid_wait` is what a 429 without Retry-After asks for; None leaves that to `patience`.
        """
        if urlsplit(base_url).scheme != "https":
            raise ValueError(f"{base_url} is not an https address")
        self.source = source
        self.base_url = base_url.rstrip("/")
        self.sessions = Sessions(context)
        self._authorize = authorize
        self._pace = pace
        self.patience = patience or Patience()
        self._timeouts = timeouts
        self.sleep = sleep
        self._unsaid_wait = unsaid_wait
        self._unwrap = unwrap
        self._health = Health(source)

    def with_authorization(self, authorize: Authorize) -> Self:
        """The same service spoken to with other credentials; connections and health are shared."""
        sibling = copy(self)
        sibling._authorize = authorize  # noqa: SLF001 - a copy of ourselves
        return sibling

    def authorize(self) -> None:
        """Get what authorizes calls, where it is not at hand yet. Raises VendorError."""
        if self._authorize is not None:
            self._authorize(False)

    def get_json(
        self,
        path: str,
        *,
        params: Params | None = None,
        pace: Pace | None = None,
    ) -> Any:
        """GET and parse. Tries again after 429, 5xx, lost connections and broken answers."""
        return self.read(Call(path=path, params=params), pace=pace)

    def read(self, call: Call, *, pace: Pace | None = None) -> Any:
        """Any call that changes nothing (a POST too), parsed; None where the body is empty."""
        return self._repeated(self._read_once, call, pace, worth_another)

    def read_whole(self, call: Call) -> Answer:
        """As `read`, for answers whose headers matter too."""
        return self._repeated(self._read_whole_once, call, None, worth_another)

    def ask(self, call: Call, *, pace: Pace | None = None) -> Answer:
        """As `read`, but a refusal that another try would not change is an answer too."""
        return self._repeated(self._ask_once, call, pace, worth_another)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        not_done: Collection[int] = (),
        pace: Pace | None = None,
    ) -> Answer:
        """A write, made once. The answer is a 2xx whose body is empty or JSON.

        `not_done` lists statuses at which this vendor surely did nothing: only those are tried again, as a
        read would be. Raises VendorDown only where the request never left, VendorBusy for 429 (not carried
        out), OutcomeUnknown for everything cut off, 5xx, and a 2xx that cannot be understood.
        """
        call = Call(method=method, path=path, headers=headers or {}, json=json)
        return self._repeated(self._send_once, call, pace, lambda f: f.status in not_done)

    def _repeated(
        self,
        once: Callable[[Call, Pace | None], _T],
        call: Call,
        pace: Pace | None,
        again: Callable[[VendorError], bool],
    ) -> _T:
        call = replace(call, path=self._url(call.path))
        pace = pace or self._pace
        tried = 0
        while True:
            tried += 1
            try:
                result = once(call, pace)
            except VendorError as failure:
                if tried >= self.patience.tries or not again(failure) or self._too_long(failure):
                    self._health.failed(failure)
                    raise
                wait = self._rest(failure, tried, pace)
            else:
                self._health.answered()
                return result
            self.sleep(wait)

    def _too_long(self, failure: VendorError) -> bool:
        asked = _asked(failure)
        return asked is not None and asked > self.patience.longest_wait

    def _rest(self, failure: VendorError, tried: int, pace: Pace | None) -> float:
        """Seconds before the next try; others at the same pace wait for what the service asked."""
        backoff, asked = self.patience.backoff(tried), _asked(failure)
        if asked is None:
            return backoff.total_seconds()
        if pace is not None:
            pace.hold(asked)
        return (asked + backoff * 0.1).total_seconds()

    def _read_once(self, call: Call, pace: Pace | None) -> Any:
        answer = self._ask_once(call, pace)
        if not answer.ok:
            raise self._error(answer)
        return self._parsed(answer)

    def _read_whole_once(self, call: Call, pace: Pace | None) -> Answer:
        answer = self._ask_once(call, pace)
        if not answer.ok:
            raise self._error(answer)
        self._parsed(answer)
        return answer

    def _parsed(self, answer: Answer) -> Any:
        try:
            return answer.json()
        except ValueError as failure:
            words = "The answer is not JSON."
            raise MalformedAnswer(self.source, words, status=answer.status) from failure

    def _ask_once(self, call: Call, pace: Pace | None) -> Answer:
        try:
            answer = self._authorized(self.sessions.mine(), call, pace)
        except requests.RequestException as failure:
            raise not_reached(self.source, failure) from failure
        if answer.status in TRANSIENT or answer.status >= requests.codes.server_error:
            raise self._error(answer)
        return answer

    def _send_once(self, call: Call, pace: Pace | None) -> Answer:
        # A connection of its own: on a kept one, the server's idle close looks like a lost answer.
        with self.sessions.fresh() as session:
            try:
                answer = self._authorized(session, call, pace)
            except requests.RequestException as failure:
                if request_left():
                    raise OutcomeUnknown(self.source, in_words(failure)) from failure
                raise not_reached(self.source, failure) from failure
            except MalformedAnswer as failure:
                raise OutcomeUnknown(self.source, failure.reason) from failure
        return self._carried_out(answer)

    def _carried_out(self, answer: Answer) -> Answer:
        if not answer.ok:
            raise self._refusal(answer)
        try:
            answer.json()
        except ValueError as failure:
            words = "It answered something that is not JSON."
            raise OutcomeUnknown(self.source, words, status=answer.status) from failure
        return answer

    def _error(self, answer: Answer) -> VendorError:
        failure = answers.error(self.source, answer)
        if isinstance(failure, VendorBusy) and failure.wait is None:
            failure.wait = self._unsaid_wait
        return failure

    def _refusal(self, answer: Answer) -> VendorError:
        failure = self._error(answer)
        doubtful = isinstance(failure, VendorDown) or answer.status in TRANSIENT - {_BUSY}
        if not doubtful:
            return failure
        return OutcomeUnknown(self.source, failure.reason, status=answer.status, code=failure.code)

    def _authorized(self, session: requests.Session, call: Call, pace: Pace | None) -> Answer:
        """The answer; after a 401, at which no service carries anything out, with fresh credentials."""
        answer = self._exchange(session, call, pace, fresh=False)
        if answer.status == _UNAUTHORIZED and self._authorize is not None:
            answer = self._exchange(session, call, pace, fresh=True)
        return answer

    def _exchange(
        self, session: requests.Session, call: Call, pace: Pace | None, *, fresh: bool
    ) -> Answer:
        given = self._authorize(fresh) if self._authorize is not None else {}
        if pace is not None:
            pace.wait()
        forget_request()
        with session.request(
            call.method,
            call.path,
            params=call.params,
            headers={"Accept": "application/json", **call.headers, **given},
            json=call.json,
            data=call.form,
            timeout=self._timeouts,
            allow_redirects=False,
            stream=True,
        ) as response:
            answer = answers.take(self.source, response)
        return answer if self._unwrap is None else self._unwrap(answer)

    def _url(self, path: str) -> str:
        if "://" not in path:
            return f"{self.base_url}/{path.lstrip('/')}"
        ours, theirs = urlsplit(self.base_url), urlsplit(path)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise MalformedAnswer(
                self.source, f"It sends us to another host, {theirs.netloc[:100]}; not followed."
            )
        return path


def _asked(failure: VendorError) -> timedelta | None:
    return failure.wait if isinstance(failure, VendorBusy) else None
