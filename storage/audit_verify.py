"""Finding the first line of an audit log that is not as it was written; needs no configuration and no lock."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound
from core.ports import AuditHead
from storage.atomic_file import Damaged, unseal
from storage.audit_entry import GENESIS, AuditEntry, BadEntry, from_line
from storage.audit_log import RETENTION
from storage.audit_reader import AuditReader, whole_lines


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """The first bad line (counted from 1) and what is wrong with it, as a clause after "this line"."""

    file: str
    line: int
    seq: int | None
    what: str

    @property
    def sentence(self) -> str:
        return f"{self.file}, line {self.line} {self.what}."


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyResult:
    """What a check of the log found; `first` and `head` are None where it holds no entry."""

    entries: int
    first: AuditHead | None
    head: AuditHead | None
    problem: Problem | None

    @property
    def ok(self) -> bool:
        return self.problem is None


def verify(path: Path, *, expected: AuditHead | None = None) -> VerifyResult:
    """Check a data directory, a folder of monthly files, or one file.

    A chain cannot show by itself that its end was cut off: `expected` is a head that was noted elsewhere
    (in a digest, say). For a data directory the entry its store was built from is checked as well.
    A last line still being written is left out. Raises NotFound where there is no log.
    """
    folder = path / "audit" if (path / "audit").is_dir() else path
    known = [expected] if expected else []
    known += _anchors(path / "store.json")
    if path.is_file():
        return _Check(whole=False).run([path], known)
    if not folder.is_dir():
        raise NotFound(f"There is no audit log at {path}.")
    return _Check(whole=True).run(AuditReader(folder).files(), known)


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    number: int
    raw: bytes

    def problem(self, what: str, seq: int | None = None) -> Problem:
        return Problem(file=self.file, line=self.number, seq=seq, what=what)


class _Check:
    """One pass over all lines, keeping only what the next line is compared with."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self._count = 0
        self._first: tuple[_Line, AuditEntry] | None = None
        self._last: tuple[_Line, AuditEntry] | None = None
        self._noted: dict[int, str] = {}
        self._deleted: set[tuple[int, str]] = set()

    def run(self, files: Sequence[Path], known: Sequence[AuditHead]) -> VerifyResult:
        lines = _lines(files)
        problem = None
        for line in lines:
            problem = self._look_at(line, {head.seq for head in known})
            if problem:
                problem = self._swapped(problem, lines) or problem
                break
        problem = problem or self._lacks_start() or self._lacks(known)
        return VerifyResult(
            entries=self._count,
            first=self._first[1].head if self._first else None,
            head=self._last[1].head if self._last else None,
            problem=problem,
        )

    def _look_at(self, line: _Line, known: set[int]) -> Problem | None:
        try:
            entry = from_line(line.raw)
        except BadEntry as error:
            return line.problem(str(error))
        wrong = _wrong_after(self._last[1], entry) if self._last else None
        if wrong:
            return line.problem(wrong, entry.seq)
        self._count += 1
        self._first = self._first or (line, entry)
        self._last = (line, entry)
        if entry.seq in known:
            self._noted[entry.seq] = entry.hash
        if entry.kind == RETENTION:
            self._deleted.add((entry.detail["last_seq"], entry.detail["last_hash"]))
        return None

    def _swapped(self, problem: Problem, rest: Iterator[_Line]) -> Problem | None:
        """A gap whose missing entry stands further down is not a loss: the order was changed."""
        if problem.seq is None or self._last is None or problem.seq <= self._last[1].seq:
            return None
        missing = self._last[1].seq + 1
        if any(_seq(line) == missing for line in rest):
            what = f"(entry {problem.seq}) stands before entry {missing}: the order was changed"
            return Problem(file=problem.file, line=problem.line, seq=problem.seq, what=what)
        return None

    def _lacks_start(self) -> Problem | None:
        """Older files may be gone only where the record says that they were deleted."""
        if self._first is None or not self._whole:
            return None
        line, entry = self._first
        before = (entry.seq - 1, entry.prev)
        if before == (GENESIS.seq, GENESIS.hash) or before in self._deleted:
            return None
        return line.problem(
            f"is entry {entry.seq}: nothing recorded says where those before it went"
        )

    def _lacks(self, known: Sequence[AuditHead]) -> Problem | None:
        for head in known:
            if self._first and head.seq < self._first[1].seq:
                continue
            found = self._noted.get(head.seq)
            if found != head.hash and head.seq:
                return self._lack(head, cut=found is None)
        return None

    def _lack(self, head: AuditHead, *, cut: bool) -> Problem:
        file, number, seq = "the log", 0, 0
        if self._last:
            file, number, seq = self._last[0].file, self._last[0].number, self._last[1].seq
        if cut:
            what = (
                f"(entry {seq}) is the last, but entry {head.seq} was written: the end was cut off"
            )
        else:
            what = (
                f"or one before it was rewritten: entry {head.seq} is not the one noted elsewhere"
            )
        return Problem(file=file, line=number, seq=seq, what=what)


def _wrong_after(last: AuditEntry, entry: AuditEntry) -> str | None:
    if entry.hash == last.hash:
        return f"(entry {entry.seq}) is a duplicate of the line above"
    if entry.seq <= last.seq:
        return f"(entry {entry.seq}) stands after entry {last.seq}: it was duplicated or moved"
    if entry.seq > last.seq + 1:
        return f"(entry {entry.seq}) follows entry {last.seq}: what was between was dropped"
    if entry.prev != last.hash:
        return f"(entry {entry.seq}) does not continue the line above: one of both was replaced"
    if entry.at < last.at:
        return f"(entry {entry.seq}) is older than the line above: the clock went back"
    return None


def _lines(files: Sequence[Path]) -> Iterator[_Line]:
    for path in files:
        for number, raw in enumerate(whole_lines(path), start=1):
            yield _Line(path.name, number, raw)


def _seq(line: _Line) -> int | None:
    try:
        return from_line(line.raw).seq
    except BadEntry:
        return None


def _anchors(store: Path) -> list[AuditHead]:
    try:
        anchor = json.loads(unseal(store.read_bytes()))["ledger"]["anchor"]
    except (OSError, Damaged, KeyError):
        return []
    return [AuditHead(seq=anchor["seq"], hash=anchor["hash"])]
