"""The table [entra]: where Entra is, and the two apps Gatehouse signs in as. Secrets arrive resolved."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

_GUID = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"


def _https_origin(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must be https://host without a path")
    return address.rstrip("/")


_Origin = Annotated[str, AfterValidator(_https_origin)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AppSettings(_Table):
    """One app registration. `certificate` is PEM: the private key and the certificate registered for it."""

    client_id: Annotated[str, StringConstraints(pattern=_GUID, to_lower=True)]
    certificate: SecretStr | None = None
    client_secret: SecretStr | None = None
    #: Entra tells nobody when a secret ends but whoever made it.
    secret_expires: date | None = None

    @field_validator("certificate")
    @classmethod
    def _key_and_certificate(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_pair(value.get_secret_value().encode())
        return value

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if (self.certificate is None) == (self.client_secret is None):
            raise ValueError("needs either certificate or client_secret")
        return self

    @property
    def expires(self) -> datetime | None:
        """When the credential ends (UTC); None for a client secret of which that was not written down."""
        if self.certificate is None:
            end = self.secret_expires
            return datetime(end.year, end.month, end.day, tzinfo=UTC) if end is not None else None
        pem = self.certificate.get_secret_value().encode()
        return x509.load_pem_x509_certificate(pem).not_valid_after_utc

    def for_msal(self) -> str | dict[str, Any]:
        """The credential as msal's `client_credential` takes it; to be made once.

        The key goes loaded: PEM would be loaded, and its key checked for 50 ms, at every tenant's sign-in.
        Given no thumbprint, msal signs PS256.
        """
        if self.certificate is not None:
            pem = self.certificate.get_secret_value()
            key = serialization.load_pem_private_key(pem.encode(), None)
            return {"private_key": key, "public_certificate": pem}
        return self.client_secret.get_secret_value() if self.client_secret is not None else ""


class WriteAppSettings(AppSettings):
    """The app that changes things: by certificate only."""

    @model_validator(mode="after")
    def _no_secret(self) -> Self:
        if self.client_secret is not None:
            raise ValueError("the write app signs in by certificate only")
        return self


Cloud = Literal["global", "usgov-l4", "usgov-l5", "china"]
_US_LOGIN = "https://login.microsoftonline.us"
#: Microsoft's documented hosts for signing in and for Graph; L4 is GCC High, L5 is DoD, GCC is global.
_HOSTS: Mapping[Cloud, tuple[str, str]] = {
    "global": ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "usgov-l4": (_US_LOGIN, "https://graph.microsoft.us"),
    "usgov-l5": (_US_LOGIN, "https://dod-graph.microsoft.us"),
    "china": ("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}


class EntraSettings(_Table):
    """The whole table. Without `write`, Gatehouse is read-only here.

    `cloud` says where Entra is; either address, where given, wins. App registrations are per cloud.
    """

    cloud: Cloud = "global"
    login_url: _Origin = _HOSTS["global"][0]
    graph_url: _Origin = _HOSTS["global"][1]
    ca_file: Path | None = None
    #: Whether msal asks Microsoft if `login_url` is one of its own; off for the sandbox.
    instance_discovery: bool = True
    read: AppSettings
    write: WriteAppSettings | None = None
    #: Sign-in names or object ids of who holds or administers these apps: never acted on, at any client.
    own_accounts: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _addresses(cls, table: Any) -> Any:
        """A cloud that does not exist is left for its own field to refuse."""
        if not isinstance(table, Mapping):
            return table
        cloud = table.get("cloud", "global")
        login, graph = next((_HOSTS[c] for c in _HOSTS if c == cloud), _HOSTS["global"])
        return {"login_url": login, "graph_url": graph, **table}

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.write is not None and self.write.client_id == self.read.client_id:
            raise ValueError("read and write must be two apps")
        return self


def _check_pair(pem: bytes) -> None:
    try:
        key = serialization.load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "must be PEM with an unencrypted private key and its certificate"
        ) from error
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise ValueError("the private key is not the one of the certificate")
