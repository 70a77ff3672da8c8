"""Plover Sailmakers: the office has the dear licence, the loft the cheap one, and the policies know neither."""

from sandbox.estate.draft import Draft
from sandbox.estate.stories.ordinary import ordinary

_CHEAP = "O365_BUSINESS_PREMIUM"
_PREMIUM_PLANS = ("AAD_PREMIUM", "MFA_PREMIUM")


def plover_sails(draft: Draft) -> None:
    """An ordinary company, whose licences were handed out sparingly afterwards."""
    ordinary(draft)
    for user in draft.of("Operations"):
        user.sku = _CHEAP
    # In the policy for staff, and somebody has switched off what that needs.
    draft.of("Sales")[0].disabled_plans = list(_PREMIUM_PLANS)
