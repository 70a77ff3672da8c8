"""Reading the devices that a plan names, and their updates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.patching import Device, Patch
from core.errors import VendorNotFound
from integrations.rmm.asio import mapping
from integrations.rmm.asio.api import AsioApi
from integrations.rmm.asio.devices import Devices
from integrations.rmm.asio.mapping import Counted


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The devices of one account, by the ids of targets. Everything raises VendorError."""

    api: AsioApi
    account: str

    def devices(self, client: Client, targets: Sequence[str]) -> dict[str, Device]:
        """Those devices that still are in one of the client's companies, and whether they are online."""
        bound = sorted({item.organisation for item in client.rmm if item.account == self.account})
        wanted = {self.endpoint_id(target) for target in targets}
        reader, source = Devices(api=self.api), self.api.source
        rows = {mapping.endpoint_id(source, row): row for row in reader.rows(bound)}
        named = {key: row for key, row in rows.items() if key in wanted}
        beats = reader.beats(bound) if named else {}
        found = [
            mapping.device(self.account, source, row, beat=beats.get(key))
            for key, row in named.items()
        ]
        return {device.id: device for device in found if device.organisation in bound}

    def updates(self, target: str) -> tuple[list[Patch], Counted] | None:
        """One device's updates and what is counted on it; None where it was never assessed."""
        key = self.endpoint_id(target)
        answer = self.api.patches(key)
        if answer is None:
            return None
        found = mapping.patches(self.account, self.api.source, key, answer)
        return found, mapping.summary(answer)

    def endpoint_id(self, target: str) -> str:
        """The platform's id in a target's id. Raises VendorNotFound for any other id."""
        account, _, key = target.rpartition(":")
        if account != self.account or not re.fullmatch(r"[\w-]+", key):
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return key
