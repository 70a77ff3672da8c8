"""One account at Syncro: reading its fleet and proving what its token may. Syncro's API starts nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.domain.clients import Client, RmmBinding
from core.domain.patching import Capabilities, DeviceId, DevicePreview, RmmReading
from core.domain.remediation import JobKind
from core.errors import VendorNotFound
from core.ports import Clock
from integrations.http import in_background
from integrations.rmm.previews import preview
from integrations.rmm.read_only import ReadOnly
from integrations.rmm.syncro.api import SyncroApi
from integrations.rmm.syncro.proof import Prover
from integrations.rmm.syncro.reading import FleetReader
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class SyncroAccount(ReadOnly):
    """Satisfies core.ports.Rmm."""

    api: SyncroApi
    account: str
    vendor_name: str
    capabilities: Capabilities
    clock: Clock
    online_for: timedelta
    trust_sync: bool

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound customers, by customer id. Never raises: `coverage` says so."""
        return self._reader().read(bindings)

    def prove(self, bindings: Sequence[RmmBinding]) -> AccountProof:
        """Ask the least that proves credentials and bindings. Never raises for the vendor."""
        return Prover(reader=self._reader(), vendor_name=self.vendor_name).prove(bindings)

    def close(self) -> None:
        """Close kept connections. They open again when used."""
        self.api.http.sessions.close()

    def preview(
        self, client: Client, kind: JobKind, devices: Sequence[DeviceId]
    ) -> Mapping[DeviceId, DevicePreview]:
        """Which of the devices are the client's; nothing can be done to them. Raises VendorError."""
        bound = {item.organisation for item in client.rmm if item.account == self.account}
        reader = self._reader()
        rows = [self.api.asset(self._asset_id(target)) for target in devices]
        found = [reader.device(row) for row in rows if row is not None]
        return {
            device.id: preview(device, None) for device in found if device.organisation in bound
        }

    def _asset_id(self, target: str) -> str:
        """Syncro's number in a target's id. Raises VendorNotFound for any other id."""
        account, _, asset_id = target.rpartition(":")
        if account != self.account or not re.fullmatch(r"[0-9]+", asset_id):
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return asset_id

    def _reader(self) -> FleetReader:
        return FleetReader(
            api=self.api,
            account=self.account,
            now=self.clock.now(),
            online_for=self.online_for,
            trust_sync=self.trust_sync,
        )
