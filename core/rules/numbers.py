"""The headline numbers of a client, as its newest snapshot tells them."""

from collections import Counter
from collections.abc import Mapping

from core.domain.digest import Numbers
from core.domain.facts import Fact
from core.domain.findings import (
    DeviceTrouble,
    DeviceVerdict,
    MfaSection,
    MfaVerdict,
    PatchSection,
    Snapshot,
)
from core.domain.identity import AccountKind
from core.rules.unmanaged import unmanaged


def numbers_of(snapshot: Snapshot) -> Numbers:
    """None where nothing was ever read. `troubled_devices` are in a state that needs a hand."""
    mfa, patches = snapshot.mfa, snapshot.patches
    strays = unmanaged(snapshot)
    return Numbers(
        mfa_gaps=len(mfa.gaps()) if mfa else None,
        mfa_unknown=len(mfa.unknown()) if mfa else None,
        admins_without_mfa=len(admins_without_mfa(mfa)) if mfa else None,
        accounts=len(mfa.verdicts) if mfa else None,
        exempt=len(mfa.exempted()) if mfa else None,
        overdue_devices=len(patches.overdue()) if patches else None,
        unknown_devices=len(patches.unknown()) if patches else None,
        troubled_devices=len(_troubled(patches)) if patches else None,
        devices=len(patches.devices) if patches else None,
        unmanaged_devices=len(strays) if strays is not None else None,
    )


def troubles_of(section: PatchSection) -> Mapping[DeviceTrouble, int]:
    """How many devices are in each state of its own, the most frequent first."""
    found = Counter(trouble for device in section.devices for trouble in device.troubles)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def admins_without_mfa(section: MfaSection) -> tuple[MfaVerdict, ...]:
    """Administrators a stolen password would do for; invited ones too, although guests are no gaps."""
    return tuple(v for v in section.verdicts if v.admin and _lacks_mfa(v))


def _lacks_mfa(verdict: MfaVerdict) -> bool:
    return verdict.gap is Fact.YES or (verdict.exempt is None and _open_guest(verdict))


def _open_guest(verdict: MfaVerdict) -> bool:
    return verdict.kind is AccountKind.GUEST and verdict.enforced is Fact.NO


def _troubled(section: PatchSection) -> tuple[DeviceVerdict, ...]:
    return tuple(device for device in section.devices if device.problems)
