"""/mfa why: one account's verdict with all its reasons, and what its tenant says of a sign-in now."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from core.domain.clients import Client
from core.domain.facts import Fact
from core.domain.findings import MfaVerdict
from core.domain.identity import Grant, PolicyState, Strength
from core.domain.what_if import Explanation, PolicyAnswer, WhatIf
from core.rules.evidence import NOT_YET
from core.rules.what_if import disagrees
from core.usecases.plan_exemptions import exemptible
from integrations.slack.rendering.blocks import (
    Element,
    actions,
    button,
    context,
    header,
    message,
    section,
)
from integrations.slack.rendering.coverage import failing, freshness, stale_note, unread_blocks
from integrations.slack.rendering.ids import Act
from integrations.slack.rendering.message import Block, ListView, Message
from integrations.slack.rendering.mfa_lists import STRENGTH_WORDS, account
from integrations.slack.rendering.mrkdwn import (
    bold,
    code,
    escape,
    in_a_row,
    listed,
    moment,
)

SHOWN_REASONS, SHOWN_POLICIES, SHOWN_METHODS = 12, 10, 12
_GRANTS: Mapping[Grant, str] = {
    Grant.MFA: "demands MFA",
    Grant.MFA_OR_OTHER: "demands MFA or another control",
    Grant.THIRD_PARTY: "demands another maker's control",
    Grant.BLOCK: "blocks the sign-in",
    Grant.OTHER: "demands something else than MFA",
}
_ABOUT_MFA = (Grant.MFA, Grant.MFA_OR_OTHER, Grant.THIRD_PARTY)


def why(found: Explanation, *, now: datetime, may_exempt: bool = False) -> Message:
    """The stored reasons first; what Entra says now beneath, or why it could not be asked."""
    verdict, part = found.verdict, found.snapshot.mfa
    failed = failing(found.snapshot, "mfa")
    age = freshness(part.observed_at if part else None, now)
    stale = f" · {stale_note(failed)}" if failed else ""
    view = ListView(client=found.client.key).encode()
    label = f"MFA gaps of {found.client.name}"
    blocks: list[Block] = [
        header(f"MFA · {verdict.name}"),
        section(account(verdict)),
        section(f"*Why*\n{_reasons(verdict)}\n{_methods(verdict)}"),
        context(f"{escape(found.client.name)} · {age}{stale}"),
        *_evidence(found),
        section(_now(found)),
        *unread_blocks((*(part.coverage.unread if part else ()), *failed)),
        actions(
            button("MFA gaps", Act.MFA_LIST, view, label=label),
            *(_exempting(found.client, verdict) if may_exempt else ()),
        ),
    ]
    return message(f"MFA of {verdict.upn}: enforced {verdict.enforced.value}", blocks)


def _exempting(client: Client, verdict: MfaVerdict) -> Iterator[Element]:
    """What may be asked for about an exemption."""
    who = verdict.upn
    if verdict.exempt is not None:
        label = f"Ask to end the exemption of {who}"
        yield button("End exemption…", Act.UNDO, verdict.exempt.request, label=label)
    if exemptible(verdict):
        value, label = f"{client.key} {verdict.user_id}", f"Ask to exempt {who} from MFA"
        text = "Exempt longer…" if verdict.exempt is not None else "Exempt…"
        yield button(text, Act.EXEMPT_FORM, value, label=label)


def _evidence(found: Explanation) -> Iterator[Block]:
    """What the sign-in log does not tell, and why; what it tells stands among the reasons."""
    read = found.evidence
    if read is None or read.counts is None:
        why = NOT_YET if read is None else read.why_not
        yield context(f"❔ *Sign-ins with one factor: not known.* {escape(why, 500)}")
    elif found.verdict.single_factor is None:
        least = "" if read.whole else " among the newest that were looked through"
        yield context(f"No sign-in with one factor since {moment(read.since)}{least}.")


def _reasons(verdict: MfaVerdict) -> str:
    lines = [f"• {escape(line, 300)}" for line in verdict.why]
    return listed(lines, SHOWN_REASONS) or "• Nothing speaks against it."


def _methods(verdict: MfaVerdict) -> str:
    if not verdict.methods:
        return "Registered methods: " + (
            "none" if verdict.registered is Fact.NO else "❔ not known"
        )
    strength = STRENGTH_WORDS.get(verdict.strength, _UNRATED[verdict.strength is Strength.NONE])
    words = in_a_row([code(word) for word in verdict.methods], SHOWN_METHODS)
    return f"Registered methods: {words} ({strength})"


#: By whether it is sure that none of the methods counts.
_UNRATED = {True: "none that answers an MFA prompt", False: "how strong is not known"}


# What the tenant says now.


def _now(found: Explanation) -> str:
    answer = found.what_if
    if answer is None:
        return f"❔ *Entra could not be asked what a sign-in would meet now.*\n{escape(found.not_asked, 500)}"
    lines = [*_applying(answer), *_idle(answer)]
    if disagrees(found.verdict, answer):
        lines.append(
            "⚠️ This differs from the stored verdict: something changed since it was read. Refresh the list."
        )
    head = (
        f"*A browser sign-in to {answer.app} would meet* (Entra, asked {moment(answer.asked_at)})"
    )
    return f"{head}\n" + "\n".join(lines) + f"\n_{_LEFT_OPEN}_"


_LEFT_OPEN = (
    "Place, device and risk were left open, so policies that depend on them may count here."
)


def _applying(answer: WhatIf) -> Iterator[str]:
    enforced = answer.applying(PolicyState.ENABLED)
    planned = answer.applying(PolicyState.REPORT_ONLY)
    if not enforced:
        yield "• No policy in force."
    lines = [f"• {bold(p.name)}: {_GRANTS[p.grant]}" for p in enforced]
    lines += [f"• {bold(p.name)}: report-only, so it demands nothing" for p in planned]
    if lines:
        yield listed(lines, SHOWN_POLICIES, what="more policies")


def _idle(answer: WhatIf) -> Iterator[str]:
    """Policies about MFA that would not apply, or of which Entra could not tell."""
    idle = [p for p in answer.policies if p.grant in _ABOUT_MFA and p.applies is not Fact.YES]
    if idle:
        yield listed([_not_applying(p) for p in idle], SHOWN_POLICIES, what="more policies")


def _not_applying(policy: PolicyAnswer) -> str:
    tells = "does not apply" if policy.applies is Fact.NO else "❔ may or may not apply"
    because = f": {escape(policy.because, 150)}" if policy.because else ""
    return f"• {bold(policy.name)} {tells}{because}"
