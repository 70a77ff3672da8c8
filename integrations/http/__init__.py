"""How every adapter speaks HTTPS: one TLS context, timeouts, bounded retries, pacing, and one kind of error."""

from integrations.http.answer import Answer
from integrations.http.calls import Authorize, Call, Http
from integrations.http.pace import Pace
from integrations.http.patience import Patience
from integrations.http.tls import Sessions, ssl_context

__all__ = ["Answer", "Authorize", "Call", "Http", "Pace", "Patience", "Sessions", "ssl_context"]
