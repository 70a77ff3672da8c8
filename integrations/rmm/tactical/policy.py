"""What an agent's effective patch policy means for an install; pure."""

from collections.abc import Mapping

from integrations.rmm.rows import Row, text

#: Field of a policy -> the severity, as rows of updates word it, that its "approve" approves.
_SEVERITIES: Mapping[str, str] = {
    "critical": "Critical",
    "important": "Important",
    "moderate": "Moderate",
    "low": "Low",
    "other": "",
}


def approving(agent: Row) -> frozenset[str]:
    """The severities of which an install approves everything before it starts."""
    policy = _policy(agent)
    return frozenset(
        severity for field, severity in _SEVERITIES.items() if text(policy.get(field)) == "approve"
    )


def never_restarts(agent: Row) -> bool:
    """Whether no restart follows an install. A word we do not know may restart."""
    return text(_policy(agent).get("reboot_after_install")) in ("never", "inherit")


def _policy(agent: Row) -> Row:
    policy = agent.get("effective_patch_policy")
    return policy if isinstance(policy, dict) else {}
