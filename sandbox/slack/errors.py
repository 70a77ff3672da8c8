"""What Slack answers when it refuses."""

from collections.abc import Iterable


class SlackError(Exception):
    """A refusal with Slack's code; `extra` joins the answer, `messages` go to response_metadata."""

    def __init__(self, code: str, messages: Iterable[str] = (), **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.extra = extra

    def as_json(self) -> dict[str, object]:
        body: dict[str, object] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["errors"] = self.messages
            body["response_metadata"] = {"messages": [f"[ERROR] {m}" for m in self.messages]}
        return body


class RateLimitedError(SlackError):
    """HTTP 429 with Retry-After in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


def invalid_arguments(*messages: str) -> SlackError:
    return SlackError("invalid_arguments", messages)
