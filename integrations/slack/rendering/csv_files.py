"""Lists as CSV files that are safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from core.domain.clients import Client
from core.domain.findings import DeviceVerdict, LineVerdict, Snapshot
from integrations.slack.rendering.device_words import held_up
from integrations.slack.rendering.mrkdwn import plain

#: A cell that begins with one of these would be run as a formula; some spreadsheets read the wide ones too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - the wide ones are meant
LONGEST_CELL = 1_000
_SHOWN_CVES = 40


def mfa_csv(client: Client, snapshot: Snapshot) -> bytes:
    """One row per account, those that may not sign in last."""
    head = (
        "client", "name", "account", "gap", "requirement", "registered", "capable", "enforced",
        "admin", "kind", "held out", "stale", "methods", "strength", "entra id p1", "exempt until",
        "why", "observed at",
    )  # fmt: skip
    section = snapshot.mfa
    rows = (
        (
            client.name, v.name, v.upn, v.gap, v.requirement, v.registered, v.capable, v.enforced,
            ("yes", "of a part", "no")[v.rank], v.kind, v.held_out or "", _yes(v.stale), " ".join(v.methods),
            v.strength, v.premium, v.exempt.until.isoformat() if v.exempt else "",
            " / ".join(v.why), section.observed_at.isoformat() if section else "",
        )
        for v in ((*section.verdicts, *section.blocked) if section else ())
    )  # fmt: skip
    return _file(head, rows)


def patch_csv(client: Client, snapshot: Snapshot) -> bytes:
    """One row per missing product line of each device, and one for each device without any."""
    head = (
        "client", "device", "in", "kind", "os", "online", "overdue", "troubles", "product line",
        "update", "kb", "severity", "state", "age in days", "allowed days", "counted from",
        "since", "held up", "cves", "last scan", "observed at",
    )  # fmt: skip
    section = snapshot.patches
    rows: list[Sequence[str]] = []
    for d in section.devices if section else ():
        first = (client.name, d.name, _accounts(client, d), d.kind, d.os, d.online)
        troubles = " ".join(sorted(d.troubles))
        scan = d.last_scan.isoformat() if d.last_scan else ""
        last = (scan, section.observed_at.isoformat() if section else "")
        rows += [
            (
                *first, line.overdue, troubles, line.line, line.title, line.kb or "",
                line.severity, line.state, str(line.age_days), str(line.allowed_days),
                line.basis, line.since.isoformat(), " / ".join(held_up(line)),
                _cves(line), *last,
            )
            for line in d.lines
        ] or [(*first, d.overdue, troubles, *[""] * 11, *last)]  # fmt: skip
    return _file(head, rows)


def _cves(line: LineVerdict) -> str:
    """Whole ones only: a cell that is cut off would name another."""
    more = len(line.cves) - _SHOWN_CVES
    return " ".join((*line.cves[:_SHOWN_CVES], *([f"+{more} more"] if more > 0 else ())))


def _accounts(client: Client, device: DeviceVerdict) -> str:
    """The client's own that see it: what another's are called may tell whose they are."""
    own = {binding.account for binding in client.rmm}
    return " ".join((device.account, *(account for account in device.also_in if account in own)))


def safe_cell(text: str) -> str:
    """A cell of one line that no spreadsheet takes for a formula."""
    line = plain(text, LONGEST_CELL)
    return f"'{line}" if line.startswith(_FORMULA) else line


def _file(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
