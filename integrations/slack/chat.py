"""The chat port, through Slack: cards and notices are projections of the stored requests."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from core.domain.digest import Digest
from core.domain.exemptions import Reminder
from core.domain.people import ChatIdentity, People, PersonKey, Role
from core.domain.remediation import Request, RequestState
from core.errors import GatehouseError, OutcomeUnknown, VendorBusy, VendorDown
from core.ports import Clock, Freeze, MessageRef, Post
from core.rules.notices import Notice, NoticeKind, notices
from integrations.slack.directory import Workspace
from integrations.slack.inbound import Inbound
from integrations.slack.posting import Poster
from integrations.slack.rendering import digest as digest_rendering
from integrations.slack.rendering import freezes, request_card
from integrations.slack.rendering import notices as notice_rendering
from integrations.slack.rendering.message import Message, View
from integrations.slack.rendering.mrkdwn import escape
from integrations.slack.web import SlackRefused, SlackWeb

log = logging.getLogger(__name__)

#: How the key of a notice about a lost post begins.
LOST = "lost:"


@dataclass(frozen=True, kw_only=True)
class SlackChat:
    """Speaks to people: cards, direct messages, answers, forms, digests, files."""

    web: SlackWeb
    workspace: Workspace
    poster: Poster
    people: People
    clock: Clock
    approval_channel: str
    #: The freeze that stands, if one does.
    frozen: Callable[[], Freeze | None]

    # What the core asks for.

    def who(self, user_id: str) -> ChatIdentity:
        return self.workspace.who(user_id)

    def show_request(self, request: Request) -> None:
        """Card first, then its thread and the direct messages, each whether or not the others succeed.

        Raises what kept something from being shown, where trying again later may help.
        """
        failures: list[GatehouseError] = []
        card: MessageRef | None = None
        try:
            card = self._show_card(request)
        except GatehouseError as error:
            failures.append(error)
        for notice in notices(request, self.people):
            try:
                self._show_notice(request, notice, card)
            except (VendorBusy, VendorDown, OutcomeUnknown) as error:
                failures.append(error)
            except GatehouseError as error:
                log.warning("Notice %s cannot be delivered: %s", notice.key, error)
        if failures:
            raise failures[0]

    def post_digest(self, digest: Digest) -> bool:
        channel = self.workspace.channel(digest.channel)
        key = f"digest:{digest.channel}:{digest.day.isoformat()}"
        message = digest_rendering.digest_message(digest)
        return self.poster.once(key, channel, message) is not None

    def show_freeze(self, freeze: Freeze) -> None:
        """A freeze that is told twice is better than one that nobody is told of."""
        channel = self.workspace.channel(self.approval_channel)
        key, card = f"freeze:{freeze.at.isoformat()}", freezes.freeze_card(freeze)
        place = self.poster.show(key, channel, card)
        if place is None:
            place = self.poster.show(f"{key}:again", channel, card)
        if freeze.ended_at is not None:
            self.poster.once(f"{key}:ended", channel, freezes.unfrozen(freeze))
        elif freeze.unfreeze_by is not None and place is not None:
            asked = f"{key}:asked:{freeze.unfreeze_by}"
            self.poster.once(asked, channel, freezes.unfreeze_asked(freeze), thread=place)

    def remind(self, reminder: Reminder) -> None:
        if not self.poster.settled(reminder.key):
            self._post_directly(reminder.to, reminder.key, notice_rendering.reminder(reminder))

    # Answers to whoever asked.

    def answer(self, inbound: Inbound, message: Message, *, replace: bool = False) -> None:
        """Answer a command or click so that only the asker sees it; by direct message if need be."""
        if inbound.response_url is not None:
            body = {
                "text": message.text,
                "blocks": list(message.blocks),
                "response_type": "ephemeral",
                "replace_original": replace,
            }
            if self.web.respond(inbound.response_url, body):
                return
        self.tell(inbound.user_id, inbound.channel_id, message)

    def tell(self, user_id: str, channel: str | None, message: Message) -> None:
        """Tell one person, in the channel where only they see it, or else directly."""
        content = {"text": message.text, "blocks": list(message.blocks)}
        if channel is not None and not channel.startswith("D"):
            try:
                self.web.write("chat.postEphemeral", channel=channel, user=user_id, **content)
            except SlackRefused as refusal:
                log.info("No ephemeral message in %s: %s", channel, refusal)
            else:
                return
        direct = self.workspace.direct_channel(user_id)
        self.web.write("chat.postMessage", channel=direct, **content)

    def open_form(self, trigger_id: str, view: View) -> str:
        """Open a modal; its id."""
        return str(self.web.write("views.open", trigger_id=trigger_id, view=view)["view"]["id"])

    def update_form(self, view_id: str, view: View) -> None:
        """Replace what a modal shows."""
        self.web.write("views.update", view_id=view_id, view=view)

    def publish_home(self, user_id: str, view: View) -> None:
        """Show a person's Home tab."""
        self.web.write("views.publish", user_id=user_id, view=view)

    def send_file(self, user_id: str, name: str, content: bytes, *, comment: str) -> None:
        """Send a file to a person's direct messages, with a comment in plain words."""
        direct = self.workspace.direct_channel(user_id)
        self.web.upload(direct, name=name, content=content, comment=escape(comment, 500))

    # Cards and notices.

    def _show_card(self, request: Request) -> MessageRef | None:
        channel = self.workspace.channel(self.approval_channel)
        message = request_card.card(request, now=self.clock.now())
        return self.poster.show(f"{request.id}:card", channel, message, urgent=_is_news(request))

    def _show_notice(self, request: Request, notice: Notice, card: MessageRef | None) -> None:
        message = notice_rendering.notice(
            request, notice.kind, now=self.clock.now(), frozen=self.frozen() is not None
        )
        if notice.kind is NoticeKind.APPROVAL_WANTED:
            self._show_ask(request, notice, message)
        elif self.poster.settled(notice.key):
            return
        elif notice.to is not None:
            self._post_directly(notice.to, notice.key, message)
        elif card is not None:
            self.poster.once(notice.key, card.channel, message, thread=card)

    def _show_ask(self, request: Request, notice: Notice, message: Message) -> None:
        """An approver's copy of the card is only ever posted while there is something to decide."""
        place = self.poster.place(notice.key)
        if place is not None:
            self.poster.show(notice.key, place.channel, message)
        elif notice.to is not None and request_card.decidable(request, now=self.clock.now()):
            self._post_directly(notice.to, notice.key, message)

    def _post_directly(self, to: PersonKey, key: str, message: Message) -> None:
        person = self.people.get(to)
        account = self.workspace.account_of(person) if person is not None else None
        if account is None:
            log.info("Nobody can be reached for %s", key)
            return
        self.poster.once(key, self.workspace.direct_channel(account), message)

    def tell_owners_of_lost(self, post: Post) -> None:
        """Tell every owner, once, that a post may or may not have arrived."""
        if post.key.startswith(LOST):
            return  # owners are not told that they may not have been told
        message = notice_rendering.lost_post(post)
        for owner in self.people.who_may(Role.OWNER, None):
            try:
                self._post_directly(owner.key, f"{LOST}{post.key}:{owner.key}", message)
            except GatehouseError as error:
                log.warning("%s could not be told about %s: %s", owner.name, post.key, error)


def _is_news(request: Request) -> bool:
    """Anything but mere progress."""
    return request.state is not RequestState.RUNNING
