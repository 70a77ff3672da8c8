"""Digests, verification results and exports as text."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from core.domain.clients import Client
from core.domain.policy import MfaPolicy
from core.ports import Clock
from core.usecases.build_digest import BuildDigest
from core.usecases.exempted_snapshots import ExemptedSnapshots
from core.usecases.noticed_snapshots import NoticedSnapshots
from handlers.cli import output
from handlers.clock.digests import clients_of
from integrations.rmm import VENDORS
from integrations.slack.rendering.digest import digest_message
from integrations.slack.rendering.message import Message
from storage import ReadOnlyData
from storage.audit_entry import AuditEntry
from storage.audit_export import csv_rows, jsonl
from storage.audit_verify import VerifyResult

_DATE = re.compile(r"<!date\^\d+\^[^|]*\|([^>]*)>")
_ITALIC = re.compile(r"(?<!\w)_(.+?)_(?!\w)")


class Format(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    JSONL = "jsonl"


def digest_text(
    everyone: Sequence[Client], channel: str, data: ReadOnlyData, clock: Clock, policy: MfaPolicy
) -> str:
    """The digest of a channel as it would be posted now, as plain text. Raises Refused."""
    wanted, clients = clients_of(everyone, channel)
    exempted = ExemptedSnapshots(
        snapshots=data.snapshots, exemptions=data.exemptions, clients=clients, clock=clock
    )
    build = BuildDigest(
        snapshots=NoticedSnapshots(snapshots=exempted, requests=data.requests),
        requests=data.requests,
        slots=data.slots,
        switch=data.switch,
        audit=data.audit,
        clock=clock,
        exemptions=data.exemptions,
        remind_days=policy.remind_days,
        vendor_names={vendor.key: vendor.name for vendor in VENDORS},
    )
    day = clock.now().astimezone(clients[0].zone).date()
    return as_text(digest_message(build(wanted, day, clients)))


def as_text(message: Message) -> str:
    """A message's words without Slack's marks."""
    lines: list[str] = []
    for block in message.blocks:
        parts = [block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())]
        texts = [p["text"] for p in parts if p and isinstance(p.get("text"), str)]
        lines += [_unmarked(text) for text in texts]
    return "\n".join(lines)


def _unmarked(text: str) -> str:
    shown = _ITALIC.sub(r"\1", _DATE.sub(r"\1", text)).replace("*", "").replace("`", "")
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def proof_asked(plan: Mapping[str, Any]) -> str:
    """What a proof is about to do, for whoever has to say yes to it."""
    several = f"{plan['updates']} update{'' if plan['updates'] == 1 else 's'}"
    return (
        f"This installs {several} on {plan['device']} ({plan['client']}) now, and may restart it.\n"
        f"To be proven at {plan['server']}: {plan['reading']}.\n{plan['risk']}\n"
        "Choose a quiet time: whatever else begins to install meanwhile spoils the proof."
    )


def verified(result: VerifyResult, *, as_json: bool) -> None:
    """What a check of the audit log found."""
    head = result.head
    if as_json:
        output.say_json(
            {
                "ok": result.ok,
                "entries": result.entries,
                "head": {"seq": head.seq, "hash": head.hash} if head else None,
                "problem": result.problem.sentence if result.problem else None,
            }
        )
    elif result.problem is not None:
        output.say(f"✗ {result.problem.sentence}")
    elif head is None:
        output.say("The audit log is empty.")
    else:
        output.say(f"✓ {result.entries} entries, unbroken; the last is {head.seq}, {head.hash}")


def exported(entries: Iterable[AuditEntry], kind: Format) -> None:
    """The whole log on stdout."""
    lines = csv_rows(entries) if kind is Format.CSV else jsonl(entries)
    for line in lines:
        sys.stdout.write(line if line.endswith("\n") else line + "\n")
