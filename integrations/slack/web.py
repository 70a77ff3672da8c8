"""Slack's Web API: one call, one answer, every error as a sentence."""

import ssl
from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from core.errors import OutcomeUnknown, VendorAuthError, VendorBusy, VendorDown, VendorRefused

SOURCE = "Slack"
OK, TOO_MANY, SERVER_ERROR = 200, 429, 500

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
    "user_not_visible": "that person cannot be seen from this workspace",
    "msg_too_long": "the message became too long for Slack",
    "msg_blocks_too_long": "the message became too long for Slack",
    "not_found": "that form is no longer open",
}
_AUTH = ("invalid_auth", "not_authed", "token_revoked", "account_inactive", "token_expired")
#: Slack may have carried the call out although it says this.
_PERHAPS_DONE = ("fatal_error", "internal_error", "service_unavailable", "request_timeout")


class SlackRefused(VendorRefused):
    """Slack refused the call."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(SOURCE, SENTENCES.get(code, f"refused with {code}") + detail)
        self.code = code


class SlackWeb:
    """Calls Web API methods. Reads are tried again when Slack asks to wait; writes never by themselves."""

    def __init__(self, *, token: str, base_url: str, context: ssl.SSLContext) -> None:
        self._context = context
        self._reads = WebClient(token=token, base_url=base_url, ssl=context, timeout=20)
        self._reads.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
        self._writes = WebClient(
            token=token, base_url=base_url, ssl=context, timeout=20, retry_handlers=[]
        )

    @property
    def client(self) -> WebClient:
        """The client for Bolt, which never repeats a call."""
        return self._writes

    def read(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that changes nothing.

        Raises SlackRefused, VendorAuthError, VendorBusy or VendorDown.
        """
        try:
            return self._call(self._reads, method, arguments)
        except OutcomeUnknown as error:
            raise VendorDown(SOURCE, error.reason) from error

    def scopes(self) -> frozenset[str]:
        """The scopes granted to the token: the header x-oauth-scopes of any answer."""
        try:
            granted = str(self._reads.auth_test().headers.get("x-oauth-scopes", ""))
        except SlackApiError as error:
            raise _refusal(error) from error
        except (SlackClientError, OSError, HTTPException) as error:
            raise VendorDown(SOURCE, f"cannot be reached ({type(error).__name__})") from error
        return frozenset(scope.strip() for scope in granted.split(",") if scope.strip())

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that posts or changes something.

        Raises SlackRefused, VendorAuthError or VendorBusy where it was surely not carried out, and
        OutcomeUnknown where nobody can tell.
        """
        return self._call(self._writes, method, arguments)

    def respond(self, response_url: str, body: Mapping[str, Any]) -> bool:
        """Answer through a response_url; False where Slack no longer takes it (30 minutes, 5 uses)."""
        webhook = WebhookClient(response_url, ssl=self._context, timeout=20, retry_handlers=[])
        try:
            return webhook.send_dict(dict(body)).status_code == OK
        except (SlackClientError, OSError, HTTPException):
            return False

    def upload(self, channel: str, *, name: str, content: bytes, comment: str) -> None:
        """Upload a file and share it in a channel. Raises as `write` does."""
        try:
            self._writes.files_upload_v2(
                channel=channel, filename=name, content=content, title=name, initial_comment=comment
            )
        except SlackApiError as error:
            raise _refusal(error) from error
        except (SlackClientError, OSError, HTTPException) as error:
            raise OutcomeUnknown(SOURCE, f"the upload broke ({type(error).__name__})") from error

    def _call(
        self, client: WebClient, method: str, arguments: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            answer = (
                client.api_call(method, json=given)
                if _wants_json(method)
                else client.api_call(method, params=given)
            )
        except SlackApiError as error:
            raise _refusal(error) from error
        except (SlackClientError, OSError, HTTPException) as error:
            raise OutcomeUnknown(
                SOURCE, f"the connection broke ({type(error).__name__})"
            ) from error
        data = answer.data
        return data if isinstance(data, dict) else {}


def _wants_json(method: str) -> bool:
    """Slack takes JSON where arguments are nested; its read methods take form fields only."""
    return method.startswith(("chat.", "views.", "conversations.open", "files.complete"))


def _refusal(error: SlackApiError) -> Exception:
    response = error.response
    code = str(response.get("error", "")) if response.data else ""
    if response.status_code == TOO_MANY or code in ("ratelimited", "rate_limited"):
        wait = float(response.headers.get("Retry-After", 1))
        return VendorBusy(SOURCE, "asks us to slow down", wait=timedelta(seconds=wait))
    if code in _AUTH:
        return VendorAuthError(SOURCE, f"does not accept the bot's token ({code})")
    if code in _PERHAPS_DONE or response.status_code >= SERVER_ERROR:
        return OutcomeUnknown(SOURCE, f"answered {code or response.status_code}")
    messages = (response.get("response_metadata") or {}).get("messages") or []
    return SlackRefused(code, f" ({'; '.join(map(str, messages))[:300]})" if messages else "")
