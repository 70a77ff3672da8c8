"""Reading a fleet from VSA 9: its organisations and agents, then each agent's patching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.domain.clients import RmmBinding
from core.domain.patching import Device, RmmReading
from integrations.rmm.feeds import Feeds
from integrations.rmm.per_device import Asked, ask_each
from integrations.rmm.rows import Row, text
from integrations.rmm.vendor import bound_organisations
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
        feeds = Feeds(source=self.api.source, account=self.account, now=self.now)
        listed = feeds.take(
            "devices", lambda: (self.names(), self.agents(bound_organisations(bindings)))
        )
        if listed is None:
            return feeds.nothing_at_all(bindings)
        names, agents = listed
        asked = ask_each(
            [key for key, agent in agents.items() if mapping.is_windows(agent.row)],
            patching_of(self.api, self.account, self.now, self.zone),
            at_once=AT_ONCE,
        )
        return feeds.readings(
            bindings,
            names,
            lambda item, name: self._reading(item, name, agents, asked, feeds),
            no_such="There is no organisation {} that this user may see.",
        )

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
            coverage=feeds.coverage(*feeds.lacking(asked.failures(own), len(own))),
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
