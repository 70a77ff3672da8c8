"""Turn "let these people off MFA until then" into an exact plan, and an early end of it into another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.domain.clients import Client
from core.domain.exemptions import Exemption
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict, Snapshot
from core.domain.policy import ApprovalPolicy, MfaPolicy
from core.domain.remediation import (
    Action,
    Direction,
    Options,
    Plan,
    Request,
    Skipped,
    Target,
)
from core.errors import BadInput, Refused
from core.ports import Clock, Exemptions
from core.rules.exemptions import day_at, day_words

#: The account whose jobs Gatehouse carries out in its own books.
ACCOUNT = "gatehouse"
NOTHING_CHANGES = "Nothing is changed in Entra: their accounts stay exactly as they are."
PASSWORD_ENOUGH = "Whoever knows the password of an account without MFA can sign in as that person."  # noqa: S105 - a sentence


@dataclass(frozen=True, kw_only=True, slots=True)
class ExemptionPlanner:
    """Plans exemptions of one client. Raises Refused or BadInput with what to do."""

    exemptions: Exemptions
    policy: ApprovalPolicy
    mfa: MfaPolicy
    clock: Clock

    def exempt(
        self, client: Client, user_ids: Sequence[str], until: date, snapshot: Snapshot
    ) -> Plan:
        """Plan to leave the users' gaps uncounted to the end of a day."""
        self.check_end(client, until)
        if snapshot.mfa is None:
            raise Refused("This client's tenant has not been read yet. Try again after a scan.")
        verdicts = {str(verdict.user_id): verdict for verdict in snapshot.mfa.verdicts}
        kept: list[MfaVerdict] = []
        skipped: list[Skipped] = []
        for user_id in dict.fromkeys(user_ids):
            verdict = verdicts.get(user_id)
            if verdict is None:
                reason = "not in the newest scan; refresh and try again"
                skipped.append(Skipped(id=user_id, name=user_id, reason=reason))
            elif (why := _why_not(client, verdict, until)) is not None:
                skipped.append(Skipped(id=user_id, name=verdict.upn, reason=why))
            else:
                kept.append(verdict)
        if not kept:
            reasons = "; ".join(f"{item.name}: {item.reason}" for item in skipped[:3])
            raise Refused(f"Nobody is left to exempt. {reasons}")
        return self._plan(
            client,
            Action.EXEMPT_MFA,
            [self._target(verdict) for verdict in kept],
            skipped=tuple(skipped),
            options=Options(until=until),
            warnings=(PASSWORD_ENOUGH, NOTHING_CHANGES),
        )

    def end(self, client: Client, done: Request) -> Plan:
        """Plan to end early what `done` granted and what still holds because of it."""
        if done.plan.action is not Action.EXEMPT_MFA or not done.state.final:
            raise Refused(f"{done.id} is no exemption that was granted, so there is none to end.")
        today = day_at(client, self.clock.now())
        granted = (e for e in self.exemptions.of(client.key) if e.request == done.id)
        held = {e.user_id for e in granted if e.holds_on(today)}
        targets = [target for target in done.plan.targets if target.id in held]
        if not targets:
            raise Refused(f"Nothing of {done.id} is left to end.")
        gone = (t for t in done.plan.targets if t.id not in held)
        return self._plan(
            client,
            Action.END_EXEMPTION,
            targets,
            skipped=tuple(Skipped(id=t.id, name=t.name, reason="no longer exempt") for t in gone),
            options=Options(),
            warnings=("Their gaps count again at once.", NOTHING_CHANGES),
            done=done,
        )

    def _plan(
        self,
        client: Client,
        action: Action,
        targets: Sequence[Target],
        *,
        skipped: tuple[Skipped, ...],
        options: Options,
        warnings: tuple[str, ...],
        done: Request | None = None,
    ) -> Plan:
        lowers = action is Action.EXEMPT_MFA
        return Plan(
            client=client.key,
            client_name=client.name,
            account=ACCOUNT,
            action=action,
            direction=Direction.LOWERS if lowers else Direction.RAISES,
            options=options,
            targets=tuple(targets),
            skipped=skipped,
            warnings=warnings,
            undo_of=done.id if done is not None else None,
            made_at=self.clock.now(),
        )

    def check_end(self, client: Client, until: date) -> None:
        """Raise BadInput for a day that is over, and Refused for one too far ahead."""
        today = day_at(client, self.clock.now())
        if until < today:
            raise BadInput("That day is over already. Choose one from today on.")
        last = today + timedelta(days=self.mfa.exemption_days)
        if until > last:
            raise Refused(
                f"An exemption lasts {self.mfa.exemption_days} days at most: "
                f"choose {day_words(last)} or a day before it."
            )

    def _target(self, verdict: MfaVerdict) -> Target:
        return Target(
            id=verdict.user_id,
            name=f"{verdict.name} ({verdict.upn})",
            aliases=frozenset({verdict.upn}),
            weight=self.policy.admin_weight if verdict.admin else 1,
            before=dict(_before(verdict.exempt)),
            is_admin=verdict.admin,
            capable=verdict.capable is not Fact.NO,
        )


def exemptible(verdict: MfaVerdict) -> bool:
    """Whether a person may be offered in the form: a gap, sure or possible, or an exemption to prolong."""
    return verdict.gap is not Fact.NO or verdict.exempt is not None


def _why_not(client: Client, verdict: MfaVerdict, until: date) -> str | None:
    if verdict.user_id in client.break_glass:
        return "break-glass account: configured, never exempted"
    if verdict.exempt is not None and verdict.exempt.until >= until:
        return f"exempt to the end of {day_words(verdict.exempt.until)} already"
    if verdict.exempt is None and verdict.gap is Fact.NO:
        return "no gap, so there is nothing to exempt"
    return None


def _before(exemption: Exemption | None) -> Iterator[tuple[str, str]]:
    if exemption is not None:
        yield "exempt until", exemption.until.isoformat()
        yield "exempt by", exemption.request
