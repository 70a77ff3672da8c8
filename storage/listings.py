"""What update scripts found last on each device, in a journal."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Lock

from core.domain.patching import DeviceId, Listing
from core.errors import StorageFailed
from core.ports import Clock
from storage.codec import decode, encode
from storage.journal import Journal, Record

#: How long a listing is kept; whoever reads one decides how old it may be.
MEMORY = timedelta(days=30)


class ListingJournal:
    """Listings by device; the last record of a device counts."""

    def __init__(self, path: Path, *, clock: Clock, damaged: Path) -> None:
        self._lock = Lock()
        self._clock = clock
        self._listings: dict[DeviceId, Listing] = {}
        self._journal = Journal(path, damaged=damaged)
        self._journal.replay(self._replay)
        self._rewrite()

    def get(self, device_id: DeviceId) -> Listing | None:
        """The newest listing of a device."""
        with self._lock:
            return self._listings.get(device_id)

    def put(self, listing: Listing) -> None:
        """Keep it, unless a newer one is there. Raises StorageFailed."""
        with self._lock:
            before = self._listings.get(listing.device_id)
            if before is not None and before.listed_at >= listing.listed_at:
                return
            self._journal.append(encode(listing))
            self._listings[listing.device_id] = listing
            if self._journal.has_grown:
                with suppress(StorageFailed):  # it is kept either way
                    self._rewrite()

    def close(self) -> None:
        self._journal.close()

    def _replay(self, record: Record) -> None:
        listing = decode(Listing, record)
        self._listings[listing.device_id] = listing

    def _rewrite(self) -> None:
        limit = self._clock.now() - MEMORY
        self._listings = {
            key: listing for key, listing in self._listings.items() if listing.listed_at > limit
        }
        self._journal.rewrite(encode(listing) for listing in self._listings.values())
