"""Changes the Graph stand-in carries out: group members, sessions, per-user MFA."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from aiohttp import web

from sandbox.entra.apps import Apps
from sandbox.estate.model import Group, User
from sandbox.frame.world import World
from tests.sandbox.entra_desk import EntraDesk

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def slow(
    directories: World,
    registered_apps: Apps,
    https: requests.Session,
    serve_tls: Callable[[web.Application], str],
) -> EntraDesk:
    """A desk where every write is seen a second late."""
    return EntraDesk.open(directories, registered_apps, https, serve_tls, lag_share=1.0)


def mfa_group(entra: EntraDesk, key: str = "acme-dental") -> Group:
    tenant = entra.tenant(key)
    assert tenant.mfa_group_id is not None
    return tenant.groups[tenant.mfa_group_id]


def outside(entra: EntraDesk, count: int, key: str = "acme-dental") -> list[User]:
    """People of the tenant who are not in its MFA group."""
    members = set(mfa_group(entra, key).members)
    users = entra.tenant(key).users.values()
    return [user for user in users if user.purpose == "person" and user.id not in members][:count]


def link(entra: EntraDesk, object_id: str) -> str:
    return f"{entra.graph}/v1.0/directoryObjects/{object_id}"


def add(
    entra: EntraDesk, group: Group, *ids: str, tenant: str = "acme-dental"
) -> requests.Response:
    body = {"members@odata.bind": [link(entra, object_id) for object_id in ids]}
    return entra.call("PATCH", f"/groups/{group.id}", tenant=tenant, app="write", body=body)


def add_one(entra: EntraDesk, group: Group, object_id: str, **options: Any) -> requests.Response:
    path = f"/groups/{group.id}/members/$ref"
    body = {"@odata.id": link(entra, object_id)}
    return entra.call("POST", path, app="write", body=body, **options)


def message(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["message"]


def test_one_member_is_added_and_removed_by_reference(entra: EntraDesk) -> None:
    group, (user,) = mfa_group(entra), outside(entra, 1)
    assert add_one(entra, group, user.id).status_code == 204
    ids = {row["id"] for row in entra.rows(f"/groups/{group.id}/transitiveMembers?$select=id")}
    assert user.id in ids
    path = f"/groups/{group.id}/members/{user.id}/$ref"
    assert entra.call("DELETE", path, app="write").status_code == 204
    assert user.id not in group.members
    assert entra.refusal("DELETE", path, app="write")[0] == 404
    kinds = [(row["kind"], row["target_ids"]) for row in entra.world.effects.rows("graph")]
    assert kinds == [("add_member", [user.id]), ("remove_member", [user.id])]


def test_twenty_members_are_added_at_once_and_the_effect_names_them_all(entra: EntraDesk) -> None:
    group, users = mfa_group(entra), outside(entra, 20)
    assert add(entra, group, *(user.id for user in users)).status_code == 204
    assert {user.id for user in users} <= set(group.members)
    (effect,) = entra.effects("add_member")
    assert effect["target_ids"] == [user.id for user in users]
    assert effect["group_id"] == group.id
    assert effect["tenant_id"] == entra.tenant("acme-dental").id


def test_more_than_twenty_at_once_are_refused(entra: EntraDesk) -> None:
    group, users = mfa_group(entra), outside(entra, 21)
    before = list(group.members)
    assert add(entra, group, *(user.id for user in users)).status_code == 400
    assert group.members == before


def test_one_bad_entry_means_that_nobody_is_added(entra: EntraDesk) -> None:
    group, users = mfa_group(entra), outside(entra, 3)
    before = list(group.members)
    already = add(entra, group, users[0].id, before[0])
    assert already.status_code == 400
    assert "already exist" in message(already)[1]
    assert add(entra, group, users[1].id, NOBODY).status_code == 404
    assert add(entra, group, users[2].id, users[2].id).status_code == 400
    assert group.members == before
    assert not entra.effects("add_member")


def test_existing_member_is_refused_as_such(entra: EntraDesk) -> None:
    group = mfa_group(entra)
    response = add_one(entra, group, group.members[0])
    assert response.status_code == 400
    assert "already exist" in message(response)[1]


@pytest.mark.parametrize("reference", ["nonsense", "https://x.example/v1.0/groups/", None])
def test_reference_that_names_no_object_is_refused(entra: EntraDesk, reference: str | None) -> None:
    path = f"/groups/{mfa_group(entra).id}/members/$ref"
    refusal = entra.refusal("POST", path, app="write", body={"@odata.id": reference})
    assert refusal[0] == 400


@pytest.mark.parametrize(
    ("name", "status"),
    [("Tier 0 administrators", 403), ("All drivers", 400), ("Office", 400)],
)
def test_role_assignable_dynamic_and_synced_groups_refuse_members(
    entra: EntraDesk, name: str, status: int
) -> None:
    group = next(item for item in entra.tenant("kestrel").groups.values() if item.name == name)
    before = list(group.members)
    (user,) = outside(entra, 1, "kestrel")
    assert add_one(entra, group, user.id, tenant="kestrel").status_code == status
    assert add(entra, group, user.id, tenant="kestrel").status_code == status
    assert group.members == before


def test_membership_rights_change_nothing_else_of_a_group(entra: EntraDesk) -> None:
    path = f"/groups/{mfa_group(entra).id}"
    refusal = entra.refusal("PATCH", path, app="write", body={"displayName": "Mine"})
    assert refusal[0] == 403


def test_removal_without_ref_addresses_the_person_and_is_refused_to_the_write_app(
    entra: EntraDesk,
) -> None:
    group = mfa_group(entra)
    path = f"/groups/{group.id}/members/{group.members[0]}"
    bearer = {"Authorization": f"Bearer {entra.token('acme-dental', 'write')}"}
    response = entra.session.delete(f"{entra.graph}/v1.0{path}", headers=bearer, timeout=30)
    assert response.status_code == 403
    assert group.members[0] in entra.tenant("acme-dental").users
    rights = {
        "Authorization": f"Bearer {entra.token('acme-dental', roles=('User.ReadWrite.All',))}"
    }
    gone = entra.session.delete(f"{entra.graph}/v1.0{path}", headers=rights, timeout=30)
    assert gone.status_code == 204
    assert group.members[0] not in entra.tenant("acme-dental").users
    assert entra.effects("delete_user")[0]["target_ids"] == [group.members[0]]


def test_addition_is_seen_at_read_back_only_after_a_moment(slow: EntraDesk) -> None:
    group, (user,) = mfa_group(slow), outside(slow, 1)
    path = f"/groups/{group.id}/transitiveMembers?$select=id"
    assert add(slow, group, user.id).status_code == 204
    assert user.id not in {row["id"] for row in slow.rows(path)}
    again = add_one(slow, group, user.id)
    assert "already exist" in message(again)[1]
    slow.world.clock.advance(2)
    assert user.id in {row["id"] for row in slow.rows(path)}


def test_work_is_done_although_the_answer_is_lost(entra: EntraDesk) -> None:
    group, (user,) = mfa_group(entra), outside(entra, 1)
    entra.world.faults.add(
        {"target": "graph", "kind": "drop_after", "method": "PATCH", "path": "/v1.0/groups/*"}
    )
    with pytest.raises(requests.ConnectionError):
        add(entra, group, user.id)
    assert user.id in group.members
    assert len(entra.effects("add_member")) == 1


def test_nothing_is_done_when_the_connection_breaks_before(entra: EntraDesk) -> None:
    group, (user,) = mfa_group(entra), outside(entra, 1)
    entra.world.faults.add({"target": "graph", "kind": "drop_before", "method": "PATCH"})
    with pytest.raises(requests.ConnectionError):
        add(entra, group, user.id)
    assert user.id not in group.members
    assert not entra.effects("add_member")


def test_revoked_sessions_are_valid_from_now_on(entra: EntraDesk) -> None:
    (user,) = outside(entra, 1)
    path = f"/users/{user.id}?$select=signInSessionsValidFromDateTime"
    before = entra.get(path)["signInSessionsValidFromDateTime"]
    response = entra.call("POST", f"/users/{user.id}/revokeSignInSessions", app="write")
    assert response.json()["value"] is True
    after = entra.get(path)["signInSessionsValidFromDateTime"]
    moved = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    assert moved > timedelta(days=1)
    assert entra.effects("revoke_sessions")[0]["target_ids"] == [user.id]


def test_sessions_of_an_external_user_are_not_revoked_here(entra: EntraDesk) -> None:
    gail = entra.user("acme-dental", "Gail Reed")
    refusal = entra.refusal("POST", f"/users/{gail.id}/revokeSignInSessions", app="write")
    assert refusal[0] == 400
    assert not entra.effects("revoke_sessions")


def test_sessions_are_revoked_in_a_batch(entra: EntraDesk) -> None:
    users = outside(entra, 3)
    answers = entra.batch(
        *(
            {
                "id": user.id,
                "method": "POST",
                "url": f"/users/{user.id}/revokeSignInSessions",
                "headers": {"Content-Type": "application/json"},
                "body": {},
            }
            for user in users
        ),
        app="write",
    )
    assert {answer["status"] for answer in answers.values()} == {200}
    assert len(entra.effects("revoke_sessions")) == 3


@pytest.mark.parametrize(
    ("methods", "asked", "becomes"),
    [
        ([], "enabled", "enabled"),
        (["microsoftAuthenticatorPush"], "enabled", "enforced"),
        ([], "enforced", "enforced"),
        (["mobilePhone"], "disabled", "disabled"),
    ],
)
def test_enabling_somebody_who_has_a_method_enforces_at_once(
    entra: EntraDesk, methods: list[str], asked: str, becomes: str
) -> None:
    user = entra.user("cedar-finch", "Silvan Finchley")
    user.methods = methods
    response = entra.call(
        "PATCH",
        f"/users/{user.id}/authentication/requirements",
        tenant="cedar-finch",
        version="beta",
        roles=("Policy.ReadWrite.AuthenticationMethod",),
        body={"perUserMfaState": asked},
    )
    assert response.status_code == 204
    assert user.per_user_mfa == becomes
    assert entra.effects("per_user_mfa")[0]["after"] == becomes


def test_per_user_state_that_does_not_exist_is_refused(entra: EntraDesk) -> None:
    user = entra.user("cedar-finch", "Silvan Finchley")
    path = f"/users/{user.id}/authentication/requirements"
    options: dict[str, Any] = {"tenant": "cedar-finch", "version": "beta"}
    roles = ("Policy.ReadWrite.AuthenticationMethod",)
    wrong = {"perUserMfaState": "on"}
    assert entra.refusal("PATCH", path, roles=roles, body=wrong, **options)[0] == 400
    assert entra.refusal("PATCH", path, body={"perUserMfaState": "enabled"}, **options)[0] == 403
    assert user.per_user_mfa == "disabled"
