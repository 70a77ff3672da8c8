"""The last net under the rule that secrets never enter the audit log: obvious tokens are blotted out."""

import re
from typing import Any

BLOT = "[redacted]"

_PATTERNS = (
    r"xox[a-z](?:-[A-Za-z0-9]+){2,}",  # Slack's bot, user and refresh tokens
    r"xapp(?:-[A-Za-z0-9]+){2,}",  # Slack's app-level tokens
    r"https://hooks\.slack\.com/[^\s\"'>]+",  # whoever has a response_url may post
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",  # JSON Web Tokens
    r"(?i:bearer|basic)\s+[A-Za-z0-9+/_.=~-]{16,}",  # Authorization headers
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
)
_TOKENS = re.compile("|".join(_PATTERNS))
_SECRET_NAMES = frozenset(
    {"authorization", "client_secret", "password", "private_key", "secret", "access_token", "token"}
)


def redact(value: Any) -> Any:
    """JSON values with every obvious secret blotted out."""
    if isinstance(value, str):
        return _TOKENS.sub(BLOT, value)
    if isinstance(value, dict):
        return {redact(key): _redact_named(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value


def _redact_named(name: str, value: Any) -> Any:
    secret = name.lower() in _SECRET_NAMES and isinstance(value, str) and value
    return BLOT if secret else redact(value)
