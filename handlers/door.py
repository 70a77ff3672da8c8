"""Where everything from Slack comes in: checked, kept on disk, acknowledged; worked off elsewhere.

A listener never does work and never raises: with Bolt's few threads, work there would lose clicks, and an
exception right after `ack()` takes the acknowledgement back.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_bolt import Ack, App, BoltResponse

from core.errors import StorageFailed, VendorError
from core.ports import Clock, Received
from engine.intake import Intake
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

    def __init__(self, app: App, *, clock: Clock, ours: Callable[[Inbound], bool]) -> None:
        self._app = app
        self._ours = ours
        app.use(self._gate)
        self._clock = clock
        self._work: dict[str, Work] = {}
        self._intake: Intake | None = None

    def open(self, intake: Intake) -> None:
        """From now on take things in."""
        self._intake = intake

    # What features register.

    def command(self, name: str, work: Work) -> None:
        self._work[f"command:{name}"] = work
        self._app.command(name)(self._listener(f"command:{name}"))

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
        """Hand one kept item to its feature."""
        self._work[item.kind](parse(item.payload))

    def kinds(self) -> Mapping[str, Callable[[Received], None]]:
        return dict.fromkeys(self._work, self.work_off)

    # Listening.

    def _gate(self, body: dict[str, Any], next_: Callable[[], Any]) -> BoltResponse | None:
        """Before any listener: nothing from another workspace goes further."""
        try:
            inbound = parse(body)
            if self._ours(inbound):
                next_()
                return None
            log.warning("Turned away %s from workspace %s", inbound.kind, inbound.team_id)
        except (KeyError, TypeError, VendorError):
            log.warning("Turned away a payload that is not one of Slack's")
        return BoltResponse(status=200, body="")

    def _listener(self, kind: str) -> Callable[..., None]:
        def listen(ack: Ack, body: dict[str, Any]) -> None:
            if self._take(kind, body):
                ack()
            elif kind.startswith("command:"):
                ack(text=StorageFailed().sentence)

        return listen

    def _form_listener(
        self, kind: str, check: Check | None, then: View | None
    ) -> Callable[..., BoltResponse]:
        def listen(ack: Ack, body: dict[str, Any]) -> BoltResponse:
            errors = check(parse(body)) if check is not None else {}
            if errors:
                return ack(response_action="errors", errors=dict(errors))
            if not self._take(kind, body):
                full = forms.note("Gatehouse", StorageFailed().sentence)
                return ack(response_action="update", view=full)
            if then is not None:
                return ack(response_action="update", view=then)
            return ack()

        return listen

    def _take(self, kind: str, body: Mapping[str, Any]) -> bool:
        """True where the item is safely kept, now or before."""
        payload = {key: value for key, value in body.items() if key != "token"}
        item = Received(key=once_key(payload), kind=kind, payload=payload, at=self._clock.now())
        if self._intake is None:
            return False
        try:
            self._intake.take(item)
        except StorageFailed:
            log.exception("Nothing can be taken in")
            return False
        return True


def _safely(suggest: Suggest, inbound: Inbound) -> Sequence[dict[str, Any]]:
    try:
        return suggest(inbound)
    except Exception:
        log.exception("No suggestions for %s", inbound.action_id)
        return ()
