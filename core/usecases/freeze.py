"""The one switch: any technician may freeze; unfreezing takes two approvers."""

from dataclasses import dataclass, replace

from core.domain.people import ChatIdentity, Person
from core.errors import Refused
from core.ports import Clock, Freeze, Switch
from core.rules.approval_policy import may_freeze, may_unfreeze


@dataclass(frozen=True, kw_only=True, slots=True)
class FreezeSwitch:
    """Stops and, with two people, starts again."""

    switch: Switch
    clock: Clock

    def freeze(self, why: str, *, person: Person, identity: ChatIdentity) -> Freeze:
        """Freeze. A second freeze keeps the first one's name and time."""
        may_freeze(person, identity)
        standing = self.switch.frozen()
        if standing is not None:
            raise Refused(f"Gatehouse is frozen already, by {standing.by_name}: {standing.why}")
        return self._set(person, person.name, why)

    def freeze_from_console(self, why: str) -> Freeze:
        """Freeze from the command line, when chat is down."""
        standing = self.switch.frozen()
        return standing if standing is not None else self._set(None, "the command line", why)

    def unfreeze(self, *, person: Person, identity: ChatIdentity) -> Freeze | None:
        """Ask to unfreeze, or agree to another's ask. None: Gatehouse acts again."""
        standing = self.switch.frozen()
        if standing is None:
            raise Refused("Gatehouse is not frozen.")
        may_unfreeze(person, identity, standing.unfreeze_by)
        if standing.unfreeze_by is None:
            asked = replace(standing, unfreeze_by=person.key, unfreeze_name=person.name)
            self.switch.set(asked, actor=person.key)
            return asked
        self.switch.set(None, actor=person.key)
        return None

    def _set(self, person: Person | None, name: str, why: str) -> Freeze:
        freeze = Freeze(
            at=self.clock.now(),
            by=person.key if person is not None else None,
            by_name=name,
            why=why.strip() or "no reason given",
        )
        self.switch.set(freeze, actor=person.key if person is not None else "console")
        return freeze
