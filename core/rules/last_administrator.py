"""Nobody may lock the last Global Administrator out of a tenant."""

from collections.abc import Collection

from core.domain.facts import Fact
from core.domain.findings import MfaSection, MfaVerdict


def last_administrators(section: MfaSection, chosen: Collection[str]) -> frozenset[str]:
    """Those of the chosen without whom no other enabled Global Administrator could surely sign in.

    Surely able is who can satisfy MFA, and who is neither chosen nor asked for MFA now.
    """
    admins = [v for v in section.verdicts if v.global_admin and v.enabled is Fact.YES]
    able = {str(v.user_id) for v in admins if _can_sign_in(v, chosen)}
    return frozenset(v.user_id for v in admins if v.user_id in chosen and not able - {v.user_id})


def _can_sign_in(verdict: MfaVerdict, chosen: Collection[str]) -> bool:
    if verdict.capable is Fact.YES:
        return True
    return verdict.user_id not in chosen and verdict.enforced is Fact.NO
