"""What several stories share: the Gatehouse group, the usual policies, and people nobody covers."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sandbox.estate import policies
from sandbox.estate.draft import Draft
from sandbox.estate.methods import NOT_ALLOWED, STRONG, TEXT_ONLY
from sandbox.estate.model import Group, User
from sandbox.estate.roles import ADMIN_ROLES

GATEHOUSE_GROUP = "Gatehouse - MFA enforced"
GATEHOUSE_POLICY = "Require MFA for Gatehouse group"
OFFICE_365 = "Office365"
ADMIN_PORTALS = "MicrosoftAdminPortals"


def gatehouse_group(
    draft: Draft, members: Iterable[User], *, without: Iterable[Group] = ()
) -> Group:
    """The one group Gatehouse may add people to, and the full MFA policy that includes it."""
    group = draft.group(GATEHOUSE_GROUP, members)
    draft.tenant.mfa_group_id = group.id
    draft.policy(
        GATEHOUSE_POLICY,
        policies.require("mfa"),
        policies.conditions(
            policies.scope(
                groups=[group.id],
                without_users=draft.tenant.break_glass_ids,
                without_groups=[item.id for item in without],
            )
        ),
    )
    return group


def block_legacy(draft: Draft, *, without: Iterable[Group] = ()) -> None:
    draft.policy(
        "Block legacy authentication",
        policies.require("block"),
        policies.conditions(
            policies.everyone(
                without_users=draft.tenant.break_glass_ids,
                without_groups=[item.id for item in without],
            ),
            clientAppTypes=["exchangeActiveSync", "other"],
        ),
    )


def mfa_for_admins(draft: Draft) -> None:
    """Addresses roles only: who is merely eligible is not covered until activation."""
    draft.policy(
        "Require MFA for administrators",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(roles=ADMIN_ROLES, without_users=draft.tenant.break_glass_ids)
        ),
    )


def managed_admin_portals(draft: Draft) -> None:
    """A policy Microsoft put there, still report-only."""
    draft.policy(
        "Microsoft-managed: Multifactor authentication for admins accessing Microsoft Admin Portals",
        policies.require("mfa"),
        policies.conditions(
            policies.scope(roles=ADMIN_ROLES),
            applications=policies.applications(ADMIN_PORTALS),
        ),
        state=policies.REPORT_ONLY,
        template_id="a3d0a415-b068-4326-9251-f9cdf9feeb64",
    )


def leave_gaps(draft: Draft, left_out: Sequence[User]) -> None:
    """Give the people no policy reaches every state of registration there is; at least ten are needed."""
    if len(left_out) < 10:
        raise ValueError(f"{draft.outline.key} leaves only {len(left_out)} people out")
    for user in left_out:
        user.methods = list(STRONG)
    for user in left_out[:2]:
        user.methods = []
    left_out[2].methods = list(NOT_ALLOWED)
    left_out[2].method_disallowed = True
    left_out[3].in_report = False
    left_out[4].methods = list(TEXT_ONLY)
    make_stale(draft, left_out[5], days=190)


def make_stale(draft: Draft, user: User, *, days: int) -> None:
    """Nobody has got in for so long; someone tried the door last week."""
    user.last_sign_in = draft.now - timedelta(days=days)
    user.last_attempt = draft.now - timedelta(days=6, hours=5)
