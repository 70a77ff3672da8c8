"""Every refused attempt goes on the record: who tried what, and why it was not done."""

import logging
from dataclasses import dataclass

from core.errors import BadInput, GatehouseError, Refused, StorageFailed
from core.ports import AuditLog
from handlers.metadata import metadata
from integrations.slack.inbound import Inbound

log = logging.getLogger(__name__)

#: Characters kept of what somebody typed.
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """Recording must never be what keeps a refusal from being told, so a full disk is only logged."""

    audit: AuditLog

    def note(self, inbound: Inbound, what: str, error: GatehouseError) -> None:
        """Record a refusal. What could not be understood, or failed in the world, is none."""
        if isinstance(error, Refused) and not isinstance(error, BadInput):
            self._append("refused", inbound, what=what, of=_subject(inbound), why=error.sentence)

    def turned_away(self, inbound: Inbound) -> None:
        """Something came from a workspace that is not ours."""
        self._append("turned_away", inbound, what=inbound.kind, workspace=inbound.team_id)

    def _append(self, kind: str, inbound: Inbound, **detail: object) -> None:
        try:
            self.audit.append(kind, actor=inbound.user_id, client=None, **detail)
        except StorageFailed:
            log.exception("A refusal of %s could not be recorded", inbound.user_id)


def _subject(inbound: Inbound) -> str:
    """The request, client or words it was about."""
    held = metadata(inbound)
    subject = inbound.value or inbound.text or held.get("request") or held.get("client")
    return str(subject or "")[:LONGEST]
