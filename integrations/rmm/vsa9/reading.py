"""Reading a fleet from VSA 9: its organisations and agents, then each agent's patching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.domain.clients import RmmBinding
from core.domain.facts import Coverage, Unread
from core.domain.patching import Device, RmmReading
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import Asked, ask_each
from integrations.rmm.rows import Row, text
from integrations.rmm.vsa9 import mapping
from integrations.rmm.vsa9.api import AT_ONCE, Vsa9Api
from integrations.rmm.vsa9.patching import Patching, patching_of


@dataclass(frozen=True, kw_only=True)
class Agent:
    """One agent's row, and whose it is."""

    row: Row
    organisation: str | None


@dataclass(frozen=True, kw_only=True)
class FleetReader:
    """Reads the bound organisations of one account."""

    api: Vsa9Api
    account: str
    now: datetime
    zone: tzinfo | None

    def read(self, bindings: Sequence[RmmBinding]) -> dict[str, RmmReading]:
        """A reading for every binding. Never raises for the vendor."""
        bound = list(dict.fromkeys(binding.organisation for binding in bindings))
        feeds = Feeds(source=self.api.source, now=self.now)
        listed = feeds.take("devices", lambda: (self.names(), self.agents(bound)))
        if listed is None:
            return {item: self._unread(item, *feeds.unread) for item in bound}
        names, agents = listed
        asked = ask_each(
            [key for key, agent in agents.items() if mapping.is_windows(agent.row)],
            patching_of(self.api, self.account, self.now, self.zone),
            at_once=AT_ONCE,
        )
        return {
            item: self._reading(item, names[item], agents, asked, feeds)
            if item in names
            else self._unread(item, _no_such(item, feeds))
            for item in bound
        }

    def names(self) -> dict[str, str]:
        """All organisations the user sees, by id. Raises VendorError."""
        return {
            mapping.ident(self.api.source, row, "OrgId", "organisations"): text(row.get("OrgName"))
            or f"organisation {row['OrgId']}"
            for row in self.api.organisations()
        }

    def agents(
        self, bound: Sequence[str] | None = None, *, only: str | None = None
    ) -> dict[str, Agent]:
        """Agents by id: those of the bound organisations, or all the user sees, or `only` that one.

        Raises VendorError.
        """
        rows = self.api.agents() if only is None else self.api.agent(only)
        whose = self._whose(rows)
        found = {
            mapping.ident(self.api.source, row, "AgentId", "agents"): Agent(
                row=row, organisation=mapping.organisation(row, whose)
            )
            for row in rows
        }
        return {
            key: agent
            for key, agent in found.items()
            if bound is None or agent.organisation in bound
        }

    def _whose(self, rows: Sequence[Row]) -> Mapping[str, str]:
        """The organisations of machine groups, read only where an agent does not tell its own."""
        source = self.api.source
        if all(mapping.organisation(row, {}) is not None for row in rows):
            return {}
        return {
            mapping.ident(source, row, "MachineGroupId", "machine groups"): mapping.ident(
                source, row, "OrgId", "machine groups"
            )
            for row in self.api.machine_groups()
        }

    # Putting together.

    def _reading(
        self,
        organisation: str,
        name: str,
        agents: Mapping[str, Agent],
        asked: Asked[str, Patching],
        feeds: Feeds,
    ) -> RmmReading:
        own = {key: agent for key, agent in agents.items() if agent.organisation == organisation}
        found = {key: asked.found[key] for key in own if key in asked.found}
        devices = {
            key: self._device(agent, organisation, found.get(key)) for key, agent in own.items()
        }
        return RmmReading(
            account=self.account,
            organisation=organisation,
            organisation_name=name,
            devices=tuple(devices.values()),
            patches=tuple(
                patch for item in found.values() for patch in (*item.missing, *item.installed)
            ),
            rows_known_for=frozenset(
                devices[key].id for key, item in found.items() if item.is_known(devices[key])
            ),
            coverage=feeds.coverage(*_not_asked(own, asked, feeds)),
            observed_at=self.now,
        )

    def _device(self, agent: Agent, organisation: str, patching: Patching | None) -> Device:
        return mapping.device(
            self.account,
            self.api.source,
            agent.row,
            organisation=organisation,
            status=patching.status if patching is not None else None,
            zone=self.zone,
        )

    def _unread(self, organisation: str, *unread: Unread) -> RmmReading:
        return RmmReading(
            account=self.account,
            organisation=organisation,
            coverage=Coverage(unread=unread),
            observed_at=self.now,
        )


def _not_asked(
    agents: Mapping[str, Agent], asked: Asked[str, Patching], feeds: Feeds
) -> list[Unread]:
    """One sentence for all of an organisation's agents whose patching could not be read."""
    failed = [asked.failed[key] for key in agents if key in asked.failed]
    if not failed:
        return []
    reason = f"Could not be read for {len(failed)} of {len(agents)} devices: {failed[0].reason}"
    return [feeds.missing("missing patches", reason, failed[0].remedy)]


def _no_such(organisation: str, feeds: Feeds) -> Unread:
    return feeds.missing(
        "devices",
        f"There is no organisation {organisation} that this user may see.",
        "Correct the client's rmm binding in the configuration.",
    )
