"""Why one account is, or is not, protected: the stored verdict, and what its tenant says of a sign-in now."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import Client
from core.domain.evidence import SignInEvidence
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict, Snapshot
from core.domain.identity import Grant, PolicyState


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyAnswer:
    """Whether one policy would apply; `because` says in words why not. A report-only one applies idly.

    `whole`: it is for all apps but those it leaves out, and depends on nothing that was left open.
    """

    id: str = ""
    name: str
    state: PolicyState
    grant: Grant
    applies: Fact
    whole: Fact
    because: str = ""
    #: It does not apply for no other reason than the app that was asked about.
    other_apps: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WhatIf:
    """A tenant's own answer for one user's imagined sign-in to `app`."""

    app: str
    asked_at: datetime
    policies: tuple[PolicyAnswer, ...]

    def applying(self, state: PolicyState) -> tuple[PolicyAnswer, ...]:
        return tuple(p for p in self.policies if p.applies is Fact.YES and p.state is state)


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """All that is known of one account. `not_asked` says why there is no `what_if`."""

    client: Client
    snapshot: Snapshot
    verdict: MfaVerdict
    what_if: WhatIf | None = None
    not_asked: str = ""
    #: None: the sign-in log was not read yet.
    evidence: SignInEvidence | None = None
