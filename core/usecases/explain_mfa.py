"""Explain one account's verdict, and ask its tenant what a sign-in would meet now."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.domain.clients import Client, ClientKey
from core.domain.evidence import SignInEvidence
from core.domain.findings import MfaVerdict
from core.domain.what_if import Explanation
from core.errors import NotFound, VendorError
from core.ports import Directory, ShownSnapshots
from core.rules.quoting import quoted

_SUGGESTIONS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainMfa:
    """Looks among the clients that whoever asks may read."""

    directory: Directory
    snapshots: ShownSnapshots
    evidence: Callable[[ClientKey], SignInEvidence | None]

    def __call__(self, clients: Sequence[Client], address: str) -> Explanation:
        """Raises NotFound; a tenant that cannot be asked still leaves the stored verdict."""
        found = self._stored(clients, address)
        stored = replace(found, evidence=self.evidence(found.client.key))
        try:
            answer = self.directory.what_if(stored.client, stored.verdict.user_id)
        except VendorError as failure:
            return replace(stored, not_asked=failure.advice)
        return replace(stored, what_if=answer)

    def _stored(self, clients: Sequence[Client], address: str) -> Explanation:
        seen: list[MfaVerdict] = []
        never_read = 0
        for client in clients:
            snapshot = self.snapshots.get(client.key)
            if snapshot is None or snapshot.mfa is None:
                never_read += client.tenant_id is not None
                continue
            for verdict in snapshot.mfa.verdicts:
                if verdict.upn.casefold() == address.casefold():
                    return Explanation(client=client, snapshot=snapshot, verdict=verdict)
            seen += snapshot.mfa.verdicts
        raise NotFound(_nowhere(address, seen, never_read))


def _nowhere(address: str, seen: Sequence[MfaVerdict], never_read: int) -> str:
    words = [f"Gatehouse knows no account {quoted(address)} at the clients you may read."]
    near = difflib.get_close_matches(
        address.casefold(), [verdict.upn.casefold() for verdict in seen], n=_SUGGESTIONS
    )
    if near:
        words.append(f"Did you mean {' or '.join(near)}?")
    words.append("Accounts that may not sign in are not listed.")
    if never_read:
        tenants = "tenant was" if never_read == 1 else "tenants were"
        words.append(f"{never_read} {tenants} never read, so it may be there.")
    return " ".join(words)
