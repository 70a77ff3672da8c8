"""What a failed connection is called, whether a read is worth another try, and one log line per outage."""

import logging
import ssl
import threading
from collections.abc import Iterator

import requests

from core.errors import (
    MalformedAnswer,
    OutcomeUnknown,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorUntrusted,
)

log = logging.getLogger(__name__)

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})


def worth_another(failure: VendorError) -> bool:
    """Whether the same read may succeed if it is made again soon: no certificate gets better by that.

    An answer that could not be parsed has a status; one that broke our limits has none and stays broken.
    """
    if isinstance(failure, VendorUntrusted):
        return False
    if isinstance(failure, MalformedAnswer):
        return failure.status is not None
    return isinstance(failure, VendorDown | VendorBusy) or failure.status in TRANSIENT


def not_reached(source: str, failure: requests.RequestException) -> VendorDown:
    """The error of a connection that broke, where nothing can have been changed by it."""
    distrust = any(isinstance(e, ssl.SSLCertVerificationError) for e in _causes(failure))
    remedy = VendorUntrusted.remedy if isinstance(failure, requests.exceptions.SSLError) else None
    return (VendorUntrusted if distrust else VendorDown)(source, in_words(failure), remedy=remedy)


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and what caused it; requests and urllib3 keep that among the arguments, or as a reason."""
    yield failure
    for inner in (*failure.args, getattr(failure, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def in_words(failure: requests.RequestException) -> str:
    """What happened, without the URL (it may carry names)."""
    for kind, words in _WORDS:
        if isinstance(failure, kind):
            return words
    return "The connection was cut off before the answer was complete."


_WORDS: tuple[tuple[type[requests.RequestException], str], ...] = (
    (requests.exceptions.SSLError, "Its certificate is not trusted, or the TLS handshake failed."),
    (requests.exceptions.ProxyError, "The proxy did not let us through."),
    (requests.exceptions.ConnectTimeout, "It could not be reached in time."),
    (requests.exceptions.Timeout, "It did not answer in time."),
    (requests.exceptions.InvalidURL, "Its address in the configuration is not a valid URL."),
    (requests.exceptions.ContentDecodingError, "It answered something that cannot be unpacked."),
)


class Health:
    """Says once that a service does not answer, and once that it does again."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._down = False
        self._lock = threading.Lock()

    def failed(self, failure: VendorError) -> None:
        """Counts only what says that this very service is away, not a refusal or another one's outage."""
        away = isinstance(failure, VendorDown | OutcomeUnknown | MalformedAnswer)
        if not away or failure.source != self._source:
            return
        with self._lock:
            first, self._down = not self._down, True
        if first:
            log.warning("%s does not answer: %s", self._source, failure.reason)

    def answered(self) -> None:
        with self._lock:
            back, self._down = self._down, False
        if back:
            log.info("%s answers again", self._source)
