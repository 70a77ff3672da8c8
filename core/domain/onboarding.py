"""How far each client's tenant has come: a worklist for the MSP, not a wall of refusals."""

from dataclasses import dataclass

from core.domain.clients import ClientKey
from core.domain.tenant_change import TenantPower


@dataclass(frozen=True, kw_only=True, slots=True)
class TenantStanding:
    """One tenant. `expires_days` is of the credential that ends first; None for a secret, which does not tell.

    `surplus` are "app: permission"; `problems` are (what, what to do), worst first.
    """

    client: ClientKey
    client_name: str
    readable: bool
    writable: bool
    break_glass_valid: bool
    surplus: tuple[str, ...] = ()
    expires_days: int | None = None
    #: What the write app may change for the whole tenant.
    powers: tuple[TenantPower, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def done(self) -> bool:
        return self.readable and self.writable and self.break_glass_valid and not self.problems
