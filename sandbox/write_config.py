"""Writes the folder a bot needs to work with this sandbox: gatehouse.toml, the CA and the secrets it refers to."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.entra.apps import AppRegistration, Apps
from sandbox.estate.model import Company, Estate, RmmVendor
from sandbox.rmm import STAND_INS
from sandbox.slack.installation import APP_TOKEN, BOT_TOKEN

CA_FILE = "ca.pem"
CLOCK_FILE = "clock.json"
#: What the accounts are called; one at a vendor that is not named here has the vendor's key.
_ACCOUNTS: Mapping[RmmVendor, str] = {"ninjaone": "ninja"}
#: Who stands behind the cast's Slack accounts. Theo Park's account is Devon's second one; Dana has left.
_PEOPLE: tuple[dict[str, Any], ...] = (
    {"key": "tess", "name": "Tess Morgan", "slack_ids": ["U0TECH0001"], "emails": ["tess@harborit.example"], "role": "technician"},
    {"key": "maya", "name": "Maya Ortiz", "slack_ids": ["U0MANAGER1"], "emails": ["maya@harborit.example"], "role": "owner"},
    {"key": "devon", "name": "Devon Park", "slack_ids": ["U0MANAGER2", "U0TECH0002"], "emails": ["devon@harborit.example"], "role": "approver"},
    {"key": "vik", "name": "Vik Shah", "slack_ids": ["U0VIEWER01"], "emails": ["vik@harborit.example"], "role": "viewer"},
    {"key": "dana", "name": "Dana Cole", "slack_ids": ["U0DEACTIV1"], "emails": ["dana@harborit.example"], "role": "approver"},
)  # fmt: skip


@dataclass
class _Folder:
    """The folder being written; `secret` keeps what it writes from other users' eyes."""

    path: Path
    lines: list[str] = field(default_factory=list)

    def secret(self, name: str, content: str | bytes) -> dict[str, str]:
        """Write a secret and answer the reference that belongs into the TOML."""
        folder = self.path / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / name
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return {"file": f"secrets/{name}"}

    def table(self, heading: str, values: Mapping[str, Any]) -> None:
        self.lines.append(f"\n{heading}")
        self.lines += [
            f"{key} = {_toml(value)}" for key, value in values.items() if value is not None
        ]


def write_config(
    folder: Path, *, targets: Mapping[str, str], estate: Estate, apps: Apps, ca_pem: bytes
) -> Path:
    """Write everything; answer the path of gatehouse.toml, which is written last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CA_FILE).write_bytes(ca_pem)
    draft = _Folder(folder)
    draft.lines += [
        "# Written by the sandbox; every address and secret is good for it only.",
        'data_dir = "data"',
    ]
    draft.table("[clock]", {"offset_file": CLOCK_FILE})
    draft.table("[engine]", {"poll_seconds": 2})
    _write_slack(draft, targets)
    _write_entra(draft, targets, apps)
    _write_rmm(draft, targets)
    _write_clients(draft, estate.companies)
    for person in _PEOPLE:
        draft.table("[[people]]", person)
    file = folder / "gatehouse.toml"
    file.write_text("\n".join(draft.lines) + "\n", encoding="utf-8")
    return file


def _write_slack(draft: _Folder, targets: Mapping[str, str]) -> None:
    values = {
        "bot_token": draft.secret("slack-bot-token", BOT_TOKEN),
        "app_token": draft.secret("slack-app-token", APP_TOKEN),
        "approval_channel": "gatehouse-approvals",
        "base_url": f"{targets['slack']}/api/",
        "ca_file": CA_FILE,
    }
    draft.table("[slack]", values)


def _write_entra(draft: _Folder, targets: Mapping[str, str], apps: Apps) -> None:
    values = {
        "login_url": targets["login"],
        "graph_url": targets["graph"],
        "ca_file": CA_FILE,
        "instance_discovery": False,
    }
    draft.table("[entra]", values)
    for registration in (apps.read, apps.write):
        draft.table(f"[entra.{registration.kind}]", _app_values(draft, registration))


def _app_values(draft: _Folder, registration: AppRegistration) -> dict[str, Any]:
    """The certificate file holds the private key and the certificate, as PEM."""
    certificate = registration.certificate
    pem = certificate.private_key_pem + certificate.certificate_pem
    reference = draft.secret(f"entra-{registration.kind}.pem", pem)
    return {"client_id": registration.app_id, "certificate": reference}


def _write_rmm(draft: _Folder, targets: Mapping[str, str]) -> None:
    for rmm in STAND_INS:
        account = _account(rmm.vendor)
        values = {
            "vendor": rmm.vendor,
            "base_url": targets[rmm.vendor],
            **rmm.settings,
            **{
                setting: draft.secret(f"{account}-{setting.replace('_', '-')}", secret)
                for setting, secret in rmm.secrets.items()
            },
            "ca_file": CA_FILE,
        }
        draft.table(f"[rmm.{account}]", values)


def _account(vendor: RmmVendor) -> str:
    return _ACCOUNTS.get(vendor, vendor)


def _write_clients(draft: _Folder, companies: Sequence[Company]) -> None:
    organisations = {rmm.vendor: rmm.organisation for rmm in STAND_INS}
    short_names = Counter(_short_name(company) for company in companies)
    for company in companies:
        short = _short_name(company)
        aliases = [short] if short != company.key and short_names[short] == 1 else []
        draft.table("[[clients]]", {**_client_values(company), "aliases": aliases})
        organisation = organisations[company.rmm](company)
        binding = {"account": _account(company.rmm), "organisation": organisation}
        draft.table("[[clients.rmm]]", binding)
        _write_server_groups(draft, company)


def _write_server_groups(draft: _Folder, company: Company) -> None:
    """Which servers have to stand while others are down; most vendors have no tags that would say it."""
    tagged = {
        tag: [device.name for device in company.devices if tag in device.tags]
        for tag in ("domain-controller", "hyper-v-host", "hyper-v-guest")
    }
    if controllers := tagged["domain-controller"]:
        group = {"kind": "domain_controllers", "devices": controllers}
        draft.table("[[clients.server_groups]]", group)
    for host in tagged["hyper-v-host"]:
        group = {"kind": "host_and_guests", "host": host, "devices": tagged["hyper-v-guest"]}
        draft.table("[[clients.server_groups]]", group)


def _short_name(company: Company) -> str:
    return company.channel.partition("-")[0]


def _client_values(company: Company) -> dict[str, Any]:
    tenant = company.tenant
    return {
        "key": company.key,
        "name": company.name,
        "tenant_id": tenant.id,
        "channel": company.channel,
        "time_zone": company.time_zone,
        "digest_at": company.digest_at,
        "mfa_group": tenant.mfa_group_id,
        "break_glass": tenant.break_glass_ids,
        "protected_devices": [d.name for d in company.devices if "protected" in d.tags],
        "maintenance_window": {"days": ["sat", "sun"], "start": "22:00", "minutes": 240},
    }


def _toml(value: Any) -> str:
    """A TOML value; its basic strings are spelt as JSON's are."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
