"""Just before a change: who of its targets is the last enabled Global Administrator by now."""

from collections.abc import Callable, Collection, Mapping, Sequence

from core.domain.facts import Fact
from core.rules.admin_roles import GLOBAL_ADMINISTRATOR
from integrations.entra.api import GraphApi
from integrations.entra.roles import ACTIVE, read_holders, read_templates

LAST = "it is the last enabled Global Administrator by now"


def last_enabled(
    api: GraphApi,
    targets: Collection[str],
    existing: Callable[[Sequence[str]], Mapping[str, Fact]],
) -> dict[str, str]:
    """Target id -> why it is left out. `existing` tells who is enabled. Raises VendorError."""
    holders = read_holders(api, ACTIVE, read_templates(api)).get(GLOBAL_ADMINISTRATOR, frozenset())
    mine = holders.intersection(targets)
    if not mine:
        return {}
    facts = existing(sorted(holders))
    enabled = {user for user in holders if facts[user] is Fact.YES}
    return {user: LAST for user in mine if not enabled - {user}}
