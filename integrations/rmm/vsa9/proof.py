"""What an account at VSA 9 can prove: what its users may read, and where its bindings point."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import RmmBinding
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorForbidden, VendorRefused
from integrations.rmm.proving import Found, may, organisations, proof, told
from integrations.rmm.rows import Row
from integrations.rmm.vendor import AccountProof, Permission, bound_organisations
from integrations.rmm.vsa9 import mapping
from integrations.rmm.vsa9.reading import Agent, FleetReader

_READ_REMEDY = (
    "Give the user's role Patch Management > Patch Status and Machine Update; where it has them, classic "
    "Patch Management may not be installed on this server."
)
_WRITE_REMEDY = (
    "Give the writing user's role Patch Management > Machine Update. It shows when an install runs."
)


@dataclass(frozen=True, kw_only=True)
class Prover:
    """Proves one account. VSA tells nobody's rights in words we know, so each is tried by reading."""

    reader: FleetReader
    vendor_name: str

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        return proof(self.reader.account, self.vendor_name, lambda: self._found(bindings))

    def _found(self, bindings: Sequence[RmmBinding]) -> Found:
        names, agents = self.reader.names(), self.reader.agents(bound_organisations(bindings))
        devices = [self._device(agent) for agent in agents.values()]
        return self._permissions(agents), organisations(bindings, names, devices)

    def _permissions(self, agents: Mapping[str, Agent]) -> tuple[Permission, ...]:
        api = self.reader.api
        asked = next((k for k, agent in agents.items() if mapping.is_windows(agent.row)), None)
        tries: Mapping[str, Callable[[str], object]] = {
            "patch status": api.patch_status,
            "missing updates": lambda agent: api.missing(agent, hide_denied=True),
            "patch history": api.history,
        }
        return (
            Permission(name="organisations and agents", present=Fact.YES, purpose="reading"),
            told(
                "who is online",
                [mapping.online(agent.row) is not Fact.UNKNOWN for agent in agents.values()],
                field="Online of the agents",
                page="vsa9",
            ),
            self._one_agent(asked),
            self._restarts_owed(asked),
            *(
                Permission(
                    name=name,
                    present=_may(read, asked),
                    purpose="reading",
                    remedy=_READ_REMEDY,
                )
                for name, read in tries.items()
            ),
            *self._write_permissions(),
        )

    def _one_agent(self, asked: str | None) -> Permission:
        """A server that takes our condition another way finds nobody, or others."""
        api = self.reader.api
        found = [] if asked is None else [_is_alone(api.agent(asked), asked)]
        return told("one agent by its number", found, field="answer to our $filter", page="vsa9")

    def _restarts_owed(self, asked: str | None) -> Permission:
        """Not told by every release, which is no fault."""
        present = Fact.UNKNOWN
        try:
            status = None if asked is None else self.reader.api.patch_status(asked)
        except (VendorForbidden, VendorRefused):
            status = None
        if status is not None and mapping.reboot_pending(status) is not Fact.UNKNOWN:
            present = Fact.YES
        remedy = "This server does not tell RebootPending; docs/vendors/vsa9.md says what follows."
        return Permission(name="restarts owed", present=present, purpose="reading", remedy=remedy)

    def _write_permissions(self) -> tuple[Permission, ...]:
        """Signing in alone is proven here: whether an order is allowed shows when one is given."""
        writing = self.reader.api.writing
        if writing is None:
            return ()
        as_writer = replace(self.reader.api, reading=writing)
        return (
            Permission(
                name="scheduling updates",
                present=Fact.UNKNOWN,
                purpose="installing",
                remedy=_WRITE_REMEDY,
            ),
            Permission(
                name="signing in of the writing user",
                present=may(as_writer.organisations),
                purpose="installing",
                remedy=_READ_REMEDY,
            ),
        )

    def _device(self, agent: Agent) -> Device:
        return mapping.device(
            self.reader.account,
            self.reader.api.source,
            agent.row,
            organisation=agent.organisation or "",
            status=None,
            zone=None,
        )


def _is_alone(found: Sequence[Row], asked: str) -> bool:
    return [str(row.get("AgentId")) for row in found] == [asked]


def _may(read: Callable[[str], object], asked: str | None) -> Fact:
    """Whether a reading is allowed; without a device to ask about there is no telling."""
    return Fact.UNKNOWN if asked is None else may(lambda: read(asked))
