"""What is read and changed outside: the directory of the clients' tenants, and the RMM accounts."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.clients import Client
from core.domain.digest import Offers
from core.ports import Effector, Parallel
from core.usecases.prove_write import Provable
from integrations.entra import EntraDirectory
from integrations.rmm.locked import LockedAccount
from integrations.rmm.vendor import RmmAccount


@dataclass(frozen=True, kw_only=True)
class Sources:
    """All that a configuration names, and how many reads go side by side."""

    directory: EntraDirectory
    rmms: Mapping[str, RmmAccount]
    parallel: Parallel

    def offers(self, client: Client) -> Offers:
        """What can be asked for at a client with the credentials and settings there are."""
        rmms = [self.rmms[binding.account].capabilities for binding in client.rmm]
        return Offers(
            enforce_mfa=self.directory.can_write and client.mfa_group is not None,
            per_user_mfa=self.directory.can_write,
            patch=any(can.install or can.scan for can in rmms),
        )

    @property
    def provables(self) -> Mapping[str, Provable]:
        """The accounts whose install is locked until proven, without their locks."""
        return {
            name: Provable(doubt=rmm.doubt, rmm=rmm.real, trial=rmm.trial)
            for name, rmm in self.rmms.items()
            if isinstance(rmm, LockedAccount) and rmm.provable
        }

    @property
    def effectors(self) -> Mapping[str, Effector]:
        return {"entra": self.directory, **self.rmms}

    def close(self) -> None:
        """Close kept connections."""
        self.directory.close()
        for rmm in self.rmms.values():
            rmm.close()
