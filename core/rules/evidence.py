"""What the sign-in log adds to verdicts: it proves what happened, and never changes what is judged."""

from dataclasses import replace

from core.domain.evidence import SignInEvidence, SingleFactor
from core.domain.findings import MfaSection, MfaVerdict

NOT_YET = "The sign-in log has not been read yet; it is read apart from scans."
UNLICENSED = (
    "Entra gives its sign-in log only with a premium licence, which this tenant does not have."
)


def with_evidence(section: MfaSection, evidence: SignInEvidence | None) -> MfaSection:
    """The section with a mark on every account that signed in with one factor."""
    if evidence is None or not evidence.counts:
        return section
    verdicts = tuple(_marked(verdict, evidence) for verdict in section.verdicts)
    return replace(section, verdicts=verdicts)


def _marked(verdict: MfaVerdict, evidence: SignInEvidence) -> MfaVerdict:
    count = (evidence.counts or {}).get(verdict.user_id, 0)
    if not count:
        return verdict
    seen = SingleFactor(count=count, since=evidence.since, whole=evidence.whole)
    return replace(verdict, single_factor=seen, why=(*verdict.why, f"It {times(seen)}. {_DOUBT}"))


_DOUBT = "An earlier prompt or another maker's MFA would not show there."


def times(seen: SingleFactor) -> str:
    """How often, as the end of a sentence."""
    count = "once" if seen.count == 1 else f"{seen.count} times"
    least = "" if seen.whole else "at least "
    since = f"{seen.since.day} {seen.since:%b}"
    return f"signed in {least}{count} without being asked for MFA since {since}"
