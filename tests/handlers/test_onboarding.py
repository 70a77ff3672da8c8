"""The worklist of tenants: what is readable, guarded and writable, and the next step for the others."""

from datetime import timedelta

from core.domain.identity import GroupProof
from core.domain.tenant_change import TenantPower
from handlers.onboarding import standing
from integrations.entra.check import AccountProof, AppProof, Problem, TenantProof
from integrations.entra.permissions import READ, WRITE
from integrations.slack.rendering.message import Message
from integrations.slack.rendering.onboarding import onboarding
from tests.usecases.requests_made import ACME, START, a_client


def an_app(app: str, **other: object) -> AppProof:
    given = {
        "app": app,
        "client_id": "id",
        "roles": frozenset({"User.Read.All"}),
        "expires": START + timedelta(days=90),
    } | other
    return AppProof(**given)  # type: ignore[arg-type]


def a_proof(**other: object) -> TenantProof:
    given = {
        "client": ACME,
        "tenant_id": "t",
        "read": an_app("read"),
        "write": an_app("write"),
        "break_glass": (AccountProof(user_id="u", name="bg@acme.example"),),
        "group": GroupProof(group_id="g", name="MFA", problems=()),
    } | other
    return TenantProof(**given)  # type: ignore[arg-type]


def test_a_tenant_with_everything_is_done() -> None:
    assert standing(a_client(), a_proof(), START).done


def test_a_group_that_cannot_be_used_makes_a_tenant_not_writable() -> None:
    group = GroupProof(group_id="g", name="MFA", problems=("it is a dynamic group",))

    found = standing(a_client(), a_proof(group=group), START)

    assert found.readable
    assert not found.writable
    assert "dynamic" in found.problems[0][0]


def test_an_empty_break_glass_list_is_not_valid() -> None:
    assert not standing(a_client(), a_proof(break_glass=()), START).break_glass_valid


def test_a_missing_role_is_named_and_makes_a_tenant_not_readable() -> None:
    found = standing(a_client(), a_proof(read=an_app("read", missing=READ[:1])), START)

    assert not found.readable
    assert "The read app lacks User.Read.All" in found.problems[0][0]


def test_every_missing_permission_is_listed_once_with_its_purpose_and_once_to_grant() -> None:
    lacking = a_proof(read=an_app("read", missing=READ), write=an_app("write", missing=WRITE[:1]))
    line = _texts(onboarding([standing(a_client(), lacking, START)]))[2]
    assert [line.count(item.role) for item in READ] == [2] * len(READ)
    assert f"→ Grant {', '.join(item.role for item in READ)} to the read app" in line
    assert "_and 1 more thing to do_" in line


def test_the_credential_that_ends_first_counts() -> None:
    soon = an_app("write", expires=START + timedelta(days=9, hours=1))

    assert standing(a_client(), a_proof(write=soon), START).expires_days == 9


def test_no_more_is_said_of_the_ends_of_credentials_than_is_known() -> None:
    secret = a_proof(read=an_app("read", expires=None))
    said = _texts(onboarding([standing(a_client(), secret, START)]))
    assert said[-1] == "No credential whose end is known ends within 90 days"
    untold = a_proof(read=an_app("read", expires=None), write=an_app("write", expires=None))
    assert "credential" not in str(onboarding([standing(a_client(), untold, START)]).blocks)


def test_the_worklist_counts_and_puts_the_unfinished_first_with_their_next_step() -> None:
    done = standing(a_client(), a_proof(), START)
    problem = Problem(what="The write app is not installed", remedy="Open the consent link")
    absent = an_app("write", roles=None, expires=None, problem=problem)
    open_ = standing(a_client(name="Bravo <!channel>"), a_proof(write=absent), START)

    shown = onboarding([done, open_])
    texts = _texts(shown)

    assert "2 of 2 tenants readable, 2 with a valid break-glass list, 1 writable" in texts[1]
    assert "Open the consent link" in texts[2]
    assert "<!channel>" not in texts[2]


def test_what_may_be_changed_for_the_whole_tenant_is_told() -> None:
    roles = {"Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"}
    found = standing(a_client(), a_proof(write=an_app("write", roles=frozenset(roles))), START)
    assert found.powers == (TenantPower.CAMPAIGN, TenantPower.PER_USER)
    assert "nothing else is said: registration campaign" in str(onboarding([found]).blocks)
    assert standing(a_client(), a_proof(write=None), START).powers == ()


def test_what_most_tenants_have_in_common_is_said_once_and_the_finished_ones_share_a_line() -> None:
    roles = frozenset({"Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"})
    able = an_app("write", roles=roles)
    alike = [standing(a_client(name=f"Bravo {n}"), a_proof(write=able), START) for n in range(5)]
    other = standing(a_client(name="Zulu"), a_proof(write=an_app("write")), START)
    ending = an_app("write", roles=roles, expires=START + timedelta(days=9, hours=1))
    soon = standing(a_client(name="Yankee"), a_proof(write=ending), START)

    texts = _texts(onboarding([*alike, other, soon]))

    assert len(texts) == 6
    assert "Yankee" in texts[2]
    assert "⚠️ credential ends in 9 days" in texts[2]
    assert "Zulu" in texts[3]
    assert "Tenant-wide may be asked for: nothing" in texts[3]
    assert texts[4] == "✅ *5 all set*\nBravo 0, Bravo 1, Bravo 2, Bravo 3 and Bravo 4"
    assert "where nothing else is said: registration campaign" in texts[5]


def _texts(shown: Message) -> list[str]:
    """Of a context block its only element."""
    return [
        (block["elements"][0] if block["type"] == "context" else block["text"])["text"]
        for block in shown.blocks
    ]
