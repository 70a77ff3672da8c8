"""Slack's Web API: one call, one answer, every error as a sentence."""

import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient

from core.errors import (
    OutcomeUnknown,
    VendorAuthError,
    VendorBusy,
    VendorDown,
    VendorError,
    VendorRefused,
)
from integrations.http.patience import Patience, retry_after

SOURCE = "Slack"
OK, TOO_MANY, SERVER_ERROR = 200, 429, 500
TIMEOUT_SECONDS = 20
TRIES = 3

#: Slack's error code -> what it means for whoever reads it (reference: the methods' error tables).
SENTENCES: Mapping[str, str] = {
    "not_in_channel": "Gatehouse is not in that channel. Invite it there: /invite @Gatehouse",
    "channel_not_found": "that channel does not exist, or it is private and Gatehouse is not in it",
    "is_archived": "that channel is archived",
    "restricted_action": "the workspace does not let apps post there",
    "messages_tab_disabled": "direct messages to Gatehouse are switched off in the app's settings",
    "missing_scope": "the app lacks a permission; compare it with: python bot.py manifest",
    "expired_trigger_id": "Slack gave up waiting for the form. Please try once more",
    "exchanged_trigger_id": "that form has been opened already",
    "user_not_found": "that person does not exist in this workspace",
    "users_not_found": "nobody in this workspace has that e-mail address",
    "user_not_visible": "that person cannot be seen from this workspace",
    "msg_too_long": "the message became too long for Slack",
    "msg_blocks_too_long": "the message became too long for Slack",
    "not_found": "that form is no longer open",
}
_AUTH = ("invalid_auth", "not_authed", "token_revoked", "account_inactive", "token_expired")
#: Slack may have carried the call out although it says this.
_PERHAPS_DONE = ("fatal_error", "internal_error", "service_unavailable", "request_timeout")
_CODE = re.compile(r"[a-z0-9_]+")
#: What slack_sdk lets through when an answer is cut off or is no JSON object.
BROKEN = (SlackClientError, OSError, HTTPException, ValueError, AttributeError)


class SlackRefused(VendorRefused):
    """Slack refused the call."""

    #: Its sentence says it where there is something to do.
    remedy = ""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(SOURCE, SENTENCES.get(code, f"refused with {code}") + detail, code=code)


class SlackWeb:
    """Calls Web API methods. Only what Slack surely did not carry out is tried again, within limits."""

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        context: ssl.SSLContext,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._context = context
        self._patience = patience or Patience(tries=TRIES)
        self._sleep = sleep
        self._client = WebClient(
            token=token,
            base_url=base_url,
            ssl=context,
            timeout=TIMEOUT_SECONDS,
            retry_handlers=[],
            logger=_quiet(),
        )

    @property
    def client(self) -> WebClient:
        """The client for Bolt, which never repeats a call."""
        return self._client

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that changes nothing.

        Raises SlackRefused, VendorAuthError, VendorBusy or VendorDown.
        """
        return _data(self._read(lambda: self._call(method, arguments)))

    def scopes(self) -> frozenset[str]:
        """The scopes granted to the token, which Slack tells with every answer. Raises as `read` does."""
        granted = str(self._read(self._client.auth_test).headers.get("x-oauth-scopes", ""))
        return frozenset(scope.strip() for scope in granted.split(",") if scope.strip())

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that posts or changes something.

        Raises SlackRefused, VendorAuthError, VendorBusy or VendorDown where it was surely not carried out,
        and OutcomeUnknown where nobody can tell.
        """
        return _data(self._repeated(lambda: _answer(lambda: self._call(method, arguments))))

    def respond(self, response_url: str, body: Mapping[str, Any]) -> bool:
        """Answer through a response_url; False where Slack no longer takes it (30 minutes, 5 uses)."""
        webhook = WebhookClient(
            response_url,
            ssl=self._context,
            timeout=TIMEOUT_SECONDS,
            retry_handlers=[],
            logger=_quiet(),
        )
        try:
            return webhook.send_dict(dict(body)).status_code == OK
        except BROKEN:
            return False

    def upload(self, channel: str, *, name: str, content: bytes, comment: str) -> None:
        """Upload a file and share it in a channel; `comment` is mrkdwn. Raises as `write` does."""
        self._repeated(
            lambda: _answer(
                lambda: self._client.files_upload_v2(
                    channel=channel,
                    filename=name,
                    content=content,
                    title=name,
                    initial_comment=comment,
                )
            )
        )

    def _read(self, ask: Callable[[], SlackResponse]) -> SlackResponse:
        return self._repeated(lambda: _harmless(ask))

    def _repeated(self, call: Callable[[], SlackResponse]) -> SlackResponse:
        """Try again what was turned away or never left; a wait that is too long is the caller's."""
        tried = 0
        while True:
            tried += 1
            try:
                return call()
            except (VendorBusy, VendorDown) as failure:
                asked = failure.wait if isinstance(failure, VendorBusy) else None
                wait = self._patience.backoff(tried) if asked is None else asked
                if tried >= self._patience.tries or wait > self._patience.longest_wait:
                    raise
                self._sleep(wait.total_seconds())

    def _call(self, method: str, arguments: Mapping[str, Any]) -> SlackResponse:
        given = {key: value for key, value in arguments.items() if value is not None}
        if _wants_json(method):
            return self._client.api_call(method, json=given)
        return self._client.api_call(method, params=given)


def _wants_json(method: str) -> bool:
    """Slack takes JSON where arguments are nested; most read methods take form fields only."""
    return method.startswith(("chat.", "views."))


def _quiet() -> logging.Logger:
    """For slack_sdk: every failure reaches its caller, who says it once and without the message's words."""
    logger = logging.getLogger(f"{__name__}.sdk")
    logger.setLevel(logging.CRITICAL)
    return logger


def _answer(ask: Callable[[], SlackResponse]) -> SlackResponse:
    """What Slack answered, or the error of ours that stands for what went wrong."""
    try:
        answer = ask()
    except SlackApiError as error:
        raise _refusal(error) from error
    except URLError as error:
        # urllib wraps what breaks before the request has wholly left, and nothing that breaks later.
        raise VendorDown(SOURCE, "could not be reached") from error
    except BROKEN as error:
        raise OutcomeUnknown(SOURCE, f"the connection broke ({type(error).__name__})") from error
    if not isinstance(answer.data, dict):
        raise OutcomeUnknown(SOURCE, "answered something that is not JSON")
    return answer


def _harmless(ask: Callable[[], SlackResponse]) -> SlackResponse:
    """As `_answer`, for what changes nothing: whether Slack carried it out does not matter."""
    try:
        return _answer(ask)
    except OutcomeUnknown as error:
        raise VendorDown(SOURCE, error.reason) from error


def _data(answer: SlackResponse) -> Mapping[str, Any]:
    data: Mapping[str, Any] = answer.data  # type: ignore[assignment]  # `_answer` let only objects through
    return data


def _refusal(error: SlackApiError) -> VendorError:
    response = error.response
    code = str(response.get("error", "")) if isinstance(response.data, dict) else ""
    status = int(response.status_code)
    if status == TOO_MANY or code in ("ratelimited", "rate_limited"):
        return VendorBusy(SOURCE, "asks us to slow down", wait=retry_after(response.headers))
    if code in _AUTH:
        return VendorAuthError(SOURCE, f"does not accept the bot's token ({code})", code=code)
    if code in _PERHAPS_DONE or status >= SERVER_ERROR:
        return OutcomeUnknown(
            SOURCE, f"answered HTTP {status} {_word(code)}".strip(), status=status
        )
    if not _word(code):
        return OutcomeUnknown(SOURCE, f"answered HTTP {status} with something that is not Slack's")
    messages = (response.get("response_metadata") or {}).get("messages") or []
    return SlackRefused(code, f" ({'; '.join(map(str, messages))[:300]})" if messages else "")


def _word(code: str) -> str:
    """The code, where it is one: slack_sdk puts a sentence there for what it could not parse."""
    return code if _CODE.fullmatch(code) else ""
