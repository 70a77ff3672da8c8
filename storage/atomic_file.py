"""Files that are replaced whole: after a crash there is the old content or the new, never a mixture."""

import hashlib
import json
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

from core.errors import GatehouseError, StorageFailed

_log = logging.getLogger(__name__)
_FORMAT = 1
_PRIVATE = 0o600


class Damaged(GatehouseError):
    """A file of the data directory is not what was written to it."""


def failed(error: OSError) -> StorageFailed:
    """The refusal people read, with the system's reason in it."""
    return StorageFailed(
        f"Gatehouse cannot write to its disk ({error.strerror or error}), "
        "so it does nothing at all until it can."
    )


def write_whole(path: Path, data: bytes, *, keep: Path | None = None) -> None:
    """Put `data` in place of the file, on the disk before this returns; `keep` gets the old content.

    Raises StorageFailed: the old content still stands, or (where only the last fsync failed) the new.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write_new(temporary, data)
        if keep is not None:
            _keep_old(path, keep)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise failed(error) from error


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: the system may take fewer than it was given."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what a killed process left half written."""
    for leftover in folder.glob(".*.tmp"):
        leftover.unlink(missing_ok=True)


def move_aside(path: Path, damaged: Path) -> Path:
    """Take a damaged file out of the way, for a person to look at; its new place."""
    try:
        damaged.mkdir(mode=0o700, exist_ok=True)
        target = damaged / f"{path.name}.{secrets.token_hex(4)}"
        path.replace(target)
        sync_folder(damaged)
        sync_folder(path.parent)
    except OSError as error:
        raise failed(error) from error
    _log.error("%s is damaged; it was moved to %s", path, target)
    return target


def seal(body: bytes) -> bytes:
    """A body behind one line that tells its SHA-256, so that damage is noticed."""
    header = json.dumps({"v": _FORMAT, "sha256": hashlib.sha256(body).hexdigest()})
    return header.encode() + b"\n" + body


def unseal(data: bytes) -> bytes:
    """The body of a sealed file. Raises Damaged."""
    line, _, body = data.partition(b"\n")
    try:
        header = json.loads(line)
        known = header["v"] == _FORMAT and header["sha256"] == hashlib.sha256(body).hexdigest()
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise Damaged
    return body


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_old(path: Path, keep: Path) -> None:
    """Give the old content a second name.

    Renaming one name of a file onto another of the same file does nothing, hence both clean-ups.
    """
    second = keep.with_name(f".{keep.name}.tmp")
    second.unlink(missing_ok=True)
    try:
        os.link(path, second)
        second.replace(keep)
    except FileNotFoundError:
        pass  # there is no old content yet
    finally:
        second.unlink(missing_ok=True)
