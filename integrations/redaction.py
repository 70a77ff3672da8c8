"""Keeping tokens and secrets out of log lines and error messages."""

import logging
import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

#: Secrets shorter than this would hide ordinary words.
_SHORTEST_SECRET = 6

_PATTERNS = (
    re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|xoxe\.[\w.-]+"),
    re.compile(r"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}|(?<=basic )[\w+/=]{8,}"),
    re.compile(
        r"(?i)(?<=client_secret=)[^&\s\"']+|(?<=client_assertion=)[^&\s\"']+|(?<=password=)[^&\s\"']+"
    ),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL),
    re.compile(r"https://hooks\.slack\.com/\S+"),
)
#: Control characters, line and paragraph separators, and what turns the reading direction.
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without anything that looks like a token, or is one of the secrets."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def one_line(text: str) -> str:
    """Text that may come from outside, with what would begin a new line or turn the reading direction spelt out."""
    return _BREAKING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class RedactingFilter(logging.Filter):
    """Rewrites records before they are written. Goes on handlers: a logger's filter misses its children."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        self._secrets = sorted(known, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = one_line(redact(record.getMessage(), self._secrets))
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text, self._secrets)
        if record.stack_info:
            record.stack_info = redact(record.stack_info, self._secrets)
        return True


def redact_logs(secrets: Iterable[str]) -> None:
    """Put the filter on every handler the root logger has now."""
    shield = RedactingFilter(secrets)
    for handler in logging.getLogger().handlers:
        handler.addFilter(shield)
