"""Whether an install that takes everything approved would now take more than what was approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.patching import DeviceId, Patch, PatchClass
from core.domain.remediation import Plan
from integrations.rmm.previews import WEIGHTY


@dataclass(frozen=True)
class Growth:
    """Compares a plan's basis with what is approved now (by device, definitions left out).

    The number of additions is measured against the whole plan, which is what the approver saw; a driver
    or feature update counts on the devices whose turn it is.
    """

    plan: Plan
    turn: Sequence[str]
    percent: int

    def wider(self, now: Mapping[DeviceId, Sequence[Patch]]) -> str | None:
        """A sentence where it would be more than was approved."""
        added = self._added(now)
        weighty = next(
            (p for p in added if p.patch_class in WEIGHTY and p.device_id in self.turn), None
        )
        if weighty is not None:
            kind = "driver" if weighty.patch_class is PatchClass.DRIVER else "feature update"
            return f"A {kind} was approved since: {weighty.title}."
        approved = sum(len(target.basis or ()) for target in self.plan.targets)
        return _too_many(len(added), approved, self.percent)

    def _added(self, now: Mapping[DeviceId, Sequence[Patch]]) -> list[Patch]:
        """Updates that were not part of the plan. A plan that knew none for a device says nothing of it."""
        return [
            patch
            for target in self.plan.targets
            if target.basis is not None
            for patch in now.get(DeviceId(target.id), ())
            if patch.key not in target.basis
        ]


def grown_counts(plan: Plan, now: Mapping[str, int], percent: int) -> str | None:
    """The same for a vendor that only counts: a sentence where the counts grew beyond what was approved.

    Where a plan names the updates, nothing else is installed, whatever the counts say.
    """
    known = [target for target in plan.targets if target.count is not None and not target.chosen]
    approved = sum(target.count or 0 for target in known)
    added = sum(max(0, now.get(target.id, 0) - (target.count or 0)) for target in known)
    return _too_many(added, approved, percent)


def _too_many(added: int, approved: int, percent: int) -> str | None:
    if added * 100 <= approved * percent:
        return None
    return (
        f"{added} updates were approved in the RMM since, on top of {approved}; "
        f"more than {percent} % growth needs a new request."
    )
