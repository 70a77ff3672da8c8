"""People before the page: opens it as somebody, and notices what goes wrong in it."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from slack_sdk import WebClient

from tests.browser import DESKTOP, PHONE
from tests.patience import PATIENCE_S

#: Refusals are part of the page's life; the browser reports each as an error of its own.
_REFUSAL = "Failed to load resource"


class Seats:
    """Every call is another person in a browser of their own."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._contexts: list[BrowserContext] = []
        self.troubles: list[str] = []

    def __call__(
        self, who: str, channel: str, *, phone: bool = False, settle: bool = True, **more: str
    ) -> Page:
        context = self._browser.new_context(viewport=PHONE if phone else DESKTOP)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_S * 1000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._went)
        fields = {"as": who, "channel": channel, **more}
        page.goto(f"{self._url}/#{'&'.join(f'{key}={value}' for key, value in fields.items())}")
        if settle:
            expect(page.locator("#conversation-head h1")).to_be_visible()
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()
        assert not self.troubles

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(_REFUSAL):
            self.troubles.append(message.text)

    def _went(self, request: Any) -> None:
        if not request.url.startswith((f"{self._url}/", "data:")):
            self.troubles.append(f"went to {request.url}")


def post(web: WebClient, channel: str, *blocks: dict[str, Any], **more: Any) -> str:
    """Post as the app into a channel by its name; the message's ts."""
    rows = web.users_conversations(types="public_channel,private_channel")["channels"]
    channel_id = next(row["id"] for row in rows if row["name"] == channel)
    text = more.pop("text", "A card")
    answer = web.chat_postMessage(channel=channel_id, text=text, blocks=list(blocks), **more)
    return str(answer["ts"])


def message(page: Page, ts: str) -> Any:
    return page.locator(f'#messages [data-ts="{ts}"]')
