"""/gatehouse: help, status, decisions by word, and the one switch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.ports import Switch
from core.usecases.freeze import FreezeSwitch
from handlers.approvals import Approvals
from handlers.desk import Asker, Desk
from handlers.door import Door
from handlers.onboarding import Onboarding
from integrations.slack.inbound import Inbound
from integrations.slack.rendering import guide, status
from integrations.slack.rendering.ids import Act, Command
from integrations.slack.rendering.sentences import info


@dataclass(frozen=True, kw_only=True)
class Gatehouse:
    """Answers /gatehouse."""

    desk: Desk
    approvals: Approvals
    onboarding: Onboarding
    freeze_switch: FreezeSwitch
    switch: Switch
    sockets: Callable[[], int | None]

    def register(self, door: Door) -> None:
        door.command(Command.GATEHOUSE, self.command, slow=("clients",))
        door.action(Act.UNFREEZE, self.unfreeze)

    def command(self, inbound: Inbound) -> None:
        word, _, words = inbound.text.partition(" ")
        work = self._words().get(word.lower())
        if work is not None:
            work(inbound, words.strip())
            return
        self.desk.reader(inbound)
        self.desk.answer(inbound, guide.usage(Command.GATEHOUSE, word))

    def _words(self) -> Mapping[str, Callable[[Inbound, str], None]]:
        return {
            "": self._help,
            "help": self._help,
            "status": self._status,
            "clients": self.onboarding.show,
            "approve": self.approvals.approve_typed,
            "deny": self.approvals.deny_typed,
            "cancel": self.approvals.cancel_typed,
            "freeze": self._freeze,
            "unfreeze": lambda inbound, _words: self.unfreeze(inbound),
        }

    def _help(self, inbound: Inbound, _words: str) -> None:
        asker = self.desk.reader(inbound)
        self.desk.answer(inbound, guide.help_message(asker.person.role_for(None)))

    def _status(self, inbound: Inbound, _words: str) -> None:
        asker = self.desk.reader(inbound)
        rows = [(c, self.desk.snapshots.get(c.key)) for c in self.desk.visible(asker.person)]
        visible = {client.key for client, _ in rows}
        message = status.status(
            frozen=self.switch.frozen(),
            open_requests=[r for r in self.desk.requests.open() if r.plan.client in visible],
            rows=rows,
            sockets=self.sockets(),
            now=self.desk.clock.now(),
        )
        self.desk.answer(inbound, message)

    def _freeze(self, inbound: Inbound, why: str) -> None:
        asker = self._decider(inbound)
        self.freeze_switch.freeze(why, person=asker.person, identity=asker.identity)
        self.desk.answer(
            inbound,
            info(
                "Frozen. Nothing new is sent to any client; what the vendors already have is followed "
                "to its end. Two approvers have to agree to unfreeze: /gatehouse unfreeze"
            ),
        )

    def unfreeze(self, inbound: Inbound) -> None:
        asker = self._decider(inbound)
        standing = self.freeze_switch.unfreeze(person=asker.person, identity=asker.identity)
        words = (
            "Unfrozen: Gatehouse acts again."
            if standing is None
            else "Noted. A second approver has to agree as well: /gatehouse unfreeze"
        )
        self.desk.answer(inbound, info(words))

    def _decider(self, inbound: Inbound) -> Asker:
        return self.desk.decider(inbound)
