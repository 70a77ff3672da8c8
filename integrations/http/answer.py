"""What came back: read within limits, and every refusal turned into an error of ours."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from core.errors import (
    MalformedAnswer,
    VendorAuthError,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
)
from integrations.http.patience import retry_after
from integrations.redaction import redact

MAX_BYTES = 64 * 1024 * 1024
MAX_BODY_SECONDS = 120.0
#: Longest vendor message kept on an error.
MAX_WORDS = 300

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer, whole. `headers` can be asked in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - what "success" means in HTTP

    def json(self) -> Any:
        """The body as JSON, None where it is empty. Raises ValueError."""
        return json.loads(self.body) if self.body.strip() else None

    def wait(self) -> timedelta | None:
        """What the service asks us to wait: by its header, else by its body."""
        told = retry_after(self.headers)
        return retry_after({"Retry-After": self._told_in_body()}) if told is None else told

    def _told_in_body(self) -> str:
        """Action1 says {"details": {"retry_after": 5}} and has no header."""
        try:
            body = self.json()
        except ValueError:
            return ""
        details = body.get("details") if isinstance(body, dict) else None
        return str(details.get("retry_after") or "") if isinstance(details, dict) else ""


def take(source: str, response: requests.Response) -> Answer:
    """Read the body, bounded in size and time. Raises MalformedAnswer, requests' exceptions where cut."""
    chunks: list[bytes] = []
    size, end = 0, time.monotonic() + MAX_BODY_SECONDS
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > MAX_BYTES:
            raise MalformedAnswer(source, f"The answer is larger than {MAX_BYTES >> 20} MiB.")
        if time.monotonic() > end:
            raise requests.Timeout("the body came too slowly")
        chunks.append(chunk)
    return Answer(status=response.status_code, headers=response.headers, body=b"".join(chunks))


def error(source: str, answer: Answer) -> VendorError:
    """The error that a status outside 2xx stands for."""
    code, words = explain(answer)
    said = f"HTTP {answer.status}" + (f" {code}" if code else "") + (f": {words}" if words else "")
    if answer.status in _BY_STATUS:
        return _BY_STATUS[answer.status](source, said, status=answer.status, code=code)
    if answer.status < 400:  # noqa: PLR2004 - 1xx and 3xx
        return _redirect(source, answer)
    if answer.status == requests.codes.too_many_requests:
        return VendorBusy(source, said, wait=answer.wait(), status=answer.status, code=code)
    kind = VendorDown if answer.status >= 500 else VendorRefused  # noqa: PLR2004
    return kind(source, said, status=answer.status, code=code)


_BY_STATUS: Mapping[int, type[VendorError]] = {
    401: VendorAuthError,
    403: VendorForbidden,
    404: VendorNotFound,
}


def _redirect(source: str, answer: Answer) -> VendorError:
    host = urlsplit(answer.headers.get("Location", "")).netloc or "nowhere"
    return VendorError(
        source,
        f"HTTP {answer.status} sends us to {_bounded(host)}; redirects are not followed.",
        remedy="Correct this service's address (base_url) in the configuration.",
        status=answer.status,
    )


def explain(answer: Answer) -> tuple[str | None, str]:
    """The vendor's own error code and words, from the shapes vendors use; bounded and without secrets."""
    try:
        body = answer.json()
    except ValueError:
        return None, ""
    if not isinstance(body, dict):
        return None, _bounded(body) if isinstance(body, str) else ""
    inner, meta = body.get("error"), body.get("Meta")
    if isinstance(meta, dict):
        return None, _bounded(meta.get("ErrorMessage"))
    if isinstance(inner, dict):
        return _word(inner.get("code")), _bounded(inner.get("message"))
    code = inner or body.get("resultCode") or body.get("errorCode") or body.get("code")
    words = (
        body.get("error_description")
        or body.get("errorMessage")
        or body.get("message")
        or body.get("Message")
        or body.get("title")
        or body.get("detail")
        or body.get("description")
        or body.get("Error")
    )
    return _word(code), _bounded(words)


def _word(value: object) -> str | None:
    return _bounded(value)[:80] or None if isinstance(value, str | int) else None


def _bounded(value: object) -> str:
    text = redact(_CONTROL.sub(" ", value)) if isinstance(value, str) else str(value or "")
    return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1] + "…"
