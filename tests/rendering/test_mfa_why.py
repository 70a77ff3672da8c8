"""/mfa why: every reason, what is in force apart from what is planned, and what could not be asked."""

from typing import Any

from core.domain.facts import Fact
from core.domain.identity import Grant, PolicyState, Strength
from core.domain.what_if import Explanation, PolicyAnswer, WhatIf
from integrations.slack.rendering.mfa_why import why
from tests.rendering import making as make
from tests.rendering.making import HOSTILE, NOW, WORST
from tests.rendering.slack_limits import complaints_about_message


def policy(name: str = "Require MFA", **changes: Any) -> PolicyAnswer:
    facts: dict[str, Any] = {
        "name": name,
        "state": PolicyState.ENABLED,
        "grant": Grant.MFA,
        "applies": Fact.YES,
        "whole": Fact.YES,
    }
    return PolicyAnswer(**(facts | changes))


def explained(*policies: PolicyAnswer, **changes: Any) -> Explanation:
    verdict = changes.pop("verdict", make.verdict())
    facts: dict[str, Any] = {
        "client": make.client(),
        "snapshot": make.snapshot(make.mfa(verdict)),
        "verdict": verdict,
        "what_if": WhatIf(app="Exchange Online", asked_at=NOW, policies=policies),
    }
    return Explanation(**(facts | changes))


def words(found: Explanation) -> str:
    return make.words(why(found, now=NOW))


def test_the_whole_chain_the_facts_the_methods_and_the_age_are_shown() -> None:
    verdict = make.verdict(
        why=tuple(f"Reason {n}." for n in range(5)),
        registered=Fact.YES,
        methods=("mobilePhone",),
        strength=Strength.SMS_OR_VOICE_ONLY,
    )
    said = words(explained(verdict=verdict))
    assert all(f"• Reason {n}." in said for n in range(5))
    assert "registered *yes* (SMS or voice only) · capable *no* · enforced *no*" in said
    assert "Registered methods: `mobilePhone` (SMS or voice only)" in said
    assert "Acme Dental · read 5 min ago" in said


def test_what_is_in_force_is_told_apart_from_what_is_planned_and_what_does_not_apply() -> None:
    said = words(
        explained(
            policy("Block legacy", grant=Grant.BLOCK),
            policy("Planned", state=PolicyState.REPORT_ONLY),
            policy("Require MFA", applies=Fact.NO, because="this account is not among its users"),
            policy("Maybe", applies=Fact.UNKNOWN),
            policy("Terms", grant=Grant.OTHER, applies=Fact.NO),
        )
    )
    assert "*Block legacy*: blocks the sign-in" in said
    assert "*Planned*: report-only, so it demands nothing" in said
    assert "*Require MFA* does not apply: this account is not among its users" in said
    assert "*Maybe* ❔ may or may not apply" in said
    assert "Terms" not in said
    assert "differs" not in said


def test_an_answer_that_contradicts_the_verdict_is_said_to() -> None:
    assert "differs from the stored verdict" in words(explained(policy()))


def test_where_entra_could_not_be_asked_it_says_so_and_keeps_the_reasons() -> None:
    said = words(explained(what_if=None, not_asked="Entra: Our credentials lack a permission."))
    assert "could not be asked" in said
    assert "lack a permission" in said
    assert "• No policy in force demands MFA" in said


def test_unknown_methods_are_not_called_none() -> None:
    unread = make.verdict(registered=Fact.UNKNOWN)
    assert "Registered methods: ❔ not known" in words(explained(verdict=unread))
    assert "Registered methods: none" in words(explained())
    strange = make.verdict(registered=Fact.YES, methods=("newThing",))
    assert "`newThing` (how strong is not known)" in words(explained(verdict=strange))
    reset = make.verdict(methods=("email",), strength=Strength.NONE)
    assert "`email` (none that answers an MFA prompt)" in words(explained(verdict=reset))


def test_far_too_much_and_hostile_text_still_fits_into_a_message() -> None:
    for name in (HOSTILE, WORST, ""):
        verdict = make.verdict(name, why=(name * 9,) * 60, methods=(name,) * 60, upn=name)
        many = [policy(name, applies=fact, because=name * 5) for fact in Fact for _ in range(80)]
        planned = [policy(name, state=PolicyState.REPORT_ONLY)] * 80
        shown = why(
            explained(*many, *planned, verdict=verdict, client=make.client(name=name)), now=NOW
        )
        assert complaints_about_message(shown.text, shown.blocks) == []
        assert "<!channel>" not in make.words(shown).partition("\n")[2], "only the header is plain"
