"""Object ids that are the same for the same seed."""

import uuid

_NAMESPACE = uuid.UUID("6b1f6b0e-5f0c-4c57-9d55-7f2a3c1f8f11")


def stable_id(seed: int, *parts: str) -> str:
    """A GUID made from the seed and what the object is."""
    return str(uuid.uuid5(_NAMESPACE, "/".join((str(seed), *parts))))
