"""Policies that name what no longer exists: nobody is reached or spared by that any more."""

from collections.abc import Iterator

from core.domain.identity import CaPolicy, DirectoryReading, PolicyState


def deleted_names(reading: DirectoryReading) -> tuple[str, ...]:
    """One sentence per policy, of those whose ids were all looked up."""
    if not reading.coverage.covers("policies"):
        return ()
    living = (p for p in reading.policies if p.state is not PolicyState.DISABLED)
    return tuple(
        f"{policy.name} names what no longer exists: {' and '.join(found)}."
        for policy in sorted(living, key=lambda policy: (policy.name, policy.id))
        if (found := tuple(_gone(policy, reading)))
    )


def _gone(policy: CaPolicy, reading: DirectoryReading) -> Iterator[str]:
    both = (policy.include, policy.exclude)
    groups = frozenset[str]().union(*(side.groups for side in both)) & reading.gone
    if groups:
        yield f"{len(groups)} group{'' if len(groups) == 1 else 's'}"
    if reading.coverage.covers("users"):
        named = frozenset[str]().union(*(side.users for side in both))
        users = named - {user.id for user in reading.users}
        if users:
            yield f"{len(users)} account{'' if len(users) == 1 else 's'}"
