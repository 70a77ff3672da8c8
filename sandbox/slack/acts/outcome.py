"""How an act ended, as the person and the calling script see it."""

from dataclasses import dataclass, field

from sandbox.slack.model import Json
from sandbox.slack.sockets import Ack


@dataclass(kw_only=True)
class Outcome:
    """`acked` is None where nothing was sent to the app.

    `status`: ok, operation_timeout, dispatch_failed, or what became of a modal; `shown`: what the person
    reads on the screen; `errors`: sentences by block_id.
    """

    acked: bool | None
    ack_ms: int | None
    status: str
    errors: dict[str, str] = field(default_factory=dict)
    shown: str | None = None

    @classmethod
    def of(cls, ack: Ack) -> "Outcome":
        return cls(acked=ack.acked, ack_ms=ack.ms, status=ack.status)

    def as_json(self) -> Json:
        body: Json = {"acked": self.acked, "ack_ms": self.ack_ms, "status": self.status}
        if self.errors:
            body["errors"] = self.errors
        if self.shown:
            body["shown"] = self.shown
        return body
