"""Gatehouse's two app registrations as the MSP's tenant knows them, with credentials made at start."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.entra.tokens import TokenMint

READ_APP_ID = "7f3c1c52-5a0e-4a44-9f0b-2f6f6b1d7a01"
WRITE_APP_ID = "b1f0a7de-93f4-4d2f-8a58-6c1f2f0c7b02"
#: Accepted for the read app only; it is fake and worth nothing outside the sandbox.
READ_CLIENT_SECRET = "sandbox~read~secret~8Q2x"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class AppCertificate:
    """A self-signed certificate with its key, both as PEM."""

    private_key_pem: bytes
    certificate_pem: bytes

    @classmethod
    def make(cls, name: str, now: datetime, days: int = 365) -> Self:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        return cls(
            private_key_pem=key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
            certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        )

    @property
    def x509(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate_pem)


@dataclass(frozen=True, kw_only=True)
class ClientSecret:
    """A password credential of an app."""

    value: str
    expires: datetime


@dataclass(kw_only=True)
class AppRegistration:
    """One app: what it may sign in with, and whether its home tenant has switched it off."""

    app_id: str
    name: str
    #: Which of a tenant's two consents is this app's.
    kind: Literal["read", "write"]
    certificates: list[AppCertificate] = field(default_factory=list)
    secrets: list[ClientSecret] = field(default_factory=list)
    enabled: bool = True

    @property
    def certificate(self) -> AppCertificate:
        """The one whose key the sandbox hands to the bot."""
        return self.certificates[0]


@dataclass(kw_only=True)
class Apps:
    """All registrations, and the mint whose tokens the Graph stand-in accepts."""

    read: AppRegistration
    write: AppRegistration
    mint: TokenMint

    def find(self, app_id: str) -> AppRegistration | None:
        wanted = app_id.lower()
        return next((app for app in (self.read, self.write) if app.app_id == wanted), None)


def make_apps(now: datetime) -> Apps:
    """Register both apps with a fresh certificate each; the read app also has a client secret."""
    read = AppRegistration(
        app_id=READ_APP_ID,
        name="Gatehouse (read)",
        kind="read",
        certificates=[AppCertificate.make("Gatehouse read", now)],
        secrets=[ClientSecret(value=READ_CLIENT_SECRET, expires=now + timedelta(days=180))],
    )
    write = AppRegistration(
        app_id=WRITE_APP_ID,
        name="Gatehouse (write)",
        kind="write",
        certificates=[AppCertificate.make("Gatehouse write", now)],
    )
    return Apps(read=read, write=write, mint=TokenMint())
