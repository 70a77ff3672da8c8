"""A refused key is told with what to check, in the words its vendor uses for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import VendorAuthError


@contextmanager
def key_named(remedy: str) -> Iterator[None]:
    """Give a VendorAuthError that comes from within the vendor's own remedy."""
    try:
        yield
    except VendorAuthError as failure:
        raise VendorAuthError(
            failure.source,
            failure.reason,
            remedy=remedy,
            status=failure.status,
            code=failure.code,
        ) from failure
