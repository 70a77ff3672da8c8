"""The folder written for a bot: complete, private where it must be, and good for this sandbox."""

import ssl
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from slack_sdk import WebClient

from sandbox.app import Options, Sandbox, running
from sandbox.estate.companies import HAND_MADE
from sandbox.rmm import vsa9


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("written") / "config"
    with running(Options(port=0, clients=len(HAND_MADE), write_config=folder)) as sandbox:
        yield sandbox


@pytest.fixture
def folder(sandbox: Sandbox) -> Path:
    folder = sandbox.options.write_config
    assert folder is not None
    return folder


@pytest.fixture
def written(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "gatehouse.toml").read_text(encoding="utf-8"))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"file"}:
            yield value["file"]
        for item in value.values():
            yield from references(item)


def test_every_secret_is_a_private_file(folder: Path, written: dict[str, Any]) -> None:
    files = [folder / name for name in references(written)]
    assert len(files) == len(set(files)) >= 4 + len(written["rmm"])
    for file in files:
        assert file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_every_address_is_this_machine_and_answers(
    written: dict[str, Any], sandbox: Sandbox
) -> None:
    entra, rmm = written["entra"], written["rmm"]
    addresses = [
        written["slack"]["base_url"],
        entra["login_url"],
        entra["graph_url"],
        *(account["base_url"] for account in rmm.values()),
    ]
    assert len({urlsplit(address).port for address in addresses}) == 3 + len(rmm)
    assert {urlsplit(address).hostname for address in addresses} == {"localhost"}
    vendors = {account["vendor"] for account in rmm.values()}
    assert set(sandbox.targets) == {"slack", "login", "graph"} | vendors


def test_every_service_is_trusted_by_our_authority(written: dict[str, Any]) -> None:
    tables = [written["slack"], written["entra"], *written["rmm"].values()]
    assert {table["ca_file"] for table in tables} == {"ca.pem"}


def test_the_written_token_and_authority_reach_slack(folder: Path, written: dict[str, Any]) -> None:
    slack = written["slack"]
    context = ssl.create_default_context(cafile=folder / slack["ca_file"])
    token = (folder / slack["bot_token"]["file"]).read_text()
    assert WebClient(token=token, base_url=slack["base_url"], ssl=context).auth_test()["ok"]


def test_the_certificates_come_with_their_keys(folder: Path, written: dict[str, Any]) -> None:
    for app in ("read", "write"):
        pem = (folder / written["entra"][app]["certificate"]["file"]).read_bytes()
        assert load_pem_private_key(pem, None)
        assert b"BEGIN CERTIFICATE" in pem


def test_every_company_becomes_a_client_with_its_binding(
    written: dict[str, Any], sandbox: Sandbox
) -> None:
    clients = {client["key"]: client for client in written["clients"]}
    assert set(clients) == {company.key for company in sandbox.world.estate.companies}
    for company in sandbox.world.estate.companies:
        client = clients[company.key]
        assert client["tenant_id"] == company.tenant.id
        assert client["break_glass"] == company.tenant.break_glass_ids
        names = (str(company.rmm_number), company.rmm_uid, vsa9.org_id(company))
        assert client["rmm"][0]["organisation"] in names
    aliases = [alias for client in clients.values() for alias in client["aliases"]]
    assert len(aliases) == len(set(aliases))


def test_one_person_with_two_accounts_is_one_entry(written: dict[str, Any]) -> None:
    accounts = [account for person in written["people"] for account in person["slack_ids"]]
    assert len(accounts) == len(set(accounts))
    devon = next(person for person in written["people"] if person["key"] == "devon")
    assert devon["slack_ids"] == ["U0MANAGER2", "U0TECH0002"]


def test_servers_that_have_to_stand_for_others_are_named(
    written: dict[str, Any], sandbox: Sandbox
) -> None:
    for client in written["clients"]:
        devices = sandbox.world.estate.company(client["key"]).devices
        by_kind = {group["kind"]: group for group in client.get("server_groups", ())}
        controllers = [d.name for d in devices if "domain-controller" in d.tags]
        assert by_kind.get("domain_controllers", {}).get("devices", []) == controllers
        hosts = {d.name for d in devices if "hyper-v-host" in d.tags}
        assert {g["host"] for k, g in by_kind.items() if k == "host_and_guests"} <= hosts
    assert any(client.get("server_groups") for client in written["clients"])
