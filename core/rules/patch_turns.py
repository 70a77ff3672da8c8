"""In which order a plan's devices have their turns, over how many nights, and which have none."""

from collections.abc import Sequence

from core.domain.clients import Client
from core.domain.policy import RingPolicy
from core.domain.remediation import Skipped, Target
from core.rules.nights import apart, is_critical, nights_of
from core.rules.rings import with_rings


def in_turns(
    fit: Sequence[Target], client: Client, policy: RingPolicy, *, nights: int
) -> tuple[tuple[Target, ...], tuple[Skipped, ...]]:
    """The targets of an install in their order, and those that would need more nights than there are."""
    critical = {target.id for target in fit if is_critical(target, client)}
    night = nights_of(sorted(fit, key=lambda target: target.id in critical), client)
    served = [target for target in fit if night[target.id] < nights]
    unserved = tuple(
        Skipped(id=target.id, name=target.name, reason=_never_with(target, served, client))
        for target in fit
        if night[target.id] >= nights
    )
    return with_rings(served, policy, critical=critical), unserved


def later_nights(targets: Sequence[Target], client: Client) -> tuple[str, ...]:
    """A warning that names those that cannot go in the first night."""
    night = nights_of(targets, client)
    names = ", ".join(target.name for target in targets if night[target.id] > 0)
    words = "Not in the first night, because another server has to stand meanwhile"
    return (f"{words}: {names}.",) if names else ()


def _never_with(target: Target, others: Sequence[Target], client: Client) -> str:
    names = sorted(other.name for other in others if apart(target, other, client))
    words = f"never in one night with {', '.join(names)}"
    return f"{words}; ask for it another night, or for more nights"
