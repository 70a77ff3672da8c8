"""A disk that fails on purpose: full, slow to take bytes, or gone at one chosen step."""

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Killed(BaseException):
    """The process is dead: nothing after this runs, clean-up included."""


def no_space(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def full_disk() -> Iterator[None]:
    """No byte can be written to any file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", no_space)
        yield


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The kernel lets no file grow beyond `size`: a write that would is cut short, the next one fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def failing(*names: str) -> Iterator[None]:
    """These calls of `os` (or `Path.<name>`) fail as on a full disk."""
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            owner = Path if name.startswith("Path.") else os
            patch.setattr(owner, name.removeprefix("Path."), no_space)
        yield


@contextmanager
def short_writes(at_most: int) -> Iterator[None]:
    """The system takes a few bytes at a time, as it may."""
    real = os.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:at_most]))
        yield


@contextmanager
def dying_at(step: int) -> Iterator[list[str]]:
    """Raise Killed at the given step that touches the disk; yields the names of the steps passed.

    A write that is hit puts half of its bytes down first: that is how lines are torn.
    """
    passed: list[str] = []

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            passed.append(name)
            if len(passed) == step:
                if name == "write":
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                raise Killed
            return real(*args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in ("write", "fsync", "link", "ftruncate"):
            patch.setattr(os, name, watched(name, getattr(os, name)))
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, watched(name, getattr(Path, name)))
        yield passed
