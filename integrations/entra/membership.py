"""Adding users to a group, and taking them out again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.events import StepResult
from core.domain.remediation import Job, StepState
from core.errors import (
    GatehouseError,
    OutcomeUnknown,
    VendorError,
    VendorNotFound,
    VendorRefused,
)
from core.ports import Evidence, Report
from integrations.entra.api import GraphApi
from integrations.entra.change import Watch, evidence, report
from integrations.entra.groups import address, direct_members, read_whole_groups

_MARK = "members"
_ALREADY = "was in the group already"
_GONE = "was not in the group any more"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Membership:
    """One job on one group. Its mark names the targets that stood in the group itself before the call."""

    api: GraphApi
    job: Job
    group: str
    watch: Watch

    def mark(self) -> Mapping[str, str]:
        before = direct_members(self.api, self.group)
        return {_MARK: ",".join(target for target in self.job.targets if target in before)}

    @property
    def before(self) -> frozenset[str]:
        return frozenset(filter(None, self.job.mark.get(_MARK, "").split(",")))

    def _members(self) -> frozenset[str]:
        return direct_members(self.api, self.group)

    def _all_members(self) -> frozenset[str]:
        return read_whole_groups(self.api, [self.group]).users[self.group]

    def _one_by_one(
        self, targets: Sequence[str], change: Callable[[str], StepResult]
    ) -> list[StepResult]:
        """Each for itself. Once one was sent, no failure may hide it: the rest then says why it was not."""
        results: list[StepResult] = []
        for target in targets:
            try:
                results.append(change(target))
            except OutcomeUnknown:
                results.append(StepResult(target=target, state=StepState.UNKNOWN))
            except VendorError as failure:
                if not results:
                    raise
                results.append(_failed(target, f"not sent: {failure.reason}"))
        return results


@dataclass(frozen=True, kw_only=True, slots=True)
class AddMembers(_Membership):
    """Up to 20 in one call, all or none; where that is refused, one by one."""

    def dispatch(self) -> Report:
        wanted = [target for target in self.job.targets if target not in self.before]
        already = [
            _was_so(target, _ALREADY) for target in self.job.targets if target in self.before
        ]
        return report((*already, *(self._add(wanted) if wanted else ())))

    def _add(self, wanted: Sequence[str]) -> Sequence[StepResult]:
        body = {"members@odata.bind": [self._reference(target) for target in wanted]}
        try:
            self.api.write("PATCH", address(self.group), body)
        except VendorRefused:
            return self._add_one_by_one(wanted)
        return [_changed(target) for target in wanted]

    def _add_one_by_one(self, wanted: Sequence[str]) -> Sequence[StepResult]:
        """A refused call added nobody; one of its targets may have been added by others meanwhile."""
        inside = self._members()
        already = [_was_so(target, _ALREADY) for target in wanted if target in inside]
        missing = [target for target in wanted if target not in inside]
        return self._with_lost_ones([*already, *self._one_by_one(missing, self._add_one)])

    def _add_one(self, target: str) -> StepResult:
        body = {"@odata.id": self._reference(target)}
        try:
            self.api.write("POST", f"{address(self.group)}/members/$ref", body)
        except VendorNotFound:
            return _failed(target, "the account no longer exists")
        except VendorRefused as refused:
            # Only words tell this refusal from others, and a replica may not show the member yet.
            if "already exist" in refused.reason.lower() or target in self._members():
                return _was_so(target, _ALREADY)
            return _failed(target, refused.reason)
        return _changed(target)

    def _with_lost_ones(self, results: list[StepResult]) -> list[StepResult]:
        """Settle by looking what an answer that got lost would have told."""
        return _settled(results, lambda lost: self.watch.until_seen(self.job, lost, self._members))

    def _reference(self, target: str) -> str:
        return f"{self.api.root}/v1.0/directoryObjects/{target}"

    def follow(self) -> Report:
        before = self.before
        return report(
            tuple(
                _was_so(target, _ALREADY) if target in before else _changed(target)
                for target in self.job.targets
            )
        )

    def verify(self) -> tuple[StepResult, ...]:
        inside = self._all_members()
        return tuple(
            StepResult(target=target, state=StepState.VERIFIED, reason="in the group")
            if target in inside
            else StepResult(
                target=target, state=StepState.DONE, reason="not yet visible in the group"
            )
            for target in self.job.targets
        )

    def reconcile(self) -> Evidence:
        wanted = frozenset(self.job.targets) - self.before
        seen = self.watch.until_seen(self.job, wanted, self._members)
        return evidence(seen, wanted, "in the group")


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveMembers(_Membership):
    """One by one, and always by reference: without `/$ref` the address is the user, not the membership."""

    def dispatch(self) -> Report:
        inside = [target for target in self.job.targets if target in self.before]
        gone = [_was_so(target, _GONE) for target in self.job.targets if target not in self.before]
        results = self._one_by_one(inside, self._remove_one)
        return report((*gone, *self._with_lost_ones(results)))

    def _remove_one(self, target: str) -> StepResult:
        try:
            self.api.write("DELETE", f"{address(self.group)}/members/{target}/$ref")
        except VendorNotFound:
            return _was_so(target, _GONE)
        except VendorRefused as refused:
            return _failed(target, refused.reason)
        return _changed(target)

    def _with_lost_ones(self, results: list[StepResult]) -> list[StepResult]:
        return _settled(results, self._seen_gone)

    def _seen_gone(self, targets: frozenset[str]) -> frozenset[str]:
        return self.watch.until_seen(self.job, targets, lambda: targets - self._members())

    def follow(self) -> Report:
        before = self.before
        return report(
            tuple(
                _changed(target) if target in before else _was_so(target, _GONE)
                for target in self.job.targets
            )
        )

    def verify(self) -> tuple[StepResult, ...]:
        """Each read may come from another replica: that two differ proves a nested group only later on."""
        inside, directly = self._all_members(), self._members()
        if not self.watch.settled(self.job):
            directly |= inside
        return tuple(_out(target, inside, directly) for target in self.job.targets)

    def reconcile(self) -> Evidence:
        wanted = frozenset(self.job.targets) & self.before
        return evidence(self._seen_gone(wanted), wanted, "out of the group")


def _out(target: str, inside: frozenset[str], directly: frozenset[str]) -> StepResult:
    if target not in inside and target not in directly:
        return StepResult(target=target, state=StepState.VERIFIED, reason="out of the group")
    if target in directly:
        return StepResult(target=target, state=StepState.DONE, reason="still visible in the group")
    reason = "still in the group through another group in it"
    return StepResult(target=target, state=StepState.NOT_VERIFIED, reason=reason)


def _settled(
    results: list[StepResult], look: Callable[[frozenset[str]], frozenset[str]]
) -> list[StepResult]:
    """Replace what is unknown by what looking shows; where looking fails too, it stays unknown."""
    lost = frozenset(result.target for result in results if result.state is StepState.UNKNOWN)
    if not lost:
        return results
    try:
        seen = look(lost)
    except GatehouseError as failure:
        reason = f"the answer was lost, and looking failed: {failure}"
        return [_unknown(r.target, reason) if r.target in lost else r for r in results]
    return [_found(r.target, seen) if r.target in lost else r for r in results]


def _found(target: str, seen: frozenset[str]) -> StepResult:
    return _changed(target) if target in seen else _failed(target, "the call did not arrive")


def _changed(target: str) -> StepResult:
    return StepResult(target=target, state=StepState.DONE, changed=True)


def _was_so(target: str, reason: str) -> StepResult:
    return StepResult(target=target, state=StepState.DONE, reason=reason, changed=False)


def _failed(target: str, reason: str) -> StepResult:
    return StepResult(target=target, state=StepState.FAILED, reason=reason, changed=False)


def _unknown(target: str, reason: str) -> StepResult:
    return StepResult(target=target, state=StepState.UNKNOWN, reason=reason, changed=True)
