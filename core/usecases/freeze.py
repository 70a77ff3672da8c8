"""The one switch: any technician may freeze; unfreezing takes two approvers."""

from dataclasses import dataclass, replace

from core.domain.people import ChatIdentity, Person
from core.errors import Refused
from core.ports import Clock, Freeze, Switch
from core.rules.approval_policy import may_freeze, may_unfreeze

#: Who froze from the command line, in the record and in words.
CONSOLE, CONSOLE_NAME = "console", "the command line"


@dataclass(frozen=True, kw_only=True, slots=True)
class FreezeSwitch:
    """Stops and, with two people, starts again."""

    switch: Switch
    clock: Clock

    def freeze(self, why: str, *, person: Person, identity: ChatIdentity) -> Freeze:
        """Freeze. A second freeze keeps the first one's name and time, and ends an ask to unfreeze."""
        may_freeze(person, identity)
        standing = self.switch.frozen()
        if standing is None:
            return self._set(person, person.name, why)
        if standing.unfreeze_by is None:
            raise Refused(f"Gatehouse is frozen already, by {standing.by_name}: {standing.why}")
        return self._keep(standing, actor=person.key)

    def freeze_from_console(self, why: str) -> Freeze:
        """Freeze from the command line, when chat is down."""
        standing = self.switch.frozen()
        if standing is None:
            return self._set(None, CONSOLE_NAME, why)
        return standing if standing.unfreeze_by is None else self._keep(standing, actor=CONSOLE)

    def _keep(self, standing: Freeze, *, actor: str) -> Freeze:
        """Somebody still wants it frozen, so two approvers have to ask anew."""
        kept = replace(standing, unfreeze_by=None, unfreeze_name=None)
        self.switch.set(kept, actor=actor)
        return kept

    def unfreeze(self, *, person: Person, identity: ChatIdentity) -> Freeze | None:
        """Ask to unfreeze, or agree to another's ask. None: Gatehouse acts again.

        Raises Conflict where somebody turned the switch meanwhile: whoever freezes at that moment prevails.
        """
        standing = self.switch.frozen()
        if standing is None:
            raise Refused("Gatehouse is not frozen.")
        may_unfreeze(person, identity, standing.unfreeze_by)
        if standing.unfreeze_by is None:
            asked = replace(standing, unfreeze_by=person.key, unfreeze_name=person.name)
            self.switch.set(asked, actor=person.key, over=standing)
            return asked
        ended = replace(standing, ended_name=person.name, ended_at=self.clock.now())
        self.switch.set(ended, actor=person.key, over=standing)
        return None

    def _set(self, person: Person | None, name: str, why: str) -> Freeze:
        freeze = Freeze(
            at=self.clock.now(),
            by=person.key if person is not None else None,
            by_name=name,
            why=why.strip() or "no reason given",
        )
        self.switch.set(freeze, actor=person.key if person is not None else CONSOLE)
        return freeze
