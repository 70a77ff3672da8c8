"""Read a configuration file: everything right, or everything that is wrong in one list."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError

from config.domain import clients_of, people_of, policy_of
from config.errors import ConfigurationError, Problem
from config.files import with_paths
from config.secrets import inline_secrets, resolved
from config.sentences import problems_of
from config.settings import Settings
from core.domain.clients import Client
from core.domain.people import People
from core.domain.policy import Policy
from integrations.rmm import VENDORS
from integrations.rmm.vendor import ScriptSettings, Vendor, VendorSettings

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEYS = "Write a client's key."


@dataclass(frozen=True, kw_only=True, slots=True)
class RmmAccount:
    """One account of [rmm] with its vendor and its validated settings."""

    name: str
    vendor: Vendor[Any]
    settings: VendorSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """A configuration that can be used. `warnings` are sentences for its owner."""

    settings: Settings
    data_dir: Path
    clock_file: Path | None
    clients: tuple[Client, ...]
    people: People
    policy: Policy
    rmm: tuple[RmmAccount, ...]
    warnings: tuple[str, ...]
    #: SHA-256 of the file, in hex: the audit log says under which configuration things were done.
    fingerprint: str

    @property
    def list_every(self) -> Mapping[str, timedelta]:
        """How often update scripts list by themselves, by account; the others do so only when they are asked."""
        hours = {
            account.name: account.settings.component_scan_hours
            for account in self.rmm
            if isinstance(account.settings, ScriptSettings)
        }
        return {name: timedelta(hours=number) for name, number in hours.items() if number}

    def secrets(self) -> list[str]:
        """Every secret value, for the log's redaction."""
        tables = (self.settings, *(account.settings for account in self.rmm))
        return [secret for table in tables for secret in _secrets_in(table)]


def _secrets_in(model: BaseModel) -> Iterable[str]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            yield from _secrets_in(value)


def load(file: Path) -> Configuration:
    """Raise ConfigurationError with every problem found."""
    raw = _toml(file)
    folder = file.resolve().parent
    problems: list[Problem] = inline_secrets(Settings, raw, "")
    tree = with_paths(resolved(raw, folder, "", problems), folder, "", problems)
    settings = _settings(tree, problems)
    accounts = _accounts(raw.get("rmm"), tree.get("rmm"), problems)
    if settings is None or problems:
        raise ConfigurationError(problems)
    problems += _checks(settings, accounts)
    if problems:
        raise ConfigurationError(problems)
    vendors = {account.name: account.vendor.key for account in accounts}
    return Configuration(
        settings=settings,
        data_dir=settings.data_dir,
        clock_file=settings.clock.offset_file if settings.clock else None,
        clients=clients_of(settings, vendors),
        people=people_of(settings),
        policy=policy_of(settings),
        rmm=accounts,
        warnings=tuple(_warnings(settings)),
        fingerprint=hashlib.sha256(file.read_bytes()).hexdigest(),
    )


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except OSError as error:
        what = f"cannot be read ({error.strerror})."
        remedy = "Give the file's path with --config; config/example.toml is one to start from."
        raise ConfigurationError([Problem(path=str(file), what=what, remedy=remedy)]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = f"is not TOML: {error}."
        raise ConfigurationError([Problem(path=str(file), what=what, remedy="")]) from error


def _settings(tree: Mapping[str, Any], problems: list[Problem]) -> Settings | None:
    try:
        return Settings(**tree)
    except ValidationError as error:
        _add(problems, problems_of(error, ""))
        return None


def _accounts(raw: Any, tree: Any, problems: list[Problem]) -> tuple[RmmAccount, ...]:
    by_key = {vendor.key: vendor for vendor in VENDORS}
    accounts = []
    for name, table in (tree if isinstance(tree, dict) else {}).items():
        path = f"rmm.{name}"
        vendor = by_key.get(str(table.get("vendor"))) if isinstance(table, dict) else None
        if vendor is None:
            known = ", ".join(sorted(by_key))
            what = f"is no RMM that Gatehouse speaks to. Known: {known}."
            problems.append(Problem(path=f"{path}.vendor", what=what, remedy=""))
            continue
        problems += inline_secrets(vendor.settings, raw[name], path)
        fields = {key: value for key, value in table.items() if key != "vendor"}
        try:
            settings = vendor.settings(**fields)
        except ValidationError as error:
            _add(problems, problems_of(error, path))
            continue
        accounts.append(RmmAccount(name=name, vendor=vendor, settings=settings))
    return tuple(accounts)


def _add(problems: list[Problem], more: Iterable[Problem]) -> None:
    """Leave out what only follows from a mistake that is told already, such as a secret that could not be read."""
    known = tuple(problem.path for problem in problems)
    problems += [
        problem
        for problem in more
        if problem.path not in known
        and not any(path.startswith(f"{problem.path}.") for path in known)
    ]


# What only shows when all tables are seen together.


def _checks(settings: Settings, accounts: Sequence[RmmAccount]) -> list[Problem]:
    return [
        *_twice("clients", [client.key for client in settings.clients]),
        *_twice("people", [person.key for person in settings.people]),
        *_twice("people.slack_ids", [i for p in settings.people for i in p.slack_ids]),
        *_twice("people.emails", [e for p in settings.people for e in p.emails]),
        *_twice("clients.tenant_id", [c.tenant_id for c in settings.clients if c.tenant_id]),
        *_twice(
            "clients.rmm",
            [f"{b.account}/{b.organisation}" for c in settings.clients for b in c.rmm],
        ),
        *_unknown_accounts(settings, {account.name for account in accounts}),
        *_unknown_roles(settings),
        *_differing_channels(settings),
        *_clock_only_on_loopback(settings, accounts),
    ]


def _twice(path: str, values: Iterable[str]) -> list[Problem]:
    return [
        Problem(path=path, what=f"{value} stands there {n} times.", remedy="Keep one.")
        for value, n in Counter(values).items()
        if n > 1
    ]


def _unknown_accounts(settings: Settings, known: set[str]) -> list[Problem]:
    return [
        Problem(
            path=f"clients.{client.key}.rmm",
            what=f"there is no account {binding.account}.",
            remedy=f"Add the table [rmm.{binding.account}].",
        )
        for client in settings.clients
        for binding in client.rmm
        if binding.account not in known
    ]


def _unknown_roles(settings: Settings) -> list[Problem]:
    known = {client.key for client in settings.clients}
    return [
        Problem(path=f"people.{p.key}.roles", what=f"there is no client {key}.", remedy=_KEYS)
        for p in settings.people
        for key in p.roles
        if key not in known
    ]


def _differing_channels(settings: Settings) -> list[Problem]:
    """A channel has one digest, so its clients agree on when that is."""
    times: dict[str, set[tuple[str, str]]] = {}
    for client in settings.clients:
        at = (client.time_zone, client.digest_at.isoformat())
        times.setdefault(client.channel, set()).add(at)
    return [
        Problem(
            path=f"clients (channel {channel})",
            what="clients that share a channel must share time_zone and digest_at.",
            remedy="Give them the same, or channels of their own.",
        )
        for channel, found in times.items()
        if len(found) > 1
    ]


def _clock_only_on_loopback(settings: Settings, accounts: Sequence[RmmAccount]) -> list[Problem]:
    """A clock that can be moved would defeat every expiry, so it works against a sandbox alone."""
    if settings.clock is None:
        return []
    addresses = [settings.slack.base_url, settings.entra.login_url, settings.entra.graph_url]
    addresses += [account.settings.base_url for account in accounts]
    foreign = [a for a in addresses if urlsplit(a).hostname not in LOOPBACK]
    what = "a clock offset is for the sandbox; here a configured host is not this machine."
    return [Problem(path="clock", what=what, remedy="Remove the table [clock].")] if foreign else []


def _warnings(settings: Settings) -> Iterable[str]:
    if settings.entra.read.client_secret is not None:
        yield "entra.read uses a client secret; a certificate is safer."
    if settings.entra.write is None:
        yield "There is no [entra.write]: MFA is shown, but cannot be enforced."
    for client in settings.clients:
        if client.tenant_id is not None and not client.break_glass:
            yield f"{client.key} has no break-glass accounts: MFA cannot be enforced there."
