"""Writes the folder a bot needs to work with this sandbox: gatehouse.toml, the CA and the secrets it refers to."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.entra.apps import AppRegistration, Apps
from sandbox.estate.model import Company, Estate, RmmVendor
from sandbox.rmm import (
    action1,
    asio,
    atera,
    automate,
    datto,
    ncentral,
    ninjaone,
    syncro,
    tactical,
    vsa9,
    vsax,
)
from sandbox.slack.installation import APP_TOKEN, BOT_TOKEN

CA_FILE = "ca.pem"
CLOCK_FILE = "clock.json"
_NINJA, _DATTO, _AUTOMATE = "ninja", "datto", "automate"
_TACTICAL = "tactical"
_VSAX = "vsax"
_ACTION1 = "action1"
_ASIO = "asio"
_SYNCRO = "syncro"
_ATERA = "atera"
_VSA9 = "vsa9"
_NCENTRAL = "ncentral"
#: For each vendor, the name of our account there, and by what it knows a company.
_BINDINGS: Mapping[RmmVendor, tuple[str, Callable[[Company], str]]] = {
    "ninjaone": (_NINJA, lambda company: str(company.rmm_number)),
    "datto": (_DATTO, lambda company: company.rmm_uid),
    "automate": (_AUTOMATE, lambda company: str(company.rmm_number)),
    "tactical": (_TACTICAL, lambda company: str(company.rmm_number)),
    "vsax": (_VSAX, lambda company: str(company.rmm_number)),
    "action1": (_ACTION1, lambda company: company.rmm_uid),
    "asio": (_ASIO, lambda company: company.rmm_uid),
    "atera": (_ATERA, lambda company: str(company.rmm_number)),
    "syncro": (_SYNCRO, lambda company: str(company.rmm_number)),
    "vsa9": (_VSA9, vsa9.org_id),
    "ncentral": (_NCENTRAL, lambda company: str(company.rmm_number)),
}
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
    ninja = {
        "vendor": "ninjaone",
        "base_url": targets["ninjaone"],
        "client_id": ninjaone.CLIENT_ID,
        "client_secret": draft.secret("ninja-read", ninjaone.CLIENT_SECRET),
        "write_client_id": ninjaone.WRITE_CLIENT_ID,
        "write_client_secret": draft.secret("ninja-write", ninjaone.WRITE_CLIENT_SECRET),
        "ca_file": CA_FILE,
    }
    draft.table(f"[rmm.{_NINJA}]", ninja)
    account = {
        "vendor": "datto",
        "base_url": targets["datto"],
        "api_key": draft.secret("datto-key", datto.API_KEY),
        "api_secret": draft.secret("datto-secret", datto.API_SECRET),
        "install_component_uid": datto.INSTALL_COMPONENT_UID,
        "tags_udf": 1,
        "ca_file": CA_FILE,
    }
    draft.table(f"[rmm.{_DATTO}]", account)
    draft.table(f"[rmm.{_AUTOMATE}]", _automate_values(draft, targets["automate"]))
    draft.table(f"[rmm.{_TACTICAL}]", _tactical_values(draft, targets["tactical"]))
    draft.table(f"[rmm.{_VSAX}]", _vsax_values(draft, targets["vsax"]))
    draft.table(f"[rmm.{_ACTION1}]", _action1_values(draft, targets["action1"]))
    draft.table(f"[rmm.{_ASIO}]", _asio_values(draft, targets["asio"]))
    draft.table(f"[rmm.{_ATERA}]", _atera_values(draft, targets["atera"]))
    draft.table(f"[rmm.{_SYNCRO}]", _syncro_values(draft, targets["syncro"]))
    draft.table(f"[rmm.{_VSA9}]", _vsa9_values(draft, targets["vsa9"]))
    draft.table(f"[rmm.{_NCENTRAL}]", _ncentral_values(draft, targets["ncentral"]))


def _automate_values(draft: _Folder, url: str) -> dict[str, Any]:
    """The kind of thing a computer is holds for this sandbox's server alone; `bot.py prove` proves it."""
    return {
        "vendor": "automate",
        "base_url": url,
        "client_id": automate.CLIENT_ID,
        "username": automate.USERNAME,
        "password": draft.secret("automate-read", automate.PASSWORD),
        "write_username": automate.WRITE_USERNAME,
        "write_password": draft.secret("automate-write", automate.WRITE_PASSWORD),
        "entity_type_computer": automate.COMPUTER,
        "ca_file": CA_FILE,
    }


def _tactical_values(draft: _Folder, url: str) -> dict[str, Any]:
    """Both of the reading's economies are off: this server is ours, and its agents scan as scheduled."""
    return {
        "vendor": "tactical",
        "base_url": url,
        "api_key": draft.secret("tactical-key", tactical.API_KEY),
        "may_act": True,
        "may_restart": True,
        "rows_of": "every",
        "trust_scan_schedule": True,
        "time_zone": tactical.SERVER_TIME_ZONE,
        "ca_file": CA_FILE,
    }


def _vsax_values(draft: _Folder, url: str) -> dict[str, Any]:
    """Its server is ours alone, so it may be asked more often than a real one."""
    return {
        "vendor": "vsax",
        "base_url": url,
        "token_id": vsax.TOKEN_ID,
        "token_secret": draft.secret("vsax-token", vsax.TOKEN_SECRET),
        "install_workflow_id": vsax.INSTALL_WORKFLOW_ID,
        "requests_per_second": 10,
        "ca_file": CA_FILE,
    }


def _action1_values(draft: _Folder, url: str) -> dict[str, Any]:
    """Its server is ours alone, so it may be asked more often than a real one, and assesses what is connected."""
    return {
        "vendor": "action1",
        "base_url": url,
        "client_id": action1.CLIENT_ID,
        "client_secret": draft.secret("action1-read", action1.CLIENT_SECRET),
        "write_client_id": action1.WRITE_CLIENT_ID,
        "write_client_secret": draft.secret("action1-write", action1.WRITE_CLIENT_SECRET),
        "trust_assessment": True,
        "requests_per_minute": 600,
        "ca_file": CA_FILE,
    }


def _atera_values(draft: _Folder, url: str) -> dict[str, Any]:
    """Its devices scan every night, so the last contact may stand for the last scan."""
    return {
        "vendor": "atera",
        "base_url": url,
        "api_key": draft.secret("atera-key", atera.API_KEY),
        "trust_last_seen": True,
        "ca_file": CA_FILE,
    }


def _syncro_values(draft: _Folder, url: str) -> dict[str, Any]:
    """Its devices evaluate their updates whenever they sync."""
    return {
        "vendor": "syncro",
        "base_url": url,
        "api_token": draft.secret("syncro-token", syncro.API_TOKEN),
        "trust_sync": True,
        "ca_file": CA_FILE,
    }


def _asio_values(draft: _Folder, url: str) -> dict[str, Any]:
    """This sandbox's key has a larger quota than a real one, and a demo asks often."""
    return {
        "vendor": "asio",
        "base_url": url,
        "client_id": asio.CLIENT_ID,
        "client_secret": draft.secret("asio-key", asio.CLIENT_SECRET),
        "script_id": asio.UPDATE_SCRIPT_ID,
        "requests_per_five_minutes": 15_000,
        "ca_file": CA_FILE,
    }


def _ncentral_values(draft: _Folder, url: str) -> dict[str, Any]:
    """This server's thresholds let nothing pass that is missing, so its word for fine may be trusted."""
    return {
        "vendor": "ncentral",
        "base_url": url,
        "jwt": draft.secret("ncentral-jwt", ncentral.JWT),
        "script_item_id": ncentral.SCRIPT_ITEM_ID,
        "trust_normal": True,
        "ca_file": CA_FILE,
    }


def _vsa9_values(draft: _Folder, url: str) -> dict[str, Any]:
    return {
        "vendor": "vsa9",
        "base_url": url,
        "username": vsa9.USERNAME,
        "access_token": draft.secret("vsa9-read", vsa9.ACCESS_TOKEN),
        "write_username": vsa9.WRITE_USERNAME,
        "write_access_token": draft.secret("vsa9-write", vsa9.WRITE_ACCESS_TOKEN),
        "time_zone": vsa9.SERVER_TIME_ZONE,
        "ca_file": CA_FILE,
    }


def _write_clients(draft: _Folder, companies: Sequence[Company]) -> None:
    short_names = Counter(_short_name(company) for company in companies)
    for company in companies:
        short = _short_name(company)
        aliases = [short] if short != company.key and short_names[short] == 1 else []
        draft.table("[[clients]]", {**_client_values(company), "aliases": aliases})
        account, organisation = _BINDINGS[company.rmm]
        draft.table("[[clients.rmm]]", {"account": account, "organisation": organisation(company)})
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
    return company.key.partition("-")[0]


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
