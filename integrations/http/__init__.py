"""How every adapter speaks HTTPS: one TLS context, timeouts, bounded retries, pacing, and one kind of error."""

from integrations.http.answer import Answer
from integrations.http.calls import Authorize, Call, Http
from integrations.http.pace import Pace, in_background
from integrations.http.patience import Patience
from integrations.http.tls import Sessions, ssl_context

__all__ = [
    "Answer",
    "Authorize",
    "Call",
    "Http",
    "Pace",
    "Patience",
    "Sessions",
    "in_background",
    "ssl_context",
]
