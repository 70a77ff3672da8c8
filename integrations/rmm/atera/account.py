"""One account at Atera: reading its fleet and proving what its key may. Atera's API installs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.clients import Client, RmmBinding
from core.domain.patching import Capabilities, DeviceId, DevicePreview, RmmReading
from core.domain.remediation import JobKind
from core.errors import VendorNotFound
from core.ports import Clock
from integrations.http import in_background
from integrations.rmm.atera import mapping
from integrations.rmm.atera.api import AteraApi
from integrations.rmm.atera.proof import Prover
from integrations.rmm.atera.reading import FleetReader
from integrations.rmm.previews import preview
from integrations.rmm.read_only import ReadOnly
from integrations.rmm.vendor import AccountProof


@dataclass(frozen=True, kw_only=True)
class AteraAccount(ReadOnly):
    """Satisfies core.ports.Rmm."""

    api: AteraApi
    account: str
    vendor_name: str
    capabilities: Capabilities
    clock: Clock
    trust_last_seen: bool

    @in_background
    def read(self, bindings: Sequence[RmmBinding]) -> Mapping[str, RmmReading]:
        """Read all bound customers at once, by their number. Never raises: `coverage` says so."""
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
        rows = [self.api.agent(self._agent_id(target)) for target in devices]
        found = [
            mapping.device(self.account, self.api.source, row) for row in rows if row is not None
        ]
        return {
            device.id: preview(device, None) for device in found if device.organisation in bound
        }

    def _agent_id(self, target: str) -> str:
        """Atera's number in a target's id. Raises VendorNotFound for any other id."""
        account, _, agent_id = target.rpartition(":")
        if account != self.account or not agent_id.isdecimal():
            raise VendorNotFound(self.api.source, f"{target} is not a device of this account.")
        return agent_id

    def _reader(self) -> FleetReader:
        return FleetReader(
            api=self.api,
            account=self.account,
            now=self.clock.now(),
            trust_last_seen=self.trust_last_seen,
        )
