"""What we call is what Slack's own reference knows, and what our manifest asks permission for."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from slack_sdk import WebClient

from core.domain.remediation import RequestState
from integrations.slack.manifest import COMMANDS, SCOPES, manifest
from integrations.slack.rendering import forms, home
from integrations.slack.rendering.guide import WORDS
from integrations.slack.rendering.ids import Command
from sandbox.slack.installation import APP_TOKEN
from tests.integrations.slack.rig import CLIENT_CHANNEL, TESS, Rig, a_message
from tests.integrations.slack.test_chat import request
from tests.rendering import making as make

ROOT = Path(__file__).parents[3]
SPECS = ROOT.parent / "shared" / "specs" / "slack"
needs_specs = pytest.mark.skipif(
    not SPECS.exists(), reason="Slack's reference is not beside this checkout"
)
#: Absent from the reference at hand; it takes what its sister takes, but for the thread's `ts`.
SISTERS = {"conversations.history": "conversations.replies"}


@dataclass(frozen=True)
class Call:
    """One call as it left: by JSON or by form, with these arguments."""

    method: str
    as_json: bool
    arguments: frozenset[str]


@pytest.fixture
def calls(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """Every call that the adapter makes in the life of a request, a digest, a form and a file."""
    made: list[Call] = []
    real = WebClient.api_call

    def recorded(self: WebClient, api_method: str, **how: Any) -> Any:
        given = how.get("json") or how.get("params") or {}
        arguments = frozenset(key for key, value in given.items() if value is not None)
        made.append(Call(api_method, how.get("json") is not None, arguments - {"token"}))
        return real(self, api_method, **how)

    monkeypatch.setattr(WebClient, "api_call", recorded)
    _tour(rig)
    return made


def _tour(rig: Rig) -> None:
    rig.fault("chat.postMessage", "drop_after")  # so that every post is looked up
    for state in (RequestState.PENDING, RequestState.RUNNING, RequestState.PARTIAL):
        rig.chat.show_request(request(rig, state))
    rig.sandbox.world.faults.remove()
    rig.chat.post_digest(make.digest(channel="acme-dental"))
    rig.chat.tell(TESS, CLIENT_CHANNEL, a_message())
    rig.chat.send_file(TESS, "a.csv", b"a", comment="a")
    rig.chat.publish_home(TESS, home.stranger("No."))
    rig.workspace.account_of(make.person("by-address", emails=frozenset({"tess@harborit.example"})))
    rig.workspace.scopes()
    for form in (rig.chat.open_form, rig.chat.update_form):
        with pytest.raises(
            Exception, match="Slack"
        ):  # no trigger and no view: the call is what counts
            form("expired", forms.note("Note", "x"))
    rig.web.client.apps_connections_open(app_token=APP_TOKEN)


def _reference(method: str) -> dict[str, Any]:
    path = SPECS / "methods" / f"{SISTERS.get(method, method)}.json"
    if not path.exists():
        pytest.fail(f"the reference does not know {method}")
    reference: dict[str, Any] = json.loads(path.read_text())
    return reference


def _methods_named_in_source() -> Iterator[str]:
    for file in (ROOT / "integrations" / "slack").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                family, _, rest = node.value.partition(".")
                if family in _FAMILIES and rest.isalpha():
                    yield node.value


_FAMILIES = ("auth", "apps", "chat", "conversations", "files", "users", "usergroups", "views")


def test_the_tour_makes_every_call_that_the_source_names(calls: list[Call]) -> None:
    named = set(_methods_named_in_source())
    assert len(named) > 8
    assert named <= {call.method for call in calls}


@needs_specs
def test_every_call_has_only_arguments_that_slack_knows(calls: list[Call]) -> None:
    for call in calls:
        known = set(_reference(call.method)["args"]["properties"])
        if call.method in SISTERS:
            known.discard("ts")
        assert call.arguments <= known, call


@needs_specs
def test_every_call_has_the_arguments_that_slack_demands(calls: list[Call]) -> None:
    for call in calls:
        needed = set(_reference(call.method)["args"].get("required", ())) - {"token"}
        if call.method in SISTERS:
            needed.discard("ts")
        assert needed <= call.arguments, call


@needs_specs
def test_json_is_sent_only_where_slack_reads_it(calls: list[Call]) -> None:
    for call in calls:
        if call.as_json:
            assert _reference(call.method).get("json_input_supported"), call.method


@needs_specs
def test_the_manifest_asks_for_the_scopes_of_every_method(calls: list[Call]) -> None:
    for method in {call.method for call in calls}:
        scopes = (_reference(method).get("scope") or {}).get("bot", [])
        assert not scopes or set(scopes) & set(SCOPES), method


@needs_specs
def test_the_manifest_asks_for_nothing_that_no_method_needs(calls: list[Call]) -> None:
    of_methods = {
        scope
        for method in {call.method for call in calls}
        for scope in (_reference(method).get("scope") or {}).get("bot", [])
    }
    assert set(SCOPES) - of_methods == {"commands"}


# The manifest.


@needs_specs
def test_the_manifest_is_one_that_slack_takes() -> None:
    schema = json.loads((SPECS / "manifest.schema.2.0.0.json").read_text())
    errors = [error.message for error in Draft7Validator(schema).iter_errors(manifest())]
    assert errors == []


def test_every_command_is_in_the_manifest_and_in_the_help() -> None:
    commands = {entry["command"] for entry in manifest()["features"]["slash_commands"]}
    assert commands == set(Command) == set(COMMANDS) == set(WORDS)


def test_history_is_asked_for_only_where_cards_and_direct_messages_stand() -> None:
    """Reading what people say in public channels is not needed, so it is not asked for."""
    assert {scope for scope in SCOPES if scope.endswith(":history")} == {
        "im:history",
        "groups:history",
    }
    assert "chat:write.public" not in SCOPES
    assert all(reason for reason in SCOPES.values())
