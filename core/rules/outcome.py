"""How a request ended, and how many of its targets ended how."""

from dataclasses import dataclass

from core.domain.remediation import JobKind, Request, RequestState, StepState

_UNTOUCHED = (StepState.SKIPPED, StepState.PLANNED, StepState.WAITING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Targets by how they ended; `open` have not."""

    verified: int
    #: Among the verified: those that were so before this request did anything.
    already: int
    not_verified: int
    failed: int
    skipped: int
    unknown: int
    open: int

    @property
    def sentence(self) -> str:
        """Only what there is: "12 verified (2 already so), 1 failed"."""
        already = f" ({self.already} already so)" if self.already else ""
        parts = (
            (self.verified, f"verified{already}"),
            (self.not_verified, "not verified"),
            (self.failed, "failed"),
            (self.skipped, "skipped"),
            (self.unknown, "unknown"),
            (self.open, "still open"),
        )
        return ", ".join(f"{count} {word}" for count, word in parts if count) or "no targets"


def outcome(request: Request) -> RequestState:
    """The final state of a request whose steps are all final.

    An unknown step may well have been carried out, so it never makes a request "failed".
    """
    verified = request.count(StepState.VERIFIED)
    if verified == len(request.steps):
        return RequestState.SUCCEEDED
    if verified or request.count(StepState.UNKNOWN):
        return RequestState.PARTIAL
    cancelled = request.state is RequestState.CANCELLING
    if cancelled and request.count(*_UNTOUCHED) == len(request.steps):
        return RequestState.CANCELLED
    return RequestState.FAILED


def tally(request: Request) -> Tally:
    """The counts of a request at any moment."""
    verified = [step for step in request.steps if step.state is StepState.VERIFIED]
    return Tally(
        verified=len(verified),
        already=sum(step.changed is False for step in verified),
        not_verified=request.count(StepState.NOT_VERIFIED),
        failed=request.count(StepState.FAILED),
        skipped=request.count(StepState.SKIPPED),
        unknown=request.count(StepState.UNKNOWN),
        open=sum(not step.state.final for step in request.steps),
    )


def nothing_failed(request: Request) -> bool:
    """No target failed: where none is verified either, a restart or a scan may be owed, or all were skipped."""
    return request.started_at is not None and not request.count(StepState.FAILED)


def not_signed_out(request: Request, target: str) -> str | None:
    """Why a target whose sign-out was approved was not signed out; None where it was, or was not to be."""
    theirs = request.jobs_of(target)
    sign_outs = [job for job in theirs if job.kind is JobKind.REVOKE_SESSIONS]
    if not sign_outs or any(job.dispatched_at for job in sign_outs):
        return None
    why = next((job.detail for job in sign_outs if job.detail), "")
    return f"enforced, but not signed out{f': {why}' if why else ''}"
