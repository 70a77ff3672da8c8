"""Whether a client's tenant and its devices seem to belong to the same company."""

from core.domain.clients import Client
from core.domain.findings import MfaSection, PatchSection

#: Ends of names that only ever live inside a network: they tell nothing about the tenant.
_PRIVATE = frozenset(
    {"corp", "home", "internal", "intranet", "lan", "local", "localdomain", "private"}
)
#: What anybody may call a network, so that two clients' may be called the same.
_COMMON = frozenset({"company", "domain", "internal", "mydomain", "network", "office", "server"})
_TELLING_LETTERS = 5


def mismatch(mfa: MfaSection | None, patches: PatchSection | None, client: Client) -> str | None:
    """One sentence where the two sides differ and no person has confirmed it; None otherwise.

    None too where one side is not known: that is no evidence of a wrong binding.
    """
    if client.binding_confirmed or mfa is None or patches is None:
        return None
    tenant = {d.casefold() for d in (*mfa.domains, mfa.default_domain or "") if d}
    devices = (patches.main_domain or "").casefold()
    if not tenant or not devices or devices.rpartition(".")[2] in _PRIVATE:
        return None
    if any(_related(devices, domain) for domain in tenant):
        return None
    return (
        f"{client.name} may be bound to the wrong tenant or RMM organisation: the tenant "
        f"{mfa.tenant_name or client.tenant_id} has {', '.join(sorted(tenant))}, but most devices "
        f"belong to {devices}. Nothing is changed there until an owner has mended the binding or "
        "set binding_confirmed = true for this client."
    )


def is_common(domain: str) -> bool:
    """Whether this may be the inner domain of two companies that have nothing to do with each other."""
    label, _, end = domain.casefold().rpartition(".")
    name = label.rpartition(".")[2]
    return end in _PRIVATE and (name in _COMMON or len(name) < _TELLING_LETTERS)


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
