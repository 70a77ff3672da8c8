"""Reading the devices a plan names, as few calls as can be: by organisation, and one by one only who is online."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.patching import Device
from core.errors import VendorNotFound
from core.ports import Clock
from integrations.rmm.restarts import Look
from integrations.rmm.rows import Row, text
from integrations.rmm.vsax import mapping
from integrations.rmm.vsax.api import VsaxApi


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The devices of one account, by the ids of targets. Everything raises VendorError."""

    api: VsaxApi
    account: str
    clock: Clock

    def devices(self, client: Client, targets: Sequence[str]) -> dict[str, Device]:
        """Those devices that still are in one of the client's organisations, as their agents reported them."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        wanted = {self.identifier(target) for target in targets}
        now, source = self.clock.now(), self.api.source
        found = [
            mapping.device(self.account, source, row, row, now)
            for row in self._assets(wanted, bound)
            if text(row.get("Identifier")) in wanted
        ]
        return {device.id: device for device in found if device.organisation in bound}

    def _assets(self, wanted: Collection[str], bound: Collection[str]) -> list[Row]:
        if len(wanted) == 1:
            row = self.api.asset(next(iter(wanted)))
            return [] if row is None else [row]
        return [row for organisation in sorted(bound) for row in self.api.assets(organisation)]

    def online(self, target: str) -> Fact | None:
        """Whether a device is online at this moment; None where it is gone."""
        row = self.api.device(self.identifier(target))
        return None if row is None else mapping.online(row)

    def look(self, client: Client, target: str) -> Look:
        """What a device shows of a restart; whether it waits for one is not told. Raises VendorNotFound."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        row, online = self.api.asset(self.identifier(target)), self.online(target)
        if row is None or online is None or mapping.organisation(self.api.source, row) not in bound:
            raise VendorNotFound(self.api.source, f"{target} is no longer in Kaseya VSA X.")
        return Look(online=online, booted_at=mapping.booted_at(row), owed=Fact.UNKNOWN)

    def identifier(self, target: str) -> str:
        """VSA X's identifier in a target's id. Raises VendorNotFound for any other id."""
        account, _, identifier = target.rpartition(":")
        if account != self.account or not re.fullmatch(r"[\w-]+", identifier):
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return identifier
