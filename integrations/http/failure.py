"""What a failed connection is called, whether a read is worth another try, and one log line per outage."""

import logging
import threading

import requests

from core.errors import MalformedAnswer, OutcomeUnknown, VendorBusy, VendorDown, VendorError

log = logging.getLogger(__name__)

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})

_TLS_REMEDY = "Set ca_file for this service if it, or a proxy on the way, uses a private certificate authority."


def worth_another(failure: VendorError) -> bool:
    """Whether the same read may succeed if it is made again soon.

    An answer that could not be parsed has a status; one that broke our limits has none and stays broken.
    """
    if isinstance(failure, MalformedAnswer):
        return failure.status is not None
    return isinstance(failure, VendorDown | VendorBusy) or failure.status in TRANSIENT


def not_reached(source: str, failure: requests.RequestException) -> VendorDown:
    """The error of a connection that broke, where nothing can have been changed by it."""
    tls = isinstance(failure, requests.exceptions.SSLError)
    return VendorDown(source, in_words(failure), remedy=_TLS_REMEDY if tls else None)


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
