"""Where everything from Slack comes in: checked, kept on disk, acknowledged; worked off elsewhere.

A listener never does work and never raises: with Bolt's few threads, work there would lose clicks, and an
exception right after `ack()` takes the acknowledgement back.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from slack_bolt import Ack, App, BoltResponse

from core.errors import Refused, StorageFailed, VendorError
from core.ports import Clock, Received
from engine.intake import Intake
from handlers.answers import Answers, key_of, without_token
from integrations.slack.inbound import Inbound, once_key, parse
from integrations.slack.rendering import forms
from integrations.slack.rendering.message import View

log = logging.getLogger(__name__)

Work = Callable[[Inbound], None]
#: Field -> sentence, from memory alone; empty when all is well.
Check = Callable[[Inbound], Mapping[str, str]]
Suggest = Callable[[Inbound], Sequence[dict[str, Any]]]


class Door:
    """Registers listeners with Bolt and remembers who works off what they take in."""

    def __init__(
        self,
        app: App,
        *,
        clock: Clock,
        ours: Callable[[Inbound], bool],
        turned_away: Callable[[Inbound], None],
        answers: Answers,
    ) -> None:
        self._app = app
        self._answers = answers
        self._ours = ours
        self._turned_away = turned_away
        app.use(self._gate)
        self._clock = clock
        self._work: dict[str, Work] = {}
        self._intake: Intake | None = None

    def open(self, intake: Intake) -> None:
        """From now on take things in."""
        self._intake = intake

    # What features register.

    def command(self, name: str, work: Work, *, slow: Collection[str] = ()) -> None:
        """`slow`: first words that take long, so that they hold up no other word of the command."""
        kinds = {word: f"command:{name} {word}" for word in slow}
        self._work |= dict.fromkeys((f"command:{name}", *kinds.values()), work)

        def listen(ack: Ack, body: dict[str, Any]) -> None:
            word = parse(body).text.partition(" ")[0].lower()
            if self._take(kinds.get(word, f"command:{name}"), body):
                ack()
            else:
                ack(text=StorageFailed().sentence)

        self._app.command(name)(listen)

    def action(self, action_id: str, work: Work) -> None:
        self._work[f"action:{action_id}"] = work
        self._app.action(action_id)(self._listener(f"action:{action_id}"))

    def event(self, name: str, work: Work) -> None:
        self._work[f"event:{name}"] = work
        self._app.event(name)(self._listener(f"event:{name}"))

    def submission(
        self, callback_id: str, work: Work, *, check: Check | None = None, then: View | None = None
    ) -> None:
        """A modal's submission; `check` may refuse fields, `then` is shown while work goes on."""
        kind = f"view:{callback_id}"
        self._work[kind] = work
        self._app.view(callback_id)(self._form_listener(kind, check, then))

    def suggestions(self, action_id: str, suggest: Suggest) -> None:
        """Options for a menu, from memory."""

        def listen(ack: Ack, body: dict[str, Any]) -> None:
            ack(options=list(_safely(suggest, parse(body))))

        self._app.options(action_id)(listen)

    # What the intake calls.

    def work_off(self, item: Received) -> None:
        """Hand one kept item to its feature, once Slack has the answer to it where that shows something."""
        self._answers.wait(item.key)
        self._work[item.kind](parse(item.payload))

    def kinds(self) -> Mapping[str, Callable[[Received], None]]:
        return dict.fromkeys(self._work, self.work_off)

    # Listening.

    def _gate(self, body: dict[str, Any], next_: Callable[[], Any]) -> BoltResponse | None:
        """Before any listener: nothing from another workspace goes further."""
        try:
            inbound = parse(body)
            ours = self._ours(inbound)
        except VendorError as error:
            log.warning("It cannot be told whose a payload is: %s", error)
            return BoltResponse(status=503, body="")  # not acknowledged: Slack says it did not work
        except Exception:
            log.exception("Turned away a payload that is not one of Slack's")
            return BoltResponse(status=200, body="")
        if ours:
            next_()
            return None
        log.warning("Turned away %r from workspace %r", inbound.kind, inbound.team_id)
        self._turned_away(inbound)
        return BoltResponse(status=200, body="")

    def _listener(self, kind: str) -> Callable[..., None]:
        """Not acknowledged where it cannot be kept: Slack then shows that it did not work."""

        def listen(ack: Ack, body: dict[str, Any]) -> None:
            if self._take(kind, body):
                ack()

        return listen

    def _form_listener(
        self, kind: str, check: Check | None, then: View | None
    ) -> Callable[..., BoltResponse]:
        def listen(ack: Ack, body: dict[str, Any]) -> BoltResponse:
            errors = _checked(check, parse(body)) if check is not None else {}
            if errors:
                return ack(response_action="errors", errors=dict(errors))
            if then is not None:
                self._answers.expect(key_of(body))
            if not self._take(kind, body):
                full = forms.note("Gatehouse", StorageFailed().sentence)
                return ack(response_action="update", view=full)
            if then is not None:
                return ack(response_action="update", view=then)
            return ack()

        return listen

    def _take(self, kind: str, body: Mapping[str, Any]) -> bool:
        """True where the item is safely kept, now or before."""
        payload = without_token(body)
        if self._intake is None:
            return False
        try:
            key, now = once_key(payload), self._clock.now()
            self._intake.take(Received(key=key, kind=kind, payload=payload, at=now))
        except Exception:
            log.exception("A payload of kind %s cannot be taken in", kind)
            return False
        return True


def _checked(check: Check, inbound: Inbound) -> Mapping[str, str]:
    """A check that fails lets the form pass: whoever works it off looks at all of it again."""
    try:
        return check(inbound)
    except Exception:
        log.exception("No check of %s", inbound.callback_id)
        return {}


def _safely(suggest: Suggest, inbound: Inbound) -> Sequence[dict[str, Any]]:
    try:
        return suggest(inbound)
    except Refused as error:
        log.info("No suggestions for %s: %s", inbound.action_id, error)
        return ()
    except Exception:
        log.exception("No suggestions for %s", inbound.action_id)
        return ()
