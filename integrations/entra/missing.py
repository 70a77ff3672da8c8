"""Noting in a reading what is not in it, why, and what to do about it."""

from collections.abc import Iterable
from dataclasses import replace

from core.domain.facts import Unread
from core.domain.identity import DirectoryReading
from core.errors import VendorError, VendorForbidden, VendorNotFound
from integrations.entra.api import SOURCE
from integrations.entra.permissions import role_for


def without(
    reading: DirectoryReading,
    what: str,
    failure: VendorError,
    *,
    some: str = "",
    role: str | None = None,
) -> DirectoryReading:
    """The reading as it is, with the note that `what` is missing.

    `some` limits it ("3 of 40 accounts: "); `role` is the permission to name instead of the part's own.
    """
    unread = Unread(
        source=SOURCE,
        what=what,
        reason=some + failure.reason,
        remedy=_remedy(failure, role or role_for(what)),
        since=reading.observed_at,
    )
    return replace(reading, coverage=reading.coverage.plus(unread))


def without_some(
    reading: DirectoryReading,
    what: str,
    kind: str,
    ended: Iterable[object],
    *,
    role: str | None = None,
) -> DirectoryReading:
    """The same where single items failed; those that are gone by now need no answer."""
    ends = list(ended)
    failed = [end for end in ends if isinstance(end, VendorError)]
    failed = [failure for failure in failed if not isinstance(failure, VendorNotFound)]
    if not failed:
        return reading
    some = f"{len(failed)} of {len(ends)} {kind}: "
    return without(reading, what, failed[0], some=some, role=role)


def _remedy(failure: VendorError, role: str | None) -> str:
    """Name the permission, unless the error knows better."""
    generic = failure.remedy == VendorForbidden.remedy
    if isinstance(failure, VendorForbidden) and generic and role is not None:
        return f"Grant {role} to the read app in that tenant."
    return failure.remedy
