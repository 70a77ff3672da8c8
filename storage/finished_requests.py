"""Requests that have ended: one sealed file each, its name telling when it ended and which it is."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from core.domain.remediation import Request, RequestId
from storage.atomic_file import Damaged, seal, unseal, write_whole
from storage.codec import from_bytes, to_bytes

_STAMP = "%Y%m%dT%H%M%S%fZ"


class FinishedRequests:
    """An index of names, made when opened; the files are read when asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ended = dict(_parts(path) for path in folder.glob("*.json"))

    def __contains__(self, request_id: str) -> bool:
        return request_id in self._ended

    def get(self, request_id: RequestId) -> Request | None:
        """One request. Raises Damaged."""
        ended = self._ended.get(request_id)
        if ended is None:
            return None
        try:
            return from_bytes(Request, unseal(self._path(request_id, ended).read_bytes()))
        except (OSError, ValueError) as error:
            raise Damaged from error

    def put(self, request: Request, *, ended: datetime) -> None:
        """Keep a request that has ended, durably, or its newer version."""
        path = self._path(request.id, ended)
        try:
            write_whole(path, seal(to_bytes(request)))
        finally:
            # A failed write may still have left the file; what is on the disk is what counts.
            if path.exists():
                self._ended[request.id] = ended

    def since(self, since: datetime) -> tuple[RequestId, ...]:
        """The requests that ended at or after `since`, newest first."""
        found = [(ended, name) for name, ended in self._ended.items() if ended >= since]
        return tuple(name for _, name in sorted(found, reverse=True))

    def _path(self, request_id: RequestId, ended: datetime) -> Path:
        stamp = ended.astimezone(UTC).strftime(_STAMP)
        return self._folder / f"{stamp}--{quote(request_id, safe='')}.json"


def _parts(path: Path) -> tuple[RequestId, datetime]:
    stamp, _, name = path.stem.partition("--")
    return RequestId(unquote(name)), datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
