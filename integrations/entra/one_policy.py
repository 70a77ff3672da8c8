"""One conditional-access policy, read anew."""

from core.domain.tenant_change import SetPolicyState, TenantPolicy
from core.errors import VendorNotFound
from integrations.entra.api import GraphApi, Json
from integrations.entra.pacing import TenantPace
from integrations.entra.tenant_settings import POLICIES

EDITED = "the policy was edited since"


def policy_path(policy_id: str) -> str:
    return f"{POLICIES}/{policy_id}"


def read_policy(api: GraphApi, pace: TenantPace, policy_id: str) -> Json:
    """The policy; nothing where it is gone. Raises VendorError."""
    try:
        return api.get(policy_path(policy_id), pace=pace.policies)
    except VendorNotFound:
        return {}


def edited(item: TenantPolicy, change: SetPolicyState) -> bool:
    """Somebody changed since what it asks of whom; in its new state that is theirs to choose."""
    return item.state is change.before and item.fingerprint != change.fingerprint
