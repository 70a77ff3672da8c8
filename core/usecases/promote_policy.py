"""One policy, one step up: whom it spares, whom it meets at once, and who is given notice first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict
from core.domain.identity import Audience, Grant, PolicyState
from core.domain.policy import MfaPolicy
from core.domain.remediation import Target
from core.domain.tenant_change import (
    EnableInTurn,
    EndNotice,
    PlannedChange,
    PolicyTemplate,
    SetPolicyState,
    TenantPolicy,
)
from core.rules.notice_period import day_words, notice_end
from core.rules.policy_impact import keyless, names, sample_of, unready, who
from core.rules.policy_templates import Crowd, crowd, spared, without
from core.rules.tenant_offers import NEXT_STATE, Offers
from core.usecases.mfa_targets import where_registered

#: Each is a hole in a policy in force, named one by one: more of them nobody looks over, and how many
#: Entra takes in one policy is not documented.
MOST_LEFT_OUT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """All that follows from the policy and the people as they are known."""

    client: Client
    item: TenantPolicy
    #: Everyone it includes; those it asks once it is enabled and nobody is on notice.
    everyone: Crowd
    reached: Crowd
    #: Account -> why it joins the exclusions for good.
    missing: Mapping[str, str]
    #: Who may have nothing to answer with, and until when they have notice; None where nobody needs any.
    late: tuple[MfaVerdict, ...]
    end: datetime | None
    #: Policies that would limit where a method is registered, and are not enabled.
    idle_limits: tuple[str, ...]

    @classmethod
    def of(cls, item: TenantPolicy, offers: Offers, mfa: MfaPolicy) -> "Promotion":
        include, exclude = item.policy.include, item.policy.exclude
        everyone = crowd(include, Audience(), offers.controls, offers.verdicts)
        asked = crowd(include, exclude, offers.controls, offers.verdicts)
        held = spared(offers.client, asked.people)
        missing = {user: why for user, why in held.items() if user not in exclude.users}
        reached = without(asked, missing)
        enabling = NEXT_STATE[item.state] is PolicyState.ENABLED
        late = unready(item, reached.people) if enabling else ()
        return cls(
            client=offers.client,
            item=item,
            everyone=everyone,
            reached=reached,
            missing=missing,
            late=late,
            end=notice_end(offers.client, mfa, offers.now) if late else None,
            idle_limits=tuple(
                other.name
                for other in offers.controls.policies or ()
                if other.policy.limits_registration and other.state is PolicyState.REPORT_ONLY
            ),
        )

    @property
    def after(self) -> PolicyState:
        return NEXT_STATE[self.item.state]

    @property
    def at_once(self) -> Crowd:
        """Whom it asks from the first call on."""
        return without(self.reached, [v.user_id for v in self.late])

    @property
    def change(self) -> PlannedChange:
        """Two calls, where there are people to be enforced before the others."""
        if not self.late or self.why_all_wait is not None:
            return self._step(self.reached)
        people = {str(verdict.user_id) for verdict in self.late}
        rest = EndNotice(policy_id=self.item.id, name=self.item.name, asks=self.item.asks)
        return EnableInTurn(enable=self._step(self.at_once, people), rest=rest)

    @property
    def people(self) -> tuple[Target, ...]:
        """Those on notice; the policy's own weight stands for all whom it asks."""
        return tuple(
            Target(
                id=verdict.user_id,
                name=f"{verdict.name} ({verdict.upn})",
                aliases=frozenset({verdict.upn}),
                weight=0,
                not_before=self.end,
            )
            for verdict in self.late
        )

    @property
    def left_out(self) -> Mapping[str, str]:
        """Account -> why it is not asked at all."""
        asked = {v.user_id for v in self.reached.people}
        out: dict[str, str] = {v.user_id: "excluded by the policy" for v in self.everyone.people}
        return {user: why for user, why in (out | dict(self.missing)).items() if user not in asked}

    @property
    def why_all_wait(self) -> str | None:
        """Why those who can answer it are not asked before the others."""
        if not self.everyone.whole:
            return "it names groups, guests or roles, so who cannot answer it is not sure"
        if not self.at_once.people:
            return "nobody can answer it already"
        if len(self.late) > MOST_LEFT_OUT:
            return f"Gatehouse leaves {MOST_LEFT_OUT} people out of a policy by name and no more"
        return None

    def warnings(self) -> Iterator[str]:
        """Who is given notice until when, and whom it asks."""
        blocks = self.item.policy.grant is Grant.BLOCK
        if self.end is not None:
            yield from self._notice(self.end)
        in_turn = isinstance(self.change, EnableInTurn)
        begin = "From then on it refuses sign-ins of" if blocks else "From then on it asks"
        asked = self.at_once if in_turn else self.reached
        yield from who(asked, "At once it asks" if in_turn else begin, by_method=not blocks)
        if self.item.template is PolicyTemplate.RESISTANT_ADMINS:
            yield from without_key(self.reached)

    def _notice(self, end: datetime) -> Iterator[str]:
        count, day = len(self.late), f"{day_words(end)} ({self.client.time_zone})"
        people = "1 person who may" if count == 1 else f"{count} people who may"
        if self.why_all_wait is None:
            named = names([v.upn for v in self.late])
            yield (
                f"{people} have nothing to answer it with yet ({named}) "
                f"{'is' if count == 1 else 'are'} left out until {day}, and asked from then on: "
                "whoever signs in first registers, so reach each of them before."
            )
        else:
            yield (
                f"It is not enabled before {day}: that is the notice for {people} have nothing to "
                f"answer it with yet. All wait for it, because {self.why_all_wait}. Whoever can "
                "answer it already is protected sooner by /mfa enforce."
            )
        unable = [v for v in self.late if v.capable is not Fact.YES]
        if unable:
            yield where_registered(unable)
            yield from self._idle(unable)

    def _idle(self, unable: Sequence[MfaVerdict]) -> Iterator[str]:
        """What would help and is not enabled yet."""
        limited = all(verdict.registration_limited is Fact.YES for verdict in unable)
        if self.idle_limits and not limited:
            yield (
                f"{names(self.idle_limits)} would limit where they register, but Entra does not even "
                "try a report-only policy on that: enable it in the Entra portal."
            )

    def _step(
        self, asked: Crowd, people: frozenset[str] | set[str] = frozenset()
    ) -> SetPolicyState:
        return SetPolicyState(
            policy_id=self.item.id,
            name=self.item.name,
            before=self.item.state,
            after=self.after,
            fingerprint=self.item.fingerprint,
            essence=self.item.essence,
            add_excluded=tuple(sorted({*self.missing, *people})),
            sample=sample_of(asked),
        )


def without_key(crowd: Crowd) -> Iterator[str]:
    """Who could not get in past a policy that wants phishing-resistant methods."""
    weak = [v.upn for v in keyless(crowd.people)]
    if weak:
        yield (
            f"{len(weak)} of them have registered nothing phishing-resistant ({names(weak)}): once it "
            "is enabled they cannot get in before they have a passkey, a security key or the like."
        )
