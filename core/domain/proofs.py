"""Writes whose reach no document is sure of: locked on a server until one run there was seen to hit one device."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import ClientKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """What is not known of a vendor's write, and how an account reads it.

    A proof holds for this vendor, server (its address) and reading, and for nothing else.
    """

    vendor: str
    server: str
    #: The reading to be proven, such as "EntityType 1 means a computer".
    reading: str
    #: What could happen if it is wrong, in one sentence.
    risk: str

    @property
    def key(self) -> str:
        return f"{self.vendor} {self.server} {self.reading}"


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteProof:
    """The write was made on one device a person named, and its effect was seen there and nowhere else."""

    doubt: Doubt
    client: ClientKey
    device_id: str
    device_name: str
    #: What was seen, in one clause.
    seen: str
    #: Who ran it, as the machine knows them.
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What the source shows of one device that the write in doubt would change; `mark` is only compared."""

    name: str
    mark: str
